"""The tree of areas, the card of each with its team and vacancies, and the printed notice board."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import segno
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from wangge.kit.errors import NotFound
from wangge.kit.mapsheet import Border
from wangge.kit.words import Text
from wangge.office.access import staff_only
from wangge.office.choices import area_tree, areas_of, named
from wangge.office.maps import area_map, boundary
from wangge.office.pages import shared
from wangge.territory.models import Area, AreaLevel, Post, Unit
from wangge.territory.queries import TreeRow, Vacancy, grid_card, staff_of, units_of_kind_near, vacancies
from wangge.territory.roles import ROLE_NAMES, Role
from wangge.territory.scope import Actor

REPORT_PATH = "/report/"
# whom a resident may know by name, in this order
ON_THE_BOARD = (
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.PART_TIME_WORKER,
    Role.GRID_ADVISER,
    Role.POLICE_OFFICER,
    Role.NAMED_PROFESSIONAL,
)
CALLED = ("community", "command_centre")
BORDER_KINDS = {
    AreaLevel.GRID: "grid",
    AreaLevel.MICRO_GRID: "micro_grid",
    AreaLevel.COMMUNITY: "community",
    AreaLevel.STREET: "street",
}
BELOW = {
    AreaLevel.COUNTY: AreaLevel.STREET, AreaLevel.STREET: AreaLevel.COMMUNITY, AreaLevel.ZONE: AreaLevel.COMMUNITY,
    AreaLevel.COMMUNITY: AreaLevel.GRID, AreaLevel.GRID: AreaLevel.MICRO_GRID,
}  # fmt: skip


@dataclass
class Node:
    """An area in the tree as the page draws it."""

    row: TreeRow
    name: Text
    level: str
    kind: str
    vacant: list[Text] = field(default_factory=list)
    below: list[Node] = field(default_factory=list)
    is_open: bool = False


@require_GET
@staff_only
def tree_page(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The areas under the person's posts, micro-grids folded away."""
    rows = areas_of(actor)
    empty = [one for one in vacancies() if any(row.area_id == one.area_id for row in rows)]
    nodes = nested(rows, empty)
    counts = counted_levels(rows)
    context = shared(request, actor, "areas", nodes=nodes, vacancies=empty, counts=counts, roles=ROLE_NAMES)
    return render(request, "office/areas.html", context)


def nested(rows: list[TreeRow], empty: list[Vacancy]) -> list[Node]:
    """The rows as a tree; an area whose parent is not among them is a root."""
    vacant: dict[int, list[Text]] = defaultdict(list)
    for one in empty:
        vacant[one.area_id].append(ROLE_NAMES[one.role])
    nodes = {row.area_id: node_of(row, vacant.get(row.area_id, [])) for row in rows}
    roots: list[Node] = []
    for row in rows:
        above = nodes.get(row.parent_id or 0)
        (above.below if above else roots).append(nodes[row.area_id])
    for node in nodes.values():
        node.below.sort(key=lambda one: (one.row.level == AreaLevel.POLICE_GRID, one.row.code))
    return roots


def node_of(row: TreeRow, vacant: list[Text]) -> Node:
    is_high = row.level in (AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.STREET, AreaLevel.ZONE)
    return Node(row, named(row), str(AreaLevel(row.level).label), row.kind, vacant, is_open=is_high)


def counted_levels(rows: list[TreeRow]) -> list[tuple[str, int]]:
    """How many areas of each level."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row.level] += 1
    return [(str(AreaLevel(level).label), found[level]) for level in AreaLevel.values if level in found]


def row_of(code: str, actor: Actor) -> TreeRow:
    """The area of this code; people see every area's card (it names offices, not residents). NotFound (404)."""
    for row in area_tree():
        if row.code == code:
            return row
    raise NotFound("没有这个区域。", "There is no such area.")


@require_GET
@staff_only
def card(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """All about one area: team, vacancies, what lies in it, whom to call."""
    row = row_of(code, actor)
    about = grid_card(row.area_id)
    context = shared(
        request, actor, "areas", about=about, row=row, name=named(about.area), level=AreaLevel(row.level).label,
        team=team_of(about.staff), called=called(about.area), vacant=[ROLE_NAMES[role] for role in about.vacant],
        map=area_map(row.area_id, borders_below(row), named(about.area)), is_grid=row.level == AreaLevel.GRID,
        below=[one for one in area_tree() if one.parent_id == row.area_id],
    )  # fmt: skip
    return render(request, "office/area.html", context)


@require_GET
@staff_only
def board(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """公示牌: who answers for this grid, whom to call, and a code to report with; to be printed and put up."""
    row = row_of(code, actor)
    about = grid_card(row.area_id)
    above = [post for post in staff_of(about.area, ON_THE_BOARD, upward=True) if post.area_id != row.area_id]
    address = request.build_absolute_uri(REPORT_PATH)
    drawn = segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True)
    team = [
        one for role in ON_THE_BOARD for one in team_of([*about.staff, *above]) if one[1] == ROLE_NAMES[role]
    ]
    context = shared(
        request, actor, "areas", about=about, row=row, name=named(about.area), team=team, called=called(about.area),
        qr=mark_safe(drawn), address=address, chain=" · ".join(named(one).zh for one in about.chain),  # noqa: S308  drawn by the library
        map=area_map(row.area_id, borders_below(row), named(about.area), (520, 360)),
    )  # fmt: skip
    return render(request, "office/board.html", context)


def team_of(posts: list[Post]) -> list[tuple[str, Text, str]]:
    """Name, role and for whom somebody stands in."""
    return [
        (
            str(post.user),
            ROLE_NAMES[Role(post.role)],
            str(post.stands_in_for.user) if post.stands_in_for else "",
        )
        for post in posts
    ]


def called(area: Area) -> list[Unit]:
    """The nearest offices with a telephone."""
    found = [next(iter(units_of_kind_near(kind, area)), None) for kind in CALLED]
    return [unit for unit in found if unit is not None and unit.phone]


def borders_below(row: TreeRow) -> list[Border]:
    """The borders of the next level inside an area."""
    level = BELOW.get(AreaLevel(row.level))
    if level is None:
        return []
    inside = [
        one
        for one in area_tree()
        if one.level == level and one.path.startswith(row.path) and one.area_id != row.area_id
    ]
    return [
        Border(outline, BORDER_KINDS[level], named(one).zh)
        for one in inside
        if (outline := boundary(one.area_id)) is not None
    ]
