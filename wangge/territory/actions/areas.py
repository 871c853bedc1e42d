"""Areas: added, changed, moved, closed. Paths stay right, and what an area was stays readable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q, Value
from django.db.models.functions import Concat, Substr

from wangge.kit.errors import Conflict, Invalid, NotFound
from wangge.kit.events import publish
from wangge.kit.geo import bbox_of
from wangge.kit.words import Text
from wangge.territory.actions.put import (
    BATCH,
    Put,
    assign,
    check_texts,
    day_of,
    differs,
    keep_revisions,
    only_known,
    taken,
    unknown_code,
)
from wangge.territory.changes import changed
from wangge.territory.codes import STATISTICAL_CODES, CodeRule
from wangge.territory.events import AreaClosed, AreaMoved
from wangge.territory.models import Area, AreaForm, AreaKind, AreaLevel, Post, Unit

# How high a level stands; a child stands lower than its parent.
RANKS: dict[str, int] = {
    AreaLevel.CITY: 0, AreaLevel.COUNTY: 1, AreaLevel.STREET: 2, AreaLevel.ZONE: 3, AreaLevel.COMMUNITY: 4,
    AreaLevel.GRID: 5, AreaLevel.POLICE_GRID: 5, AreaLevel.MICRO_GRID: 6, AreaLevel.SUB_GRID: 7, AreaLevel.CELL: 8,
}  # fmt: skip
COLUMNS = (
    "code", "level", "kind", "name_zh", "name_en", "parent_code", "boundary", "supervising_unit_code",
    "external_codes", "n_households", "n_people", "valid_from_on", "valid_to_on",
)  # fmt: skip
# What an earlier form keeps; counts and outside codes are facts about the area, not the area.
FORM = ("code", "level", "kind", "name_zh", "name_en", "parent_id", "boundary", "supervising_unit_id")
TEXTS = {
    "code": ("代码", "code", 30),
    "name_zh": ("名称", "name", 100),
    "name_en": ("英文名称", "English name", 120),
}


def create_area(
    *, by: str, at: datetime, code_rule: CodeRule | None = STATISTICAL_CODES, **values: Any
) -> Area:
    """Add one area; ``values`` as for :func:`put_areas` (``code``, ``level``, ``name_zh`` at least)."""
    held = Area.objects.filter(code=values.get("code"), valid_to_on=None).first()
    if held is not None:
        raise taken(held.code, held.name_zh)
    return put_areas([values], by=by, at=at, code_rule=code_rule).new[0]


def update_area(
    area_id: int,
    *,
    by: str,
    at: datetime,
    on: date | None = None,
    code_rule: CodeRule | None = STATISTICAL_CODES,
    **values: Any,
) -> Area:
    """Change an area in force; ``values`` as for :func:`put_areas`, ``parent_code`` moves it.

    ``on``: the first day of the new form (today when left out; never later than today). What the area was before
    that day is kept and shown by ``queries.tree(on=…)``. A change on the first day of the present form corrects it.
    """
    area = Area.objects.filter(pk=area_id, valid_to_on=None).first()
    if area is None:
        raise NotFound()
    new_code = values.pop("code", area.code)
    taken_by = Area.objects.filter(code=new_code, valid_to_on=None).exclude(pk=area_id).first()
    if taken_by is not None:
        raise taken(new_code, taken_by.name_zh)
    with transaction.atomic():
        changed("areas")
        _Putting(by, at, on, code_rule, {area.code: new_code}).take([values | {"code": area.code}])
    return Area.objects.get(pk=area_id)


@transaction.atomic
def put_areas(
    rows: Iterable[Mapping[str, Any]],
    *,
    by: str,
    at: datetime,
    on: date | None = None,
    code_rule: CodeRule | None = STATISTICAL_CODES,
) -> Put[Area]:
    """Add or change many areas, found by ``code`` among those in force; parents may stand in the same rows.

    Keys of a row: ``code``, ``level``, ``name_zh`` (needed for a new one), ``kind``, ``name_en``, ``parent_code``
    ("" for a root), ``boundary`` (WKB), ``supervising_unit_code``, ``external_codes``, ``n_households``,
    ``n_people``, ``valid_from_on``, ``valid_to_on``. A key that is left out stays as it is. Raises Invalid (422)
    or Conflict (409) and changes nothing when one row is wrong. ``code_rule`` None: any code.
    """
    changed("areas")  # also a lock: one change of the tree at a time
    return _Putting(by, at, on, code_rule, {}).take([dict(row) for row in rows])


@transaction.atomic
def close_area(area_id: int, *, on: date, by: str, at: datetime) -> Area:
    """End an area: ``on`` is the first day without it. Its posts end the day before.

    Refused (409) while areas below it or buildings in it would be left without a place.
    """
    changed("areas")
    area = Area.objects.select_for_update().filter(pk=area_id, valid_to_on=None).first()
    if area is None:
        raise NotFound()
    if on <= area.valid_from_on:
        raise Invalid(
            "on",
            f"失效日期应晚于生效日期 {area.valid_from_on}。",
            f"The end must lie after the beginning ({area.valid_from_on}).",
        )
    _refuse_left_behind(area, on)
    area.valid_to_on = on
    area.save(update_fields=["valid_to_on"])
    last_day = on - timedelta(days=1)
    posts = list(
        Post.objects.filter(Q(ends_on=None) | Q(ends_on__gt=last_day), area=area, starts_on__lte=last_day)
    )
    for post in posts:
        post.ends_on = last_day
    Post.objects.bulk_update(posts, ["ends_on"])
    keep_revisions(posts, "ended", by=by, at=at)
    keep_revisions([area], "closed", by=by, at=at)
    publish(AreaClosed(area.pk, on.isoformat()))
    return area


def _refuse_left_behind(area: Area, on: date) -> None:
    below = area.children.filter(Q(valid_to_on=None) | Q(valid_to_on__gt=on)).count()
    buildings = area.buildings.count()
    if below or buildings:
        raise Conflict(
            "not_empty",
            f"“{area.name_zh}”下还有 {below} 个区域、{buildings} 栋楼。请先把它们划归别处。",
            f"{below} areas below it and {buildings} buildings in it would be left over. Move them first.",
            n_areas=below,
            n_buildings=buildings,
        )


@dataclass(frozen=True)
class _Node:
    """What is known of an area while many are put: enough for paths and checks."""

    code: str
    level: str
    parent_code: str


class _Putting:
    """One call of ``put_areas``: reads once, checks in memory, writes in bulk."""

    def __init__(
        self, by: str, at: datetime, on: date | None, code_rule: CodeRule | None, renamed: Mapping[str, str]
    ) -> None:
        self.by, self.at, self.code_rule, self.renamed = by, at, code_rule, renamed
        self.on = on or day_of(at)
        if self.on > day_of(at):
            raise Invalid(
                "on",
                "变更日期不能晚于今天。请在生效当天办理。",
                "A change cannot lie in the future. Make it on the day it takes effect.",
            )
        self.result: Put[Area] = Put()

    def take(self, rows: list[dict[str, Any]]) -> Put[Area]:
        for row in rows:
            only_known(row, COLUMNS)
            check_texts(row, TEXTS)
        self._read(rows)
        self._check_tree(rows)
        self._add([row for row in rows if row["code"] not in self.held])
        self._change([row for row in rows if row["code"] in self.held])
        return self.result

    def _read(self, rows: Sequence[Mapping[str, Any]]) -> None:
        codes = [row.get("code") or "" for row in rows]
        if len(set(codes)) < len(codes) or "" in codes:
            twice = next((code for code in codes if codes.count(code) > 1 or not code), "")
            raise Conflict(
                "code_twice", f"代码“{twice}”缺失或重复。", f"Code “{twice}” is missing or given twice."
            )
        in_force = Area.objects.filter(valid_to_on=None)
        found = in_force.values_list("code", "level", "parent__code", "pk", "path")
        self.nodes = {code: _Node(code, level, up or "") for code, level, up, _, _ in found}
        self.places = {code: (pk, path) for code, _, _, pk, path in found}
        self.held = {area.code: area for area in in_force.select_for_update().filter(code__in=codes)}
        units = {row["supervising_unit_code"] for row in rows if row.get("supervising_unit_code")}
        self.units = dict(Unit.objects.filter(code__in=units, is_active=True).values_list("code", "pk"))
        for unit in units - self.units.keys():
            raise unknown_code("supervising_unit_code", "业务主管部门", unit)

    def _check_tree(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            held = self.nodes.get(row["code"], _Node(row["code"], "", ""))
            level = row.get("level", held.level)
            if level not in RANKS:
                raise Invalid("level", f"层级“{level}”不认识。", f"Unknown level “{level}”.")
            if row.get("kind", AreaKind.BASE) not in AreaKind.values:
                raise Invalid("kind", f"类型“{row['kind']}”不认识。", f"Unknown kind “{row['kind']}”.")
            up = row.get("parent_code", held.parent_code)
            self.nodes[row["code"]] = _Node(row["code"], level, up or "")
        for row in rows:
            self._check_place(row["code"])

    def _check_place(self, code: str) -> None:
        node = self.nodes[code]
        above: dict[str, str] = {}
        up = node
        while up.parent_code:
            parent = self.nodes.get(up.parent_code)
            if parent is None:
                raise unknown_code("parent_code", "上级区域", up.parent_code)
            if RANKS[parent.level] >= RANKS[up.level] or parent.level == AreaLevel.POLICE_GRID:
                raise Conflict(
                    "level_order",
                    f"“{up.code}”({AreaLevel(up.level).label})不能放在“{parent.code}”({AreaLevel(parent.level).label})之下。"
                    "请核对层级和上级。",
                    f"“{up.code}” ({up.level}) cannot stand below “{parent.code}” ({parent.level}). "
                    "Check the level and the parent.",
                )
            above[parent.level] = parent.code
            up = parent
        if self.code_rule and (problem := self._code_problem(self.code_rule, node, above)):
            raise Invalid("code", problem.zh, problem.en, value=code)

    def _code_problem(self, rule: CodeRule, node: _Node, above: Mapping[str, str]) -> Text | None:
        return rule.problem(self.renamed.get(node.code, node.code), node.level, above)

    def _add(self, rows: list[dict[str, Any]]) -> None:
        waiting = sorted(rows, key=lambda row: RANKS[self.nodes[row["code"]].level])
        while waiting:
            rank = RANKS[self.nodes[waiting[0]["code"]].level]
            now = [row for row in waiting if RANKS[self.nodes[row["code"]].level] == rank]
            waiting = waiting[len(now) :]
            areas = [Area(**self._columns(row)) for row in now]
            Area.objects.bulk_create(areas, batch_size=BATCH)
            for area in areas:
                up = self.nodes[area.code].parent_code
                area.path = f"{self.places[up][1] if up else '/'}{area.pk}/"
                self.places[area.code] = (area.pk, area.path)
            _write_paths(areas)
            self.result.new += areas
        keep_revisions(self.result.new, "created", by=self.by, at=self.at)

    def _change(self, rows: list[dict[str, Any]]) -> None:
        forms: list[AreaForm] = []
        altered: list[tuple[Area, str]] = []
        begins = self._present_forms()
        for row in rows:
            area = self.held[row["code"]]
            columns = self._columns(row | {"code": self.renamed.get(row["code"], row["code"])})
            if not differs(area, columns):
                self.result.same.append(area)
                continue
            begin = max(begins.get(area.pk, area.valid_from_on), area.valid_from_on)
            if begin < self.on and differs(area, {n: columns[n] for n in FORM if n in columns}):
                forms.append(self._form(area, begin))
            old_path = area.path
            assign(area, columns)
            altered.append((area, old_path))
        AreaForm.objects.bulk_create(forms, batch_size=BATCH)
        if altered:
            self.result.changed = [area for area, _ in altered]
            names = [f.name for f in Area._meta.concrete_fields if f.name not in ("id", "path")]
            Area.objects.bulk_update(self.result.changed, names, batch_size=BATCH)
        for area, old_path in altered:
            self._move(area, old_path)
        keep_revisions(self.result.changed, "changed", by=self.by, at=self.at)

    def _present_forms(self) -> dict[int, date]:
        """The first day of the present form of each area that had another one before."""
        ids = [area.pk for area in self.held.values()]
        last = AreaForm.objects.filter(area_id__in=ids).values("area_id").annotate(last=Max("until_on"))
        return dict(last.values_list("area_id", "last"))

    def _form(self, area: Area, begin: date) -> AreaForm:
        kept = {name: getattr(area, name) for name in FORM}
        return AreaForm(area=area, from_on=begin, until_on=self.on, **kept)

    def _move(self, area: Area, old_path: str) -> None:
        up = "/"
        if area.parent_id is not None:
            up = Area.objects.values_list("path", flat=True).get(pk=area.parent_id)
        new_path = f"{up}{area.pk}/"
        if new_path == old_path:
            return
        inside = Area.objects.filter(path__startswith=old_path)
        inside.update(path=Concat(Value(new_path), Substr("path", len(old_path) + 1)))
        area.path = new_path
        publish(AreaMoved(area.pk, old_path, new_path))

    def _columns(self, row: Mapping[str, Any]) -> dict[str, Any]:
        columns = {name: value for name, value in row.items() if not name.endswith("_code")}
        if "parent_code" in row:
            columns["parent_id"] = self.places[row["parent_code"]][0] if row["parent_code"] else None
        if "supervising_unit_code" in row:
            code = row["supervising_unit_code"]
            columns["supervising_unit_id"] = self.units[code] if code else None
        if "boundary" in row:
            columns |= dict(
                zip(BOX, bbox_of(row["boundary"]) if row["boundary"] else (None,) * 4, strict=True)
            )
        return columns


def _write_paths(areas: Sequence[Area]) -> None:
    """One statement for thousands of areas: a path holds the area's own id, known only after the insert."""
    statement = (
        "UPDATE territory_area SET path = given.path "
        "FROM unnest(%s::bigint[], %s::text[]) AS given(id, path) WHERE territory_area.id = given.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [[area.pk for area in areas], [area.path for area in areas]])


BOX = ("min_lon", "min_lat", "max_lon", "max_lat")
