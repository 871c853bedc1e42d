"""The summary of a replay: paths, and what happened by category, unit and tier."""

from __future__ import annotations

from typing import Any

from django.db import connection
from rich.table import Table

PATHS = """
SELECT count(DISTINCT path) FROM (
  SELECT string_agg(e.verb, ' ' ORDER BY e.seq) AS path
  FROM cases_entry e JOIN cases_case c ON c.id = e.case_id WHERE c.origin = %s GROUP BY c.id
) AS told
"""
SUMMARY = """
SELECT {name} AS name, count(*), count(*) FILTER (WHERE c.state IN ('closed', 'archived')),
  count(*) FILTER (WHERE c.handled_at <= c.due_at), count(*) FILTER (WHERE c.handled_at IS NOT NULL),
  count(*) FILTER (WHERE c.n_rework > 0),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.closed_at - c.reported_at) / 3600)
FROM cases_case c {join} WHERE c.origin = %s GROUP BY 1 ORDER BY 2 DESC LIMIT 15
"""
VIEWS = {
    "类别 category": ("coalesce(g.name_zh, '-')", "LEFT JOIN catalog_category g ON g.id = c.category_id"),
    "单位 unit": ("coalesce(u.name_zh, '-')", "LEFT JOIN territory_unit u ON u.id = c.lead_unit_id"),
    "层级 tier": ("c.tier", ""),
}
COLUMNS = (
    "",
    "件 cases",
    "办结 closed",
    "按时 in time",
    "已处置 handled",
    "返工 rework",
    "中位小时 median h",
)


def n_paths(origin: str) -> int:
    """How many different sequences of verbs the cases of an origin went through."""
    with connection.cursor() as cursor:
        cursor.execute(PATHS, [origin])
        return int(cursor.fetchone()[0])


def summary(origin: str) -> dict[str, list[tuple[Any, ...]]]:
    """The fifteen largest rows by category, unit and tier."""
    found = {}
    with connection.cursor() as cursor:
        for title, (name, join) in VIEWS.items():
            cursor.execute(SUMMARY.format(name=name, join=join), [origin])
            found[title] = cursor.fetchall()
    return found


def tables(origin: str) -> list[Table]:
    """The summary as tables for the terminal."""
    made = []
    for title, rows in summary(origin).items():
        table = Table(title=title)
        for name in COLUMNS:
            table.add_column(name, no_wrap=True)
        for name, *figures, hours in rows:
            table.add_row(str(name), *map(str, figures), "" if hours is None else f"{hours:.1f}")
        made.append(table)
    return made
