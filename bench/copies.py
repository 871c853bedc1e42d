"""What the copies say: texts, places, people and numbers of their own, drawn by seed; a chunk of copies at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from random import Random

from bench.codes import code_of
from bench.originals import CASE, REPORTER, Row
from bench.pieces import escaped
from bench.stamp import DAY, SHANGHAI_AHEAD, Template
from wangge.cases.actions.report import first_words
from wangge.cases.grams import grams_of
from wangge.demo.history import GIVEN, SURNAMES
from wangge.kit.crypto import KeyRing, salted_digest, token_digest
from wangge.kit.ids import ALPHABET, normal_code

TAILS = (
    "", "", "已经{n}天了。", "反映过{n}次,一直没人管。", "请尽快处理,谢谢。", "希望{n}天内给个答复。", "家里有老人孩子,很不方便。",
    "晚上{n}点以后更严重。", "附近{n}户都有意见。", "请派人到现场看看。", "拍了照片,可以联系我。", "上个月修过,又坏了。",
)  # fmt: skip
ODD = 0x2545F491  # times an odd number permutes the numbers of thirty bits
SIX_LETTERS = 30


@dataclass(frozen=True)
class Place:
    address: str
    lon: str
    lat: str


@dataclass(frozen=True)
class Supply:
    """What is drawn from: texts by category, houses by area and police grid; the keys that seal."""

    ring: KeyRing
    texts: Mapping[str | None, Sequence[tuple[str, str]]]
    places: Mapping[tuple[str | None, str | None], Sequence[Place]]
    seed: int


@dataclass(frozen=True)
class Copy:
    """Which template, how much later (microseconds; the dates by whole days), and its rows' first numbers by table."""

    template: int
    shift: int
    by_days: int
    first: Mapping[str, int]


def texts_of(templates: Sequence[Template]) -> dict[str | None, list[tuple[str, str]]]:
    """Text and address of every original, by category: the copies of a category exchange them."""
    found: dict[str | None, list[tuple[str, str]]] = defaultdict(list)
    for template in templates:
        for case in template.original.cases:
            found[case["category_id"]].append((str(case["text"]), str(case["address"])))
    return found


def stamped(copies: Sequence[Copy], templates: Sequence[Template], supply: Supply) -> dict[str, bytes]:
    """The rows of some copies by table, as COPY reads them."""
    found: dict[str, list[str]] = defaultdict(list)
    random = Random(f"{supply.seed}:{copies[0].first[CASE]}")
    for copy in copies:
        template = templates[copy.template]
        values = values_of(copy, template, supply, random)
        for name, pieces in template.rows.items():
            found[name] += [piece.filled(values) for piece in pieces]
    return {name: "".join(rows).encode() for name, rows in found.items()}


def values_of(copy: Copy, template: Template, supply: Supply, random: Random) -> list[str]:
    """What fills the template's holes in this copy."""
    values = [""] * template.n_slots
    template.fill_moments(values, copy.shift, copy.by_days)
    for at, table, n in template.id_slots:
        values[at] = str(copy.first[table] + n)
    cases = [case_values(copy, n, case, supply, random) for n, case in enumerate(template.original.cases)]
    for at, n, name in template.case_slots:
        values[at] = cases[n][name]
    reporters = [
        reporter_values(copy.first[REPORTER] + n, row, supply, random)
        for n, row in enumerate(template.original.rows[REPORTER])
    ]
    for at, n, name in template.reporter_slots:
        values[at] = reporters[n][name]
    template.fill_chain(values)
    return values


def case_values(copy: Copy, n: int, case: Row, supply: Supply, random: Random) -> dict[str, str]:
    case_id = copy.first[CASE] + n
    place = placed(case, supply, random)
    text, title = worded(case, place, supply, random)
    salt = random.randbytes(16)
    return {
        "number": f"{str(case['number'])[:9]}-{day_of(int(case['reported_at'] or 0) + copy.shift)}-{letters(case_id)}",
        "text": escaped(text), "title": escaped(title), "address": escaped(place.address), "text_salt": f"\\\\x{salt.hex()}",
        "text_digest": salted_digest(salt, text), "title_digest": salted_digest(salt, title),
        "address_digest": salted_digest(salt, place.address), "lon": place.lon, "lat": place.lat,
        "origin_number": f"M-{case_id}", "grams": grams(title, text, place.address),
    }  # fmt: skip


def grams(title: str, text: str, address: str) -> str:
    """As text search keeps them; they hold neither quotes nor backslashes that an array's text would need escaped."""
    return "{" + ",".join(f'"{gram}"' for gram in grams_of(title, text, address)) + "}"


def placed(case: Row, supply: Supply, random: Random) -> Place:
    """A house in the same area and police grid, if there is one."""
    houses = supply.places.get((case["area_id"], case["police_path"]))
    if houses and case["lon"] is not None:
        return random.choice(houses)
    return Place(str(case["address"]), case["lon"] or "", case["lat"] or "")


def worded(case: Row, place: Place, supply: Supply, random: Random) -> tuple[str, str]:
    """A text of the same category, about this place, and its title."""
    text, address = random.choice(supply.texts[case["category_id"]])
    if address and address in text:
        text = text.replace(address, place.address)
    text += random.choice(TAILS).format(n=random.randint(2, 30))
    return text, first_words(text)


def reporter_values(reporter_id: int, row: Row, supply: Supply, random: Random) -> dict[str, str]:
    """A person of its own; nothing is given that the original did not give."""
    salt = random.randbytes(16)
    found = {
        "salt": f"\\\\x{salt.hex()}", "code_digest": f"\\\\x{token_digest(normal_code(code_of(reporter_id))).hex()}",
        "name_digest": "", "phone_digest": "", "name_sealed": "\\N", "phone_sealed": "\\N", "phone_lookup": "\\N",
    }  # fmt: skip
    if row["name_sealed"] is not None:
        name = random.choice(SURNAMES) + random.choice(GIVEN)
        found |= {
            "name_sealed": f"\\\\x{supply.ring.seal(name, 'reporter.name').hex()}",
            "name_digest": salted_digest(salt, name),
        }
    if row["phone_sealed"] is not None:
        phone = f"1{random.choice('3578')}{random.randrange(10**9):09d}"
        found |= {
            "phone_sealed": f"\\\\x{supply.ring.seal(phone, 'reporter.phone').hex()}",
            "phone_lookup": f"\\\\x{supply.ring.lookup(phone, 'reporter.phone').hex()}",
            "phone_digest": salted_digest(salt, phone),
        }
    return found


def letters(case_id: int) -> str:
    """Six letters that no other case has."""
    mixed = case_id * ODD % (1 << SIX_LETTERS)
    return "".join(ALPHABET[mixed >> shift & 31] for shift in range(0, SIX_LETTERS, 5))


def day_of(moment: int) -> str:
    return day_written((moment + SHANGHAI_AHEAD) // DAY)


@cache
def day_written(days: int) -> str:
    return f"{datetime.fromtimestamp(days * 86_400, UTC):%Y%m%d}"


def first_numbers(template: Template, taken: dict[str, int]) -> dict[str, int]:
    """Number the rows of a copy after those of the copies before."""
    first = {name: taken[name] + 1 for name in template.n_rows}
    for name, n in template.n_rows.items():
        taken[name] += n
    return first
