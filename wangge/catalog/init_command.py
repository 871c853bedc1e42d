"""``wangge init``: the shipped dictionaries, a first county if asked, and what is still missing."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import click

from wangge.catalog.missing import Missing, county_exists, what_is_missing
from wangge.catalog.shipped import Counts, load_shipped
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import Conflict
from wangge.territory.actions import create_area
from wangge.territory.models import Area, AreaLevel

BY = "wangge init"


@click.command()
@click.option("--county-code", help="区县代码(6 位)· code of the first county, 6 digits")
@click.option("--county-name", help="区县名称 · name of the first county")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
def command(county_code: str | None, county_name: str | None, as_json: bool) -> None:
    """建立自己的城镇:装入随附字典(可重复执行,不会覆盖您改过的内容),说明还缺什么。

    Set up a town of one's own: load the shipped dictionaries (again and again without harm: what you edited stays),
    and tell what is still missing.

    \b
    wangge init --county-code 370211 --county-name 青岛西海岸新区
    """
    if bool(county_code) != bool(county_name):
        raise click.UsageError("区县代码和名称要一起给 · give --county-code and --county-name together")
    at = REAL_CLOCK.now()
    counts = load_shipped(BY, at)
    county = first_county(county_code, county_name or "", at) if county_code else None
    missing = what_is_missing(at)
    if as_json:
        answer = {
            "dictionaries": asdict(counts),
            "county": county.code if county else None,
            "missing": [asdict(one) for one in missing],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        tell(counts, county, missing)


def first_county(code: str, name_zh: str, at: datetime) -> Area:
    """The root of an empty tree; the same call again finds it. Conflict (409) when the tree has another root."""
    held = Area.objects.filter(code=code, valid_to_on=None).first()
    if held is not None:
        return held
    if county_exists():
        raise Conflict(
            "tree_not_empty",
            "已经有区域了。请在管理后台或用 wangge import areas 增加。",
            "There are areas already. Add others in the administration or with `wangge import areas`.",
        )
    return create_area(code=code, level=AreaLevel.COUNTY, name_zh=name_zh, parent_code="", by=BY, at=at)


def tell(counts: Counts, county: Area | None, missing: list[Missing]) -> None:
    click.echo(
        f"字典 · dictionaries: 新增 new {counts.n_new} · 更新 updated {counts.n_changed} · "
        f"不变 same {counts.n_same} · 您改过的 yours {counts.n_kept}"
    )
    if county is not None:
        click.echo(f"区县 · county: {county.code} {county.name_zh}")
    if not missing:
        click.echo("一切就绪 · everything is there.")
        return
    click.echo("还缺 · still missing:")
    for one in missing:
        mark = "■" if one.is_blocking else "○"
        click.echo(f"  {mark} {one.zh}\n    {one.en}")
        if one.kind:
            empty = " --template" if one.code == one.kind else ""
            file = f"{one.kind}.xlsx"
            click.echo(f"      wangge export {one.kind} {file}{empty} → wangge import {one.kind} {file}")
