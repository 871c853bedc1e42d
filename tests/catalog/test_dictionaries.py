"""The shipped dictionaries, the glossary and the examples, as files: no database, no application."""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "wangge/catalog/data"
EXAMPLES = ROOT / "examples"
Row = dict[str, str]


def words_of(text: str) -> list[str]:
    return text.split()


COLUMNS = {
    "unit_kinds": "code name_zh name_en",
    "case_kinds": "code name_zh name_en",
    "channels": "code name_zh name_en keeps_upstream_number",
    "categories": "code parent_code name_zh name_en source default_tier may_self_close closing_standard_zh "
    "closing_standard_en needs_photo_after urgency sensitivity lead_kind assist_kinds legal_basis must_attend "
    "case_kind",
    "asset_kinds": "class_code subclass_code name_zh name_en class_zh owner_kind maintainer_kind source",
    "responsibility": "category_code lead_kind assist_kinds level legal_basis kind note source",
    "policies": "name_zh name_en place source category_code channel accept_hours first_contact_hours "
    "arrive_hours handle_hours check_hours follow_up_hours unit_take_hours unit_handle_hours original_zh",
    "grounds": "kind code name_zh name_en needs clock resident_text_zh resident_text_en source",
    "close_types": "code name_zh name_en needs_zh needs_en is_solved source",
    "reasons": "code name_zh name_en leads_to note_zh note_en",
    "knowledge": "code category_code name_zh name_en question_zh answer_zh answer_en basis owner_kind "
    "expires_on source",
    "keywords": "word category_code weight lang",
}
KEYS = {
    "asset_kinds": ("class_code", "subclass_code"),
    "responsibility": ("category_code", "level"),
    "policies": ("name_zh", "category_code", "channel"),
    "grounds": ("kind", "code"),
    "keywords": ("word", "category_code"),
}
CITY_CLASSES = {"01": 19, "02": 5, "03": 6, "04": 10, "05": 14, "21": 16}
ROOTS = {
    "CM": "城市管理",
    "DP": "矛盾纠纷",
    "PS": "治安平安",
    "HZ": "安全隐患",
    "LV": "民生服务",
    "EN": "生态环境",
    "PH": "公共卫生与突发",
    "PC": "政策咨询建议",
}
# the terms, verbs and states that the glossary must hold
TERMS = words_of("""
city county street zone community grid dedicated_grid micro_grid sub_grid cell police_grid forest sea
integrated_governance_centre governance_centre command_centre community_station neighbourhood_station
grid_head grid_worker part_time_worker grid_adviser information_officer assistant inspector
security_householder building_head three_heads volunteer
case report accept triage docket decline dispatch take claim hand_back transfer_out settle agree designate
handle report_result verify check follow_up close rework reopen
urge supervise escalate extend park void merge split consult
blow_whistle respond arrive roll_call mutual_rating duty_whistle assembly_call stand_down
tier in_grid in_group report_up visit patrol survey assisted_service must_visit must_know must_attend
dispute mediation hazard city_asset household person dwelling building enterprise venue new_resident care_tag
public_report hotline_order one_form comparison map screen
appraisal stars points academy service_order
deadline light handling_rate on_time_rate closure_rate rework_rate satisfaction_rate
answer ask_verification self_close contact propose_decline recall assign ask_hand_back agree_hand_back
refuse_hand_back ask_extension grant_extension refuse_extension ask_park refuse_park unpark check_passed
check_failed rate ask_exception grant_exception refuse_exception withdraw contest supplement unmerge
emergency_start undo instruct note attach archive assist_done report_seen decide_contest
""")
STATES = words_of("""
reported verifying accepted docketed dispatched handling settling handled checked parked closed transferred
declined void merged archived
""")


def read(name: str) -> list[Row]:
    with open(DATA / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def several(cell: str) -> list[str]:
    return [part for part in cell.split(";") if part]


@pytest.fixture(scope="module")
def categories() -> dict[str, Row]:
    return {row["code"]: row for row in read("categories")}


@pytest.fixture(scope="module")
def leaves(categories: dict[str, Row]) -> dict[str, Row]:
    parents = {row["parent_code"] for row in categories.values()}
    return {code: row for code, row in categories.items() if code not in parents}


@pytest.fixture(scope="module")
def unit_kinds() -> set[str]:
    return {row["code"] for row in read("unit_kinds")}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_the_agreed_ones_and_every_row_fills_them(name: str) -> None:
    rows = read(name)
    assert rows
    assert list(rows[0]) == COLUMNS[name].split()
    for row in rows:
        assert None not in row, f"too many columns: {row}"
        assert None not in row.values(), f"too few columns: {row}"
        assert all(cell == cell.strip() for cell in row.values()), row


@pytest.mark.parametrize("name", COLUMNS)
def test_keys_are_unique(name: str) -> None:
    count = Counter(tuple(row[key] for key in KEYS.get(name, ("code",))) for row in read(name))
    assert not [key for key, n in count.items() if n > 1]


@pytest.mark.parametrize("name", sorted({path.stem for path in DATA.glob("*.csv")}))
def test_no_file_is_unknown_and_none_is_badly_encoded(name: str) -> None:
    assert name in COLUMNS
    raw = (DATA / f"{name}.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert "\ufffd" not in raw.decode("utf-8")


# --- categories ------------------------------------------------------------------------------------------


def test_the_tree_hangs_together(categories: dict[str, Row]) -> None:
    for row in categories.values():
        assert not row["parent_code"] or row["parent_code"] in categories, row["code"]
        steps, code = 0, row["code"]
        while categories[code]["parent_code"]:
            code, steps = categories[code]["parent_code"], steps + 1
            assert steps < 5
    roots = {code: row["name_zh"] for code, row in categories.items() if not row["parent_code"]}
    assert roots == ROOTS


def test_every_root_has_enough_leaves(categories: dict[str, Row], leaves: dict[str, Row]) -> None:
    count: Counter[str] = Counter()
    for code in leaves:
        while categories[code]["parent_code"]:
            code = categories[code]["parent_code"]
        count[code] += 1
    assert min(count[root] for root in ROOTS) >= 6


def test_city_events_are_two_and_two_digits(categories: dict[str, Row], leaves: dict[str, Row]) -> None:
    count: Counter[str] = Counter()
    for code, row in leaves.items():
        if row["parent_code"] in CITY_CLASSES:
            assert re.fullmatch(r"\d{4}", code)
            assert code[:2] == row["parent_code"]
            count[code[:2]] += 1
    assert count == CITY_CLASSES
    assert {code for code, row in categories.items() if row["parent_code"] == "CM"} == set(CITY_CLASSES)
    assert categories["0102"]["name_zh"] == "暴露垃圾"
    assert categories["0510"]["name_zh"] == "露天烧烤"


def test_category_values_are_known(categories: dict[str, Row], unit_kinds: set[str]) -> None:
    kinds = {row["code"] for row in read("case_kinds")}
    for code, row in categories.items():
        assert row["default_tier"] in {"in_grid", "in_group", "report_up"}, code
        assert row["urgency"] in {"ordinary", "urgent", "critical"}, code
        assert row["sensitivity"] in {"ordinary", "internal", "restricted"}, code
        assert {row[flag] for flag in ("may_self_close", "needs_photo_after", "must_attend")} <= {"0", "1"}, (
            code
        )
        assert row["case_kind"] in kinds, code
        assert {row["lead_kind"], *several(row["assist_kinds"])} <= unit_kinds, code
        assert row["lead_kind"] not in several(row["assist_kinds"]), code
        assert row["name_zh"], code
        assert row["name_en"], code
        assert row["source"], code


def test_leaves_say_when_they_may_be_closed(leaves: dict[str, Row]) -> None:
    for code, row in leaves.items():
        assert row["closing_standard_zh"], code
        assert row["closing_standard_en"], code
        if row["may_self_close"] == "1":
            assert row["default_tier"] != "report_up", code
            assert row["sensitivity"] == "ordinary", code


def test_what_must_be_restricted_is(categories: dict[str, Row]) -> None:
    domestic_violence, minors, suicide, infection, officials = "PS06", "PS07", "PS15", "PH03", "PC17"
    tip_offs = ("PS01", "PS05", "PS16")
    for code in (domestic_violence, minors, suicide, infection, officials, *tip_offs, "DP13"):
        assert categories[code]["sensitivity"] == "restricted", code


# --- the other dictionaries ------------------------------------------------------------------------------


def test_there_are_78_kinds_of_city_assets(unit_kinds: set[str]) -> None:
    rows = read("asset_kinds")
    assert len(rows) == 78
    classes = Counter(row["class_code"] for row in rows)
    assert classes == {"01": 34, "02": 19, "03": 14, "04": 8, "05": 3}
    assert len({(row["class_code"], row["class_zh"]) for row in rows}) == 5
    for row in rows:
        assert re.fullmatch(r"\d{2}", row["class_code"])
        assert re.fullmatch(r"\d{2}", row["subclass_code"])
        assert row["source"] == "示例字典, 非国标原文"
        assert {row["owner_kind"], row["maintainer_kind"]} <= unit_kinds


def test_each_leaf_has_exactly_one_leading_line(leaves: dict[str, Row], unit_kinds: set[str]) -> None:
    leading: Counter[str] = Counter()
    for row in read("responsibility"):
        assert row["category_code"] in leaves
        assert row["level"] in {"community", "street", "county"}
        assert row["kind"] in {"basic", "cooperative", "taken_back"}
        assert {row["lead_kind"], *several(row["assist_kinds"])} <= unit_kinds, row
        assert row["kind"] != "taken_back" or row["level"] == "county"
        leading[row["category_code"]] += row["kind"] != "cooperative"
    assert leading == dict.fromkeys(leaves, 1)


def test_policies_are_complete_and_possible(leaves: dict[str, Row]) -> None:
    channels = {row["code"] for row in read("channels")}
    defaults: Counter[str] = Counter()
    for row in read("policies"):
        assert not row["category_code"] or row["category_code"] in leaves
        assert not row["channel"] or row["channel"] in channels
        hours = {key: float(cell) for key, cell in row.items() if key.endswith("_hours") and cell}
        assert all(value > 0 for value in hours.values()), row
        assert hours["unit_handle_hours"] <= hours["handle_hours"], row
        assert bool(row["place"]) <= bool(row["original_zh"]), row
        for days in re.findall(r"^[^0-9]*(\d+)个工作日[^0-9;]*$", row["original_zh"]):
            assert float(days) * 24 in hours.values(), row
        defaults[row["name_zh"]] += not row["category_code"] and not row["channel"]
    assert set(defaults.values()) == {1}
    assert "72小时" in defaults


def test_grounds_tell_clock_and_resident() -> None:
    kinds = defaultdict(set)
    for row in read("grounds"):
        kinds[row["kind"]].add(row["code"])
        assert row["clock"] in {"runs", "stops"}
        assert row["needs"]
        assert bool(row["resident_text_zh"]) == bool(row["resident_text_en"])
        blanks = re.findall(r"\{(\w+)\}", row["resident_text_zh"])
        assert sorted(blanks) == sorted(re.findall(r"\{(\w+)\}", row["resident_text_en"])) or blanks, row
        assert row["kind"] not in {"hand_back", "extension"} or row["clock"] == "runs"
    assert {"decline", "park", "exception", "transfer", "void", "hand_back", "extension"} <= set(kinds)
    assert {"plan", "budget", "legislation", "litigation", "season"} <= kinds["park"]


def test_reasons_lead_where_the_workflow_says() -> None:
    leads_to = {row["code"]: row["leads_to"] for row in read("reasons")}
    assert leads_to == {
        "untouched": "rework",
        "incomplete": "rework",
        "came_back": "rework",
        "policy": "explain",
        "manners": "service_complaint",
    }


def test_knowledge_has_basis_owner_and_a_last_day(leaves: dict[str, Row], unit_kinds: set[str]) -> None:
    rows = read("knowledge")
    assert len(rows) >= 25
    for row in rows:
        assert row["category_code"] in leaves
        assert row["owner_kind"] in unit_kinds
        assert date.fromisoformat(row["expires_on"]) > date(2026, 11, 21)
        assert all(row.values()), row["code"]


# --- keywords --------------------------------------------------------------------------------------------


def best(words: list[Row], title: str, text: str) -> list[tuple[str, float]]:
    """Score as data/README.md says, said a second time and slowly, for the check of the words themselves."""
    title, text = title.lower(), text.lower()
    score: dict[str, float] = defaultdict(float)
    for row in words:
        pattern = re.escape(row["word"])
        if re.search("[a-z0-9]", row["word"][0] + row["word"][-1]):
            pattern = rf"(?<![a-z0-9]){pattern}(?![a-z0-9])"
        if row["word"] in title and re.search(pattern, title):
            score[row["category_code"]] += 2 * float(row["weight"])
        elif row["word"] in text and re.search(pattern, text):
            score[row["category_code"]] += float(row["weight"])
    return sorted(score.items(), key=lambda item: (-item[1], item[0]))


def is_clear(ranked: list[tuple[str, float]]) -> bool:
    return bool(ranked) and ranked[0][1] >= 4 and (len(ranked) == 1 or ranked[0][1] >= 1.2 * ranked[1][1])


def test_keywords_are_words_for_leaves(leaves: dict[str, Row]) -> None:
    for row in read("keywords"):
        assert row["category_code"] in leaves, row
        assert row["lang"] in {"zh", "en"}
        assert 1 <= float(row["weight"]) <= 24
        assert row["word"] == row["word"].lower()
        assert len(row["word"]) <= (10 if row["lang"] == "zh" else 40), "words, no sentences"
        assert not re.search(r"[,。,!?!?]", row["word"]), row


def test_every_leaf_but_the_rests_has_words(leaves: dict[str, Row]) -> None:
    spoken = {row["category_code"] for row in read("keywords")}
    assert not [code for code in leaves if code not in spoken and not code.endswith("99")]


def test_words_decide_most_of_the_examples(capsys: pytest.CaptureFixture[str]) -> None:
    words, messages = read("keywords"), {row["message_id"]: row for row in example_rows()}
    with open(Path(__file__).with_name("expected_categories.csv"), encoding="utf-8", newline="") as file:
        expected = {row["message_id"]: several(row["category_codes"]) for row in csv.DictReader(file)}
    ranked = {key: best(words, row["subject"], row["body"]) for key, row in messages.items()}
    n_hit = sum(bool(found) for found in ranked.values())
    clear = {key: found for key, found in ranked.items() if is_clear(found)}
    n_right = sum(found[0][0] in expected.get(key, []) for key, found in clear.items())
    n_five = sum(bool({code for code, _ in ranked[key][:5]} & set(right)) for key, right in expected.items())
    with capsys.disabled():
        sys.stdout.write(
            f"\nkeywords on {len(messages)} examples: hit {n_hit / len(messages):.1%}, clear first "
            f"{len(clear) / len(messages):.1%}, right of the clear {n_right / len(clear):.1%}, "
            f"among five {n_five / len(expected):.1%}\n"
        )
    assert n_hit / len(messages) > 0.95
    assert len(clear) / len(messages) > 0.80
    assert n_right / len(clear) > 0.80
    assert n_five / len(expected) > 0.90


@pytest.mark.parametrize(
    ("title", "text", "code"),
    [
        ("煤气味", "楼道里一股煤气味", "PH13"),
        ("独居老人敲门没人应", "两天没看见人了", "PH17"),
        ("他又打我", "家暴,孩子也在", "PS06"),
        ("暖气不热", "室温只有15度", "LV14"),
        ("井盖没了", "一个黑窟窿", "2101"),
        ("欠薪", "包工头跑了,工钱没给", "DP06"),
        ("Street Light Out", "", "2102"),
        ("Rodent", "Rat Sighting", "PH04"),
        ("HEAT/HOT WATER", "ENTIRE BUILDING", "LV14"),
        ("Graffiti", "", "0201"),
        ("Pothole", "", "0110"),
        ("Dead animal", "on the road", "0117"),
        ("Illegal Parking", "", "0505"),
    ],
)
def test_plain_cases_are_plain(title: str, text: str, code: str) -> None:
    ranked = best(read("keywords"), title, text)
    assert ranked[0][0] == code
    assert is_clear(ranked)


# --- glossary --------------------------------------------------------------------------------------------


def glossary(head: str) -> list[list[str]]:
    rows, inside = [], False
    for line in (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        inside = bool(cells) and (inside or cells[0] == head)
        if inside and cells[0] != head and not set(cells[0]) <= set("-"):
            rows.append(cells)
    return rows


def test_glossary_holds_every_term_and_verb_once() -> None:
    rows = glossary("中文")
    codes = Counter(cells[1].strip("`") for cells in rows)
    assert not set(TERMS) - set(codes)
    assert max(codes.values()) == 1
    assert all(len(cells) == 4 and all(cells) for cells in rows)
    assert all(cells[3].endswith(".") for cells in rows), "a sentence"


def test_glossary_holds_every_state() -> None:
    assert [cells[1].strip("`") for cells in glossary("状态")] == STATES


# --- examples --------------------------------------------------------------------------------------------


def example_rows(name: str = "messages.csv", encoding: str = "utf-8") -> list[Row]:
    with open(EXAMPLES / name, encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_there_are_300_messages_over_sixty_days() -> None:
    rows = example_rows()
    assert len({row["message_id"] for row in rows}) == len(rows) == 300
    assert list(rows[0]) == words_of("message_id user subject reported_at body address lon lat")
    moments = [datetime.fromisoformat(row["reported_at"]) for row in rows]
    assert all(moment.utcoffset() for moment in moments)
    assert moments == sorted(moments)
    assert (min(moments).date(), max(moments).date()) == (date(2026, 9, 22), date(2026, 11, 20))
    lengths = [len(row["body"]) for row in rows]
    assert min(lengths) >= 10
    assert 500 < max(lengths) <= 600
    assert len({row["body"] for row in rows}) == 300
    assert not [row for row in rows if row["subject"][:1] in "=+-@"]


def test_positions_of_the_examples_lie_in_the_invented_town() -> None:
    rows = example_rows()
    placed = [row for row in rows if row["lon"]]
    assert 100 < len(placed) < 250
    assert any(not row["lon"] and not row["address"] for row in rows)
    for row in placed:
        assert abs(float(row["lon"]) - 120.19) < 0.03
        assert abs(float(row["lat"]) - 35.97) < 0.03


def test_the_gb18030_file_says_the_same() -> None:
    rows, known = (
        example_rows("messages_gb18030.csv", "gb18030"),
        {row["message_id"]: row for row in example_rows()},
    )
    assert len(rows) == 40
    assert all(row == known[row["message_id"]] for row in rows)
    with pytest.raises(UnicodeDecodeError):
        (EXAMPLES / "messages_gb18030.csv").read_text(encoding="utf-8")


def test_the_bad_file_is_as_bad_as_it_says() -> None:
    raw = (EXAMPLES / "bad.csv").read_bytes()
    for encoding in ("utf-8", "gb18030"):
        with pytest.raises(UnicodeDecodeError):
            raw.decode(encoding)
    assert b"\x00" in raw
    assert raw.count(b"\nB008,") == 2
    assert b"\n,,,,,,,\n\n" in raw
    assert b"=cmd" in raw
    assert max(map(len, raw.split(b"\n"))) > 100_000
    assert raw.count(b'"') % 2 == 1
    told = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for number in range(1, 18):
        assert f"B{number:03d}".encode() in raw
        assert f"`B{number:03d}`" in told


def test_nobody_can_be_rung_up_from_an_example() -> None:
    for path in EXAMPLES.glob("*.csv"):
        assert not re.search(rb"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx]", path.read_bytes()), path.name
