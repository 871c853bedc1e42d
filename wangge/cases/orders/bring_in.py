"""import orders: real messages wait in the real queue, with their origin and original number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from wangge.cases.actions import Reported, report
from wangge.cases.models import Case
from wangge.cases.orders.reading import BadRow, Order, Reading
from wangge.catalog.keywords import decide
from wangge.catalog.models import Sensitivity
from wangge.catalog.queries import channels
from wangge.kit.errors import DomainError
from wangge.kit.words import Text
from wangge.registry.masking import masked_text
from wangge.territory.locator import locate
from wangge.territory.scope import Actor

KINDS = {
    "咨询": "consultation", "建议": "suggestion", "表扬": "praise", "感谢": "praise", "求助": "help", "投诉": "complaint",
    "举报": "tip_off", "问题": "problem",
}  # fmt: skip
IMPORT_CHANNEL = "import"
SOURCE_OF = {"upstream": "upstream", "position": "upstream", "words": "address", "dispatcher": "dispatcher"}
OLDEST = timedelta(days=3650)


@dataclass
class BroughtIn:
    """What became of a file: read = new + known + bad."""

    read: int = 0
    new: int = 0
    known: int = 0
    bad: list[BadRow] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "read": self.read, "new": self.new, "known": self.known, "bad": len(self.bad),
            "bad_rows": [row.as_json() for row in self.bad], "cases": self.numbers,
        }  # fmt: skip


def origin_of(reading: Reading, system: str = "") -> str:
    """The identity under which a file's orders are known again: a named system, else the file's hash and id column."""
    return (system or f"file:{reading.sha256[:24]}:{reading.id_column}")[:120]


def known_numbers(origin: str) -> set[str]:
    """Original numbers of this origin that are registered already."""
    return set(Case.objects.filter(origin=origin).values_list("origin_number", flat=True))


def bring_in(
    reading: Reading, *, actor: Actor, system: str = "", progress: Callable[[int], None] = lambda n: None
) -> BroughtIn:
    """Report every order that is not known yet, each in its own transaction; bad ones never stop the rest."""
    origin = origin_of(reading, system)
    known = known_numbers(origin)
    result = BroughtIn(read=reading.n_read, bad=list(reading.bad))
    for n, order in enumerate(reading.orders, start=1):
        if order.number in known:
            result.known += 1
        else:
            register(order, origin, actor, result)
        progress(n)
    result.bad.sort(key=lambda row: row.row)
    return result


def register(order: Order, origin: str, actor: Actor, result: BroughtIn) -> None:
    """One order into the queue, or into the list of bad rows."""
    try:
        made = report_order(order, origin, actor, since=past(order.at, actor.now()))
    except DomainError as error:
        if error.code == "known":
            result.known += 1
        else:
            result.bad.append(BadRow(order.row, order.number, Text(error.zh, error.en)))
        return
    result.new += 1
    result.numbers.append(made.case.number)


def past(at: datetime | None, now: datetime) -> datetime | None:
    """When the order was received, if that can be: the clocks run from there."""
    return at if at is not None and now - OLDEST <= at <= now else None


def report_order(
    order: Order, origin: str, actor: Actor, *, since: datetime | None = None, place: tuple[float, float] | None = None,
    area: str = "", category: str | None = None, position_source: str = "upstream", files: Sequence[str] = (),
    is_drawing: bool = False, for_resident: bool = True,
) -> Reported:  # fmt: skip
    """Report an order: its own words, its place if it lies in the town, its category if keywords decide it."""
    lon, lat, datum = (place[0], place[1], "wgs84") if place else (order.lon, order.lat, order.datum)
    if lon is not None and lat is not None and place is None and not locate(lon, lat).is_found:
        lon = lat = None  # outside the town: kept in the address, placed by the desk
    if category is None:
        first = decide(order.text, title=order.title).decided
        category = first.code if first else ""
    return report(
        actor=actor, text=order.words, title=order.title, kind=KINDS.get(order.kind, "problem"),
        channel=channel_of(order), category=category, address=" ".join(part for part in (order.address, order.place) if part),
        lon=lon, lat=lat, datum=datum, position_source=SOURCE_OF[position_source] if lon is not None else "", area=area,
        name=order.name, phone=order.phone if order.phone.lstrip("+").isdigit() else "", origin=origin, origin_number=order.number,
        for_resident=for_resident, files=list(files), is_drawing=is_drawing, since=since,
    )  # fmt: skip


def channel_of(order: Order) -> str:
    """The channel that the row names by code or Chinese name; else "import"."""
    for row in channels():
        if order.channel and order.channel in (row.code, row.name_zh):
            return row.code
    return IMPORT_CHANNEL


def outcomes(origin: str, numbers: Iterable[str] = ()) -> list[dict[str, Any]]:
    """How the orders of an origin ended, keyed by the original number; for handing back.

    Restricted cases are in no file; numbers of people in the answers are hidden.
    """
    cases = (
        Case.objects.filter(origin=origin)
        .exclude(sensitivity=Sensitivity.RESTRICTED)
        .select_related("category", "lead_unit", "area")
        .order_by("origin_number")
    )
    if wanted := set(numbers):
        cases = cases.filter(origin_number__in=wanted)
    return [
        {
            "original_number": case.origin_number, "case_number": case.number, "state": case.state,
            "category": case.category.name_zh if case.category else "", "unit": case.lead_unit.name_zh if case.lead_unit else "",
            "area": case.area.name_zh if case.area else "", "reported_at": case.reported_at, "closed_at": case.closed_at,
            "close_type": case.close_type, "reply": masked_text(case.closing_note), "n_rework": case.n_rework,
        }
        for case in cases.iterator(chunk_size=2000)
    ]  # fmt: skip
