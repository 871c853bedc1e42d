"""上报: the one way in for every channel. One SQL statement writes the case with everything that belongs to it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.db import connection, transaction

from wangge.cases import clocks
from wangge.cases.actions.fields import KINDS, URGENCIES, Files, IsDrawing
from wangge.cases.birth import Birth, write
from wangge.cases.chain import link, moved
from wangge.cases.clocks import Budget
from wangge.cases.danger import restricted_category
from wangge.cases.given import Given
from wangge.cases.grams import grams_of
from wangge.cases.lookups import area_named, category_named
from wangge.cases.models import Case, CaseClock, Evidence, Reporter, Stage
from wangge.cases.move import keys
from wangge.cases.recusal import SENSITIVITY_ORDER, take_on
from wangge.cases.workflow import State, Verb
from wangge.catalog.models import CaseKind, Category, Sensitivity
from wangge.catalog.queries import channel as known_channel
from wangge.catalog.queries import current_policy, policy_row
from wangge.files.actions import attachable, mark_attached
from wangge.kit.clock import REAL_CLOCK, SHANGHAI
from wangge.kit.crypto import salted_digest, token_digest
from wangge.kit.db import fresh
from wangge.kit.errors import Forbidden, Invalid
from wangge.kit.ids import case_number, normal_code, resident_code
from wangge.kit.words import Text
from wangge.territory.locator import area_by_id, home_area, locate
from wangge.territory.models import Area
from wangge.territory.position import Position
from wangge.territory.roles import Role
from wangge.territory.scope import Actor, Grant
from wangge.territory.staff import users_over

LONGEST_TEXT = 10_000
TITLE_LENGTH = 30
MARKED_SECRET = re.compile(r"(绝密|机密|秘密)\s*★")
CLOCK_SKEW = timedelta(minutes=5)
# a tip-off never reaches the one reported: it is for named persons from its first moment
SENSITIVE_KINDS = {CaseKind.TIP_OFF: Sensitivity.RESTRICTED}
NAMED_BY_OFFICE = (Role.SHIFT_LEADER, Role.COUNTY_DISPATCHER)
DATUMS = "wgs84 gcj02 bd09 cgcs2000"


@dataclass(frozen=True)
class Reported:
    """The new case and the code by which its reporter follows it (empty when nobody is behind the report)."""

    case: Case
    code: str = ""


@dataclass(frozen=True)
class Place:
    """Where a case is: the finest area, its paths, the position with its original."""

    area: Area | None
    path: str
    police_path: str = ""
    position: Position | None = None


def report(
    *,
    actor: Actor,
    text: Annotated[str, Given("情况描述", "What is the matter", "words", max_length=LONGEST_TEXT)] = "",
    kind: Annotated[str, Given("诉求类型", "Kind", "choice", KINDS)] = "problem",
    channel: Annotated[str, Given("来源渠道", "Channel", "line", max_length=40)] = "public_report",
    title: Annotated[str, Given("标题", "Title", max_length=100)] = "",
    category: Annotated[str, Given("类别", "Category", "category")] = "",
    urgency: Annotated[str, Given("紧急程度", "Urgency", "choice", URGENCIES)] = "",
    address: Annotated[str, Given("地址", "Address", max_length=200)] = "",
    area: Annotated[str, Given("所在区域", "Area", "area")] = "",
    lon: Annotated[float | None, Given("经度", "Longitude", "number")] = None,
    lat: Annotated[float | None, Given("纬度", "Latitude", "number")] = None,
    datum: Annotated[str, Given("坐标系", "Datum", "line", help=Text(DATUMS, DATUMS))] = "wgs84",
    accuracy_m: Annotated[float | None, Given("定位精度(米)", "Accuracy in metres", "number")] = None,
    position_source: Annotated[str, Given("定位方式", "Source of the position")] = "",
    name: Annotated[str, Given("诉求人姓名", "Reporter's name", max_length=60, is_private=True)] = "",
    phone: Annotated[str, Given("诉求人电话", "Reporter's phone", max_length=40, is_private=True)] = "",
    is_anonymous: Annotated[bool, Given("匿名", "Anonymous", "yes_no")] = False,
    may_show_to_grid: Annotated[
        bool, Given("可告知网格员", "May be shown to the grid worker", "yes_no")
    ] = False,
    files: Files = [],  # noqa: B006
    is_drawing: IsDrawing = False,
    language: Annotated[str, Given("语言", "Language")] = "zh-hans",
    origin: Annotated[str, Given("来源系统", "Outside system", max_length=120)] = "",
    origin_number: Annotated[str, Given("原编号", "Original number", max_length=80)] = "",
    for_resident: bool = False,
    since: datetime | None = None,
    part_of: Case | None = None,
    follows: Case | None = None,
) -> Reported:
    """上报: anyone, any channel, also on behalf of a resident (who keeps the veto).

    Position (``lon``, ``lat`` in ``datum``) or address must be given, except for imported messages (``origin``) and
    parts of a split case. ``since``: an earlier moment from which the clocks run (imported orders). Raises Invalid.
    """
    words = checked_words(text, files)
    at = actor.now()
    place = place_of(lon, lat, datum, accuracy_m, position_source, area, actor)
    if place.position is None and not address.strip() and not area and not origin and part_of is None:
        raise Invalid(
            "address", "请告诉我们在哪里:定位、选点或写地址。", "Tell us where: position, map or address."
        )
    found = category_named(category) if category else restricted_category(words)
    parent = part_of or follows
    case = fresh(
        Case, number=case_number(place_code(place), at.astimezone(SHANGHAI).date()), state=State.REPORTED, kind=chosen(kind),
        channel=checked_channel(channel), origin=origin, origin_number=origin_number,
        title=(title.strip() or first_words(words))[:100], text=words, text_salt=os.urandom(16), address=address.strip()[:200],
        submitter_id=actor.user_id, policy_version_id=current_policy().pk, reported_at=reported_at(since, at),
        changed_at=REAL_CLOCK.now(), is_simulated=actor.is_simulated,
        parent_id=parent.pk if parent else None, link="split" if part_of else "followed" if follows else "",
    )  # fmt: skip
    set_place(case, place)
    case.sensitivity = SENSITIVE_KINDS.get(CaseKind(kind), Sensitivity.ORDINARY)
    if parent is not None:
        take_on(case, parent)
    set_category(case, found, urgency)
    case.grams = grams_of(case.title, case.text, case.address)
    reporter, code = None, ""
    is_resident = actor.user_id is None and not actor.is_platform
    if part_of is None and (is_resident or for_resident or name or phone):
        reporter, code = new_reporter(name, phone, is_anonymous, may_show_to_grid, language)
        case.has_contact = bool(reporter.phone_sealed)
    # one statement is a transaction of its own; files need one around it, and a caller's needs a way back
    with transaction.atomic() if files or connection.in_atomic_block else nullcontext():
        return Reported(born(case, actor, reporter, list(files), is_drawing), code)


def checked_words(text: str, files: Sequence[str]) -> str:
    """The report's text, cleaned; refusals say what to do."""
    words = text.replace("\x00", "").strip()
    if not words and not files:
        raise Invalid("text", "请写几个字,或拍一张照片。", "Write a few words, or take a photo.")
    if len(words) > LONGEST_TEXT:
        raise Invalid(
            "text",
            f"文字太长,请不超过 {LONGEST_TEXT} 字。",
            f"Too long; keep it within {LONGEST_TEXT} characters.",
        )
    if MARKED_SECRET.search(words):
        raise Forbidden(
            "内容带有密级标志,本平台不得处理国家秘密。请通过保密渠道报送。",
            "The text bears a secrecy mark; state secrets must not be entered here. Use the classified channel.",
            code="state_secret",
        )
    return words


def first_words(words: str) -> str:
    """A title from the first sentence."""
    first = re.split(r"[\n。!?!?;;]", words or "(照片 photo)", maxsplit=1)[0]
    return first[:TITLE_LENGTH] or words[:TITLE_LENGTH]


def chosen(kind: str) -> str:
    if kind not in dict(KINDS):
        raise Invalid("kind", "请选择诉求类型。", "Choose the kind of report.")
    return kind


def checked_channel(code: str) -> str:
    """The code of a known channel."""
    return known_channel(code).code


def reported_at(since: datetime | None, at: datetime) -> datetime:
    """From when the clocks run: never from the future."""
    if since is not None and since > at + CLOCK_SKEW:
        raise Invalid(
            "since", "上报时间在未来,请核对。", "The time of the report lies in the future; check it."
        )
    return min(since, at) if since else at


def place_of(
    lon: float | None,
    lat: float | None,
    datum: str,
    accuracy_m: float | None,
    source: str,
    area_code: str,
    actor: Actor,
) -> Place:
    """Area and position: an area named by hand stands, else the position decides.

    Without both it is the area of whoever reports: the first post's, for residents the town's own root.
    """
    position = None
    if lon is not None and lat is not None:
        position = Position.given(lon, lat, datum=datum, accuracy_m=accuracy_m, source=source or "gps")
    spot = locate(position.lon, position.lat) if position else None
    if area_code:
        named = area_named(area_code)
        return Place(named, named.path, spot.police_path if spot else "", position)
    if spot is not None and spot.area_id is not None:
        return Place(area_by_id(spot.area_id), spot.area_path, spot.police_path, position)
    home = own_area(actor)
    return Place(home, home.path, "", position)


def own_area(actor: Actor) -> Area:
    """Where somebody's reports belong that name no place."""
    paths = actor.area_paths()
    return (
        area_by_id(int(paths[0].strip("/").rsplit("/", 1)[-1]))
        if paths and not actor.is_platform
        else home_area()
    )


def place_code(place: Place) -> str:
    return place.area.code if place.area else ""


def set_place(case: Case, place: Place) -> None:
    """Write area, paths and position into the case."""
    case.area, case.path, case.police_path = place.area, place.path, place.police_path
    if place.position is not None:
        spot = place.position
        case.lon, case.lat, case.raw_lon, case.raw_lat = spot.lon, spot.lat, spot.raw_lon, spot.raw_lat
        case.datum, case.accuracy_m, case.position_source = str(spot.datum), spot.accuracy_m, spot.source


def set_category(case: Case, category: Category | None, urgency: str) -> None:
    """Write the category with its defaults; a restricted one names the shift leaders of the area and who brought it.

    A category raises the sensitivity and never lowers it: only somebody who says so does (triage).
    """
    if urgency and urgency not in dict(URGENCIES):
        raise Invalid("urgency", "请选择紧急程度。", "Choose the urgency.")
    case.category = category
    case.has_hazard = category is not None and category.code.startswith(HAZARD_ROOT)
    if category is not None:
        case.tier, case.urgency = category.default_tier, urgency or category.urgency
        if SENSITIVITY_ORDER.index(category.sensitivity) > SENSITIVITY_ORDER.index(case.sensitivity):
            case.sensitivity = category.sensitivity
    elif urgency:
        case.urgency = urgency
    if case.sensitivity == Sensitivity.RESTRICTED:
        by_office = users_over(case.path, NAMED_BY_OFFICE, case.reported_at)
        case.named_user_ids = sorted({*case.named_user_ids, *by_office, case.submitter_id or 0} - {0})


HAZARD_ROOT = "HZ"


def new_reporter(
    name: str, phone: str, is_anonymous: bool, may_show_to_grid: bool, language: str
) -> tuple[Reporter, str]:
    """The reporter's own encrypted row and the code for it; an anonymous one leaves neither name nor phone."""
    name, phone = ("", "") if is_anonymous else (name.strip()[:60], re.sub(r"[\s\-]", "", phone)[:40])
    if phone and not re.fullmatch(r"\+?\d{5,20}", phone):
        raise Invalid(
            "phone", "电话号码不对,请只填数字。", "That is not a telephone number; use digits only."
        )
    ring, code = keys(), resident_code()
    return fresh(
        Reporter, name_sealed=ring.seal(name, "reporter.name") if name else None,
        phone_sealed=ring.seal(phone, "reporter.phone") if phone else None,
        phone_lookup=ring.lookup(phone, "reporter.phone") if phone else None,
        salt=os.urandom(16), code_digest=token_digest(normal_code(code)), is_anonymous=is_anonymous or not (name or phone),
        may_show_to_grid=may_show_to_grid, language=language[:10],
    ), code  # fmt: skip


def born(case: Case, actor: Actor, reporter: Reporter | None, files: list[str], is_drawing: bool) -> Case:
    """Clocks, first entry and all rows, written in one statement."""
    stored = attachable(files, actor.caller) if files else []
    row = policy_row(case.policy_version_id, case.category_id, case.channel)
    running = [
        new_clock(case, Stage.ACCEPT, row.accept_hours, row.source),
        new_clock(case, Stage.HANDLE, row.handle_hours, row.source),
    ]
    if reporter is not None and reporter.phone_sealed and row.first_contact_hours:
        running.append(new_clock(case, Stage.FIRST_CONTACT, row.first_contact_hours, row.source))
    case.due_at = running[1].due_at
    entry = link(
        case, Verb.REPORT, None, actor, reporting_grant(actor), given=given_of(case, reporter), at=actor.now(),
        files=[file.sha256 for file in stored],
    )  # fmt: skip
    write(Birth(case, entry, reporter, running, moved(case, entry, actor)))
    if stored:
        mark_attached(stored, REAL_CLOCK.now())
        Evidence.objects.bulk_create(
            Evidence(case=case, file=file, seq=1, role="before", is_for_resident=True, is_drawing=is_drawing)
            for file in stored
        )
    return case


def new_clock(case: Case, stage: Stage, hours: float, source: str) -> CaseClock:
    budget = Budget(hours, source=source)
    return fresh(
        CaseClock, stage=stage, budget=hours, unit_of_time=budget.unit, started_at=case.reported_at,
        due_at=clocks.due(case.reported_at, budget), source=source[:300],
    )  # fmt: skip


def reporting_grant(actor: Actor) -> Grant:
    """The post under which somebody reports: the first one; residents and the platform have their own."""
    if actor.grants:
        return actor.grants[0]
    return Grant(Role.RESIDENT, post_id=0)


def given_of(case: Case, reporter: Reporter | None) -> dict[str, Any]:
    """What the first entry says: words and contact only as salted digests."""
    salt = bytes(case.text_salt or b"")
    given: dict[str, Any] = {
        "channel": case.channel, "kind": case.kind, "category": case.category.code if case.category else "",
        "text": {"digest": salted_digest(salt, case.text)}, "title": {"digest": salted_digest(salt, case.title)},
        "address": {"digest": salted_digest(salt, case.address)}, "area": case.area.code if case.area else "",
        "origin": case.origin, "origin_number": case.origin_number, "link": case.link,
    }  # fmt: skip
    if reporter is not None:
        ring, own = keys(), bytes(reporter.salt or b"")
        for field in ("name", "phone"):
            if (sealed := getattr(reporter, f"{field}_sealed")) is not None:
                given[field] = {"digest": salted_digest(own, ring.unseal(sealed, f"reporter.{field}"))}
    return {key: value for key, value in given.items() if value != ""}
