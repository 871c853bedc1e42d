"""What can be chosen in the forms: categories, units, areas, colleagues; "code name" in one line each.

A long list is offered by ``<datalist>``: it is searched by typing any part of it, also without JavaScript.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wangge.catalog.queries import ancestors, leaves
from wangge.kit.speech import is_english
from wangge.kit.words import Text
from wangge.territory.changes import Kept
from wangge.territory.queries import TreeRow, tree
from wangge.territory.scope import Actor
from wangge.territory.staff import all_units

DEEPEST = ("micro_grid", "sub_grid", "cell", "police_grid")


@dataclass(frozen=True)
class Option:
    """A code with its name; ``reason`` says in words why it is proposed."""

    code: str
    name: Text
    reason: Text | None = None

    @property
    def line(self) -> str:
        """What stands in the field: code and name."""
        return f"{self.code} {self.name.en if is_english() else self.name.zh}"


_areas = Kept("areas", read=tree, daily=True)


def named(row: object) -> Text:
    """Both names of a row; Chinese where there is no English."""
    zh = str(getattr(row, "name_zh", ""))
    return Text(zh, str(getattr(row, "name_en", "") or zh))


def categories() -> list[Option]:
    """Every category that a case may be given, with the way to it: 市容环境·暴露垃圾."""
    found = []
    for leaf in leaves():
        chain = [named(one) for one in reversed(ancestors(leaf.pk))][-2:]
        found.append(Option(leaf.code, Text("·".join(n.zh for n in chain), " · ".join(n.en for n in chain))))
    return found


def units() -> list[Option]:
    """Units in use, by name."""
    active = (unit for unit in all_units() if unit.is_active)
    return [Option(unit.code, named(unit)) for unit in sorted(active, key=lambda unit: unit.name_zh)]


def area_tree() -> list[TreeRow]:
    """The tree of today, from memory."""
    return _areas.get()


def areas_of(actor: Actor, *, with_deepest: bool = True) -> list[TreeRow]:
    """The areas under the actor's posts (all of them for people of units, whose cases lie anywhere)."""
    paths = tuple(actor.area_paths())
    rows = [row for row in area_tree() if not paths or row.path.startswith(paths)]
    return rows if with_deepest else [row for row in rows if row.level not in DEEPEST]


def areas(actor: Actor, *, with_deepest: bool = True) -> list[Option]:
    """The same as options."""
    return [Option(row.code, named(row)) for row in areas_of(actor, with_deepest=with_deepest)]


def code_of(typed: str, options: Iterable[Option]) -> str:
    """The code that was meant: the first word, else the one option whose whole name was typed; else what was typed."""
    typed = typed.strip()
    first = typed.split(maxsplit=1)[0] if typed else ""
    known = {option.code: option for option in options}
    if first in known or not first:
        return first
    by_name = [code for code, option in known.items() if typed in (option.name.zh, option.name.en)]
    if len(by_name) == 1:
        return by_name[0]
    ends = [code for code, option in known.items() if option.name.zh.endswith(f"·{typed}")]
    return ends[0] if len(ends) == 1 else first
