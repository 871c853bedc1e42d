"""The walk: every person × every case × every door, asked from outside; what comes back is written down as letters."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.test import Client

from tests.cases.steps import photo
from tests.cast import MONDAY_MORNING, Town
from tests.scope.people import Knocker, add_people, knockers
from tests.scope.situations import IN_STATE, SITUATIONS, WORD
from wangge.cases.actions import Reported
from wangge.cases.actions.registry import ACTIONS
from wangge.cases.models import Case, Evidence, RevealRow
from wangge.cases.workflow import RULES, Verb
from wangge.files.models import StoredFile
from wangge.insight.fold import rebuild
from wangge.kit import relay
from wangge.territory.roles import Role
from wangge.wiring import LISTENERS

PHONE = "13812341234"
YEAR = "2026-01-01..2026-12-31"
HIDDEN, MASKED, CLEAR, REVEALED = "·", "m", "w", "R"
# cases that are looked at through every page; the others through the API, which asks the same functions
ON_PAGES = ("ordinary", "restricted", "about_worker")
BESIDE_PAGES = ("restricted", "about_worker")
WITH_FILE = ("ordinary", "restricted", "about_worker")
# the state in which a verb is tried
TRIED_IN = {
    Verb.UNDO: "reported", Verb.NOTE: "handling", Verb.ATTACH: "handling", Verb.URGE: "handling", Verb.INSTRUCT: "handling",
    Verb.CONTACT: "handling", Verb.ESCALATE: "handling", Verb.TRANSFER_OUT: "handling", Verb.CONSULT: "handling",
    Verb.SUPPLEMENT: "handling", Verb.WITHDRAW: "handling", Verb.ASSIST_DONE: "handling", Verb.ASK_HAND_BACK: "handling",
    Verb.CHECK_PASSED: "handled", Verb.CHECK_FAILED: "handled", Verb.CONTEST: "declined", Verb.DECIDE_CONTEST: "declined",
    Verb.RATE: "checked", Verb.SPLIT: "accepted", Verb.MERGE: "accepted", Verb.AGREE_HAND_BACK: "handling",
    Verb.REFUSE_HAND_BACK: "handling", Verb.ARCHIVE: "closed",
}  # fmt: skip


@dataclass
class Walk:
    """What was found."""

    knockers: list[Knocker]
    cells: dict[tuple[str, str], str] = field(default_factory=dict)  # (who, situation) → letter
    offered: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    disagreeing: list[str] = field(default_factory=list)  # doors that answer otherwise than the API
    lists: dict[str, dict[str, str]] = field(default_factory=dict)  # who → door → what
    verbs: dict[Verb, tuple[str, dict[str, list[str]]]] = field(
        default_factory=dict
    )  # verb → state, letter → who
    residents: list[tuple[str, str]] = field(default_factory=list)
    n_asked: int = 0


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is done inside leaves nothing behind."""
    with transaction.atomic():
        point = transaction.savepoint()
        yield
        transaction.savepoint_rollback(point)


def walked_cases(town: Town) -> Walk:
    """Who sees which case through every door; lists, counts, figures, searches, exports, messages; codes."""
    add_people(town)
    made = {one.key: one.make(town) for one in SITUATIONS}
    tell()
    rebuild()
    numbers = {key: one.case.number for key, one in made.items()}
    files = {key: attached(town, made[key]) for key in WITH_FILE}
    found = Walk(knockers(town))
    for who in found.knockers:
        listed = {line["number"] for line in listing(found, who)}
        look(found, who, numbers, files, listed)
        lists(found, who, {*numbers.values()}, listed)
    codes(found, made)
    return found


def walked_verbs(town: Town) -> Walk:
    """Who may do what on a case in a state from which it may be done."""
    add_people(town)
    in_state = {state: make(town) for state, make in IN_STATE.items()}
    found = Walk(knockers(town))
    hidden: dict[str, set[str]] = {}
    for verb in ACTIONS:
        try_verb(found, verb, in_state, hidden)
    by_code(found, in_state)
    return found


def tell() -> None:
    """Events reach the inboxes."""
    while not relay.deliver_batch(LISTENERS, now=MONDAY_MORNING + timedelta(hours=1)).is_last:
        pass


def attached(town: Town, made: Reported) -> str:
    key = photo(town.actor("county_dispatcher"))
    Evidence.objects.create(
        case=made.case, file=StoredFile.objects.get(key=key), seq=1, role="before", is_for_resident=True
    )
    StoredFile.objects.filter(key=key).update(attached_at=MONDAY_MORNING)
    return key


# --- one case through every door ----------------------------------------------------------------------------


def look(found: Walk, who: Knocker, numbers: dict[str, str], files: dict[str, str], listed: set[str]) -> None:
    for key, number in numbers.items():
        answer = asked(found, who.get(f"/api/cases/{number}"))
        seen = answer.status_code == 200
        letter = letter_of(answer.json()) if seen else HIDDEN
        found.cells[who.name, key] = letter
        if seen:
            offers = answer.json()["offers"]
            found.offered[who.name, key] = frozenset(one["verb"]["code"] for one in offers)
        agree(found, who, key, "API 列表 list", (number in listed) == seen)
        if not seen and key not in ON_PAGES:
            continue
        shown = reveal(found, who, number)
        agree(
            found,
            who,
            key,
            f"reveal {shown}",
            shown == (200 if letter == REVEALED else 403 if seen else refused(answer)),
        )
        if key in ON_PAGES:
            pages(found, who, key, number, seen=seen)
        if key in files:
            pictures(found, who, key, files[key], seen=seen)


def listing(found: Walk, who: Knocker) -> list[dict[str, Any]]:
    answer = asked(found, who.get("/api/cases", size=200))
    return answer.json()["items"] if answer.status_code == 200 else []


def asked(found: Walk, answer: Any) -> Any:
    found.n_asked += 1
    assert answer.status_code < 500, answer.content[:500]
    return answer


def agree(found: Walk, who: Knocker, key: str, door: str, is_same: bool) -> None:
    if not is_same:
        found.disagreeing.append(f"{who.name} · {key} · {door}")


def refused(answer: Any) -> int:
    """Strangers are not told more by one door than by the other."""
    return int(answer.status_code)


def letter_of(case: dict[str, Any]) -> str:
    assert PHONE not in case["title"]
    people = case["reporters"]
    assert all(PHONE not in one["phone"] and "三丰" not in one["name"] for one in people)
    if any(one["may_reveal"] for one in people):
        return REVEALED
    if case["text_is_masked"]:
        assert PHONE not in str(case)
        return MASKED
    return CLEAR


def reveal(found: Walk, who: Knocker, number: str) -> int:
    with taken_back():
        before = RevealRow.objects.count()
        answer = asked(found, who.post(f"/api/cases/{number}/reveal", {"purpose": "回访"}))
        if answer.status_code == 200:
            assert answer.json()["phone"] == PHONE
        assert RevealRow.objects.count() - before == (answer.status_code == 200)
        status = (
            403
            if answer.status_code == 404 and "没有可查看的" in answer.json()["error"]["zh"]
            else answer.status_code
        )
    return int(status)


def pages(found: Walk, who: Knocker, key: str, number: str, *, seen: bool) -> None:
    """The office's page, its printed sheet, the resident's view, the phone's page, proposals."""
    addresses = [f"/api/cases/{number}/proposals", f"/api/cases/{number}/suggestions"]
    if who.has_browser:
        addresses += [f"/office/cases/{number}/", f"/field/cases/{number}/"]
    if who.has_browser and key in BESIDE_PAGES:
        addresses += [f"/office/cases/{number}/{page}/" for page in ("sheet", "resident", "one-desk")]
    for address in addresses:
        with taken_back():
            send = who.client.post if address.endswith("one-desk/") else who.get
            answer = asked(found, send(address))
        if not seen or found.cells[who.name, key] == MASKED:
            assert PHONE not in answer.content.decode(), address
        opened = answer.status_code in (200, 422)
        agree(found, who, key, f"{address.replace(number, '…')} {answer.status_code}", opened == seen)


def pictures(found: Walk, who: Knocker, key: str, file: str, *, seen: bool) -> None:
    doors = [f"/api/files/{file}"] + (
        [f"/office/files/{file}/", f"/field/files/{file}/"] if who.has_browser else []
    )
    for address in doors:
        answer = asked(found, who.get(address))
        status = answer.status_code
        if answer.streaming:
            b"".join(answer.streaming_content)  # else the file stays open
        agree(found, who, key, f"{address.replace(file, '…')} {status}", (status == 200) == seen)


# --- lists, counts, figures, searches, exports, messages ------------------------------------------------------


def lists(found: Walk, who: Knocker, everything: set[str], seen: set[str]) -> None:
    row = found.lists[who.name] = {"list": str(len(seen & everything)) if seen else "0"}
    answer = asked(found, who.get("/api/waiting"))
    row["waiting"] = str(answer.json()["n"]) if answer.status_code == 200 else str(answer.status_code)
    row["figures"] = figures(found, who)
    if not who.has_browser:
        return
    row["field"], row["admin"] = (
        str(asked(found, who.get(path)).status_code) for path in ("/field/", "/admin/")
    )
    row["search"] = counted(found, who, "/office/cases/", seen, everything, q=WORD)
    row["export"] = exported(found, who, seen)
    row["by phone"] = by_phone(found, who, seen, everything)
    row["inbox"] = inbox(found, who, seen)


def figures(found: Walk, who: Knocker) -> str:
    """Open cases now and cases received in a year, by program; the page says the same."""
    told: dict[str, set[int]] = {"open": set(), "received": set()}
    answer = asked(found, who.get("/api/figures/open", by="area"))
    if answer.status_code != 200:
        return str(answer.status_code)
    told["open"].add(answer.json()["open"])
    answer = asked(found, who.get("/api/figures/period", by="category", period=YEAR)).json()
    told["received"].add(sum(row["counts"]["reported"] for row in answer["items"]))
    if who.has_browser:
        answer = asked(found, who.get("/office/figures/", period=YEAR))
        if answer.status_code == 200:
            for name, words in (("open", "在办"), ("received", "收到")):
                shown = re.search(rf"<b>(\d+)</b>(?:</a>)?\s*{words}", answer.content.decode())
                told[name].add(int(shown[1]) if shown else -1)
    for name, numbers in told.items():
        agree(found, who, "figures", f"{name} {sorted(numbers)}", len(numbers) == 1)
    return " / ".join(str(min(numbers)) for numbers in told.values())


def counted(found: Walk, who: Knocker, path: str, seen: set[str], everything: set[str], **query: str) -> str:
    answer = asked(found, who.get(path, **query))
    if answer.status_code != 200:
        return str(answer.status_code)
    shown = {number for number in everything if number in answer.content.decode()}
    agree(found, who, path, "搜索 search", shown <= seen)
    return str(len(shown))


def exported(found: Walk, who: Knocker, seen: set[str]) -> str:
    with taken_back():
        answer = asked(found, who.get("/office/cases/export.csv"))
        if answer.status_code != 200:
            return str(answer.status_code)
        body = b"".join(answer) if answer.streaming else answer.content
    text = body.decode("utf-8-sig")
    assert PHONE not in text
    numbers = {cell for row in csv.reader(io.StringIO(text)) for cell in row[:1]}
    restricted = set(Case.objects.filter(sensitivity="restricted").values_list("number", flat=True))
    agree(found, who, "export", "restricted", not numbers & restricted)
    agree(
        found, who, "export", "unseen", not {n for n in numbers if re.fullmatch(r"\d+-\d{8}-\w{6}", n)} - seen
    )
    return str(len(numbers & seen))


def by_phone(found: Walk, who: Knocker, seen: set[str], everything: set[str]) -> str:
    with taken_back():
        answer = asked(found, who.client.post("/office/cases/by-phone/", {"phone": PHONE}))
    if answer.status_code != 200:
        return str(answer.status_code)
    text = answer.content.decode()
    assert PHONE not in text
    shown = {number for number in everything if number in text}
    agree(found, who, "by phone", "unseen", shown <= seen)
    return str(len(shown))


def inbox(found: Walk, who: Knocker, seen: set[str]) -> str:
    answer = asked(found, who.get("/inbox/"))
    if answer.status_code != 200:
        return str(answer.status_code)
    text = answer.content.decode()
    assert PHONE not in text
    assert "打孩子" not in text
    told = set(re.findall(r"\d{9,15}-\d{8}-[0-9A-Z]{6}", text))
    for number in sorted(told - seen):
        case = Case.objects.get(number=number)
        agree(found, who, "inbox", f"{case.sensitivity} {case.state}", False)
    return str(len(told))


# --- verbs ----------------------------------------------------------------------------------------------------


def try_verb(found: Walk, verb: Verb, in_state: dict[str, Reported], hidden: dict[str, set[str]]) -> None:
    """Everybody asks for the verb on a case in a state from which it may be done; with the least that must be given.

    From whom the case is hidden at its first verb (404 or 401), it is for all others: one function looks for it.
    """
    origin = RULES[verb].origin
    state = TRIED_IN.get(verb) or next(name for name in IN_STATE if name in origin)
    number = in_state[state].case.number
    letters: dict[str, list[str]] = {}
    unseen, body = hidden.get(state), least(verb, in_state)
    for who in found.knockers:
        if unseen and who.name in unseen:
            continue
        with taken_back():
            verdict = verdict_of(asked(found, who.post(f"/api/cases/{number}/{verb.value}", body)))
        letters.setdefault(verdict, []).append(who.name)
    hidden.setdefault(state, set(letters.get("hidden", ())))
    letters["hidden"] = sorted(hidden[state])
    found.verbs[verb] = (state, letters)


def least(verb: Verb, in_state: dict[str, Reported]) -> dict[str, Any]:
    """Something of the right shape in every field that must be given, so that the verb itself answers."""
    body: dict[str, Any] = {}
    for one in ACTIONS[verb].fields:
        if one.is_required:
            first = one.given.choices[0][0] if one.given.choices else SHAPES.get(one.given.widget, "x")
            body[one.name] = [first] if one.is_list else first
    if verb is Verb.MERGE:
        body["parent"] = in_state["handling"].case.number
    return body


SHAPES: dict[str, Any] = {"number": 1, "day": "2026-11-30", "yes_no": True}


def verdict_of(answer: Any) -> str:
    if answer.status_code in (401, 404):
        return "hidden"
    if answer.status_code < 300 or answer.status_code == 422:
        return "may"
    code = answer.json()["error"]["code"]
    if answer.status_code == 403:
        return "no post" if code == "role" else "may"
    if code == "state":
        return "state"
    return "not lead" if code == "not_lead_unit" else "may"


# --- residents --------------------------------------------------------------------------------------------------


WRONG = "ABCD-EFGH-JKMNPQ"


def codes(found: Walk, made: dict[str, Reported]) -> None:
    """A resident's own report, with the right code, with a wrong one, and somebody else's files."""
    client, say = Client(raise_request_exception=False), found.residents.append
    own, other = made["ordinary"], made["restricted"]
    named = (
        ("本人的查询码 own code", own.code), ("限定案件本人的查询码 own code, restricted", other.code),
        ("错误的查询码 wrong code", WRONG),
    )  # fmt: skip
    for text, code in named:
        for door in ("/api/follow/{code}", "/follow/{code}/"):
            say((f"{text}: GET {door}", str(asked(found, client.get(door.format(code=code))).status_code)))
    for text, case in (
        ("本人案件的照片 own photo", own.case),
        ("别人案件的照片 another's photo", other.case),
    ):
        key = Evidence.objects.filter(case=case).values_list("file__key", flat=True)[0]
        for door in ("/api/follow/{code}/files/{key}", "/follow/{code}/photo/{key}/"):
            answer = asked(found, client.get(door.format(code=own.code, key=key)))
            if answer.streaming:
                b"".join(answer.streaming_content)
            say((f"{text}: GET {door}", str(answer.status_code)))
    clerk = next(one for one in found.knockers if one.name == "intake_clerk")
    answer = asked(found, clerk.get(f"/api/follow/{WRONG}"))
    say(("职员登录后用错误的查询码 staff with a wrong code: GET /api/follow/{code}", str(answer.status_code)))


def by_code(found: Walk, in_state: dict[str, Reported]) -> None:
    """Each verb of residents: with the code of the case, with a wrong one, and by the case's number."""
    client, say = Client(raise_request_exception=False), found.residents.append
    for verb in (v for v, rule in RULES.items() if Role.RESIDENT in rule.roles and v in ACTIONS):
        own, name = in_state[TRIED_IN.get(verb, "closed")], f"{verb.value} {RULES[verb].name.zh}"
        for text, code in (("本人的查询码 own code", own.code), ("错误的查询码 wrong code", WRONG)):
            with taken_back():
                address = f"/api/follow/{code}/{verb.value}"
                answer = asked(
                    found, client.post(address, least(verb, in_state), content_type="application/json")
                )
            is_open = answer.status_code not in (404, 405) and verdict_of(answer) == "may"
            say((f"{name}: {text}", "可以 may" if is_open else str(answer.status_code)))
        with taken_back():
            address = f"/api/cases/{own.case.number}/{verb.value}"
            answer = asked(found, client.post(address, {}, content_type="application/json"))
        say((f"{name}: 只凭案件编号 by number, without a code", str(answer.status_code)))
