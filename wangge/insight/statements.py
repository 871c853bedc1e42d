"""The SQL of the figures: what a case adds, and the sums of it. Said once; folding, rebuilding and checking use the same.

``{ids}`` is a condition on a case's id with parameters of the caller: ``= ANY(%s)`` or ``BETWEEN %s AND %s``.
"""

from __future__ import annotations

from functools import cache

from wangge.cases.workflow import OPEN
from wangge.insight.measures import ALL, CATEGORY, DAYS, MEASURES, STATE, SUMMED_LEVELS, UNIT, WIDE, Measure
from wangge.insight.models import CaseFact, DaySum

FACTS = "insight_casefact"
SUMS = "insight_daysum"
FACT_COLUMNS = tuple(str(field.column) for field in CaseFact._meta.concrete_fields)
KEYS = ("area_id", "split", "key", "counted_on")
COUNTS = tuple(f"n_{name}" for name in MEASURES)
assert {field.name for field in DaySum._meta.concrete_fields} == {"id", *KEYS, *COUNTS}


def listed(words: tuple[str, ...] | list[str], pattern: str = "{}") -> str:
    return ", ".join(pattern.format(word) for word in words)


OPEN_WORDS = listed(sorted(OPEN), "'{}'")
DAY = "({} AT TIME ZONE 'Asia/Shanghai')::date"

# Ended without being handled here: declined, void, transferred, merged; archived cases are those or closed ones.
FACTS_NOW = f"""
SELECT case_id, path, category_id, unit_id, state, reported_on, handled_on, closed_on,
  least(due_on, handled_on) AS handle_from_on, greatest(due_on, handled_on) AS handle_by_on,
  least(due_on, closed_on) AS close_from_on, greatest(due_on, closed_on) AS close_by_on,
  CASE WHEN state <> '' THEN coalesce({DAY.format("running_due_at")}, DATE '9999-12-31') END AS open_on,
  CASE WHEN state <> '' THEN running_due_at END AS due_at,
  is_valid, is_late, is_extended, is_reworked, is_answered, is_solved, is_served, is_served_well
FROM (
  SELECT c.id AS case_id, c.path, coalesce(c.category_id, 0) AS category_id, coalesce(c.lead_unit_id, 0) AS unit_id,
    CASE WHEN c.state IN ({OPEN_WORDS}) THEN c.state ELSE '' END AS state,
    {DAY.format("c.reported_at")} AS reported_on,
    CASE WHEN c.state IN ('handled', 'checked') OR is_closed THEN {DAY.format("c.handled_at")} END AS handled_on,
    CASE WHEN is_closed THEN {DAY.format("c.closed_at")} END AS closed_on,
    CASE WHEN (c.state IN ({OPEN_WORDS}) OR is_closed) AND NOT coalesce(k.is_paused, false)
      THEN {DAY.format("c.due_at")} END AS due_on,
    k.running_due_at,
    NOT (c.state IN ('void', 'declined') OR c.state = 'archived' AND NOT is_closed AND c.outside_unit = '') AS is_valid,
    coalesce(k.is_late, false) AS is_late, coalesce(k.is_extended, false) AS is_extended, c.n_rework > 0 AS is_reworked,
    coalesce(r.is_answered, false) AS is_answered, coalesce(r.is_solved, false) AS is_solved,
    coalesce(r.is_served, false) AS is_served, coalesce(r.is_served_well, false) AS is_served_well
  FROM cases_case c
  CROSS JOIN LATERAL (SELECT c.state IN ('closed', 'archived') AND c.closed_at IS NOT NULL AS is_closed) ended
  LEFT JOIN (
    SELECT case_id, bool_or(is_breached) AS is_late, bool_or(n_extensions > 0) AS is_extended,
      bool_or(paused_at IS NOT NULL AND stopped_at IS NULL) AS is_paused,
      max(due_at) FILTER (WHERE stopped_at IS NULL AND paused_at IS NULL) AS running_due_at
    FROM cases_caseclock WHERE stage = 'handle' AND case_id {{ids}} GROUP BY case_id
  ) k ON k.case_id = c.id
  LEFT JOIN (
    SELECT case_id, bool_or(verdict IN ('solved', 'partly', 'not_solved')) AS is_answered,
      bool_or(verdict = 'solved') AND NOT bool_or(verdict IN ('partly', 'not_solved')) AS is_solved,
      bool_or(service <> '') AS is_served,
      bool_or(service = 'satisfied') AND NOT bool_or(service IN ('fair', 'dissatisfied')) AS is_served_well
    FROM cases_reporter WHERE case_id {{ids}} GROUP BY case_id
  ) r ON r.case_id = c.id
  WHERE c.sensitivity <> 'restricted' AND c.id {{ids}}
) AS told"""
N_IDS = FACTS_NOW.count("{ids}")


def counted(name: str, measure: Measure) -> str:
    """A measure as a sum over rows of (case, day), each with a sign."""
    flag = f" AND {'' if measure.is_set else 'NOT '}{measure.flag}" if measure.flag else ""
    return f"coalesce(sum(sign) FILTER (WHERE {measure.day} = day{flag}), 0) AS n_{name}"


@cache
def sums_of(parts: str) -> str:
    """The sums of ``parts``, rows of facts with a ``sign``. A case counts in every summed area above it.

    By state only what is open is asked, so only that is counted.
    """
    counts = ",\n  ".join(counted(name, measure) for name, measure in MEASURES.items())
    return f"""
WITH parts AS ({parts}),
places AS MATERIALIZED (
  SELECT paths.path, area.id AS area_id, area.level IN ({listed(list(WIDE), "'{}'")}) AS is_wide
  FROM (SELECT DISTINCT path FROM parts) AS paths,
    unnest(string_to_array(trim(BOTH '/' FROM paths.path), '/')::bigint[]) AS step(id)
    JOIN territory_area AS area ON area.id = step.id AND area.level IN ({listed(list(SUMMED_LEVELS), "'{}'")})
)
SELECT area_id, split, key, day AS counted_on,
  {counts}
FROM parts
  JOIN places USING (path)
  CROSS JOIN LATERAL (
    SELECT DISTINCT day FROM unnest(ARRAY[{listed(list(DAYS))}]) AS each(day) WHERE day IS NOT NULL
  ) AS days
  CROSS JOIN LATERAL (
    VALUES ('{ALL}', '', true), ('{CATEGORY}', category_id::text, is_wide), ('{UNIT}', unit_id::text, is_wide),
      ('{STATE}', state, is_wide AND open_on = day)
  ) AS splits(split, key, is_kept)
WHERE is_kept
GROUP BY area_id, split, key, day"""


SUMS_OF_FACTS = sums_of(f"SELECT 1 AS sign, {FACTS}.* FROM {FACTS}")
INSERT_FACTS = (
    f"INSERT INTO {FACTS} ({listed(FACT_COLUMNS)}) SELECT {listed(FACT_COLUMNS)} FROM ({FACTS_NOW}) AS fresh"
)
INSERT_SUMS = f"INSERT INTO {SUMS} ({listed(KEYS + COUNTS)}) SELECT {listed(KEYS + COUNTS)} FROM ({SUMS_OF_FACTS}) AS made"
_OTHERS = FACT_COLUMNS[1:]

# The facts of some cases as they are now; what they added before is taken from the sums, what they add now is added.
FOLD = f"""
WITH fresh AS MATERIALIZED ({FACTS_NOW}),
held AS MATERIALIZED (SELECT {listed(FACT_COLUMNS)} FROM {FACTS} WHERE case_id {{ids}}),
changed AS MATERIALIZED (
  SELECT coalesce(fresh.case_id, held.case_id) AS id FROM fresh FULL JOIN held USING (case_id) WHERE fresh IS DISTINCT FROM held
),
removed AS (DELETE FROM {FACTS} WHERE case_id IN (SELECT id FROM changed EXCEPT SELECT case_id FROM fresh)),
written AS (
  INSERT INTO {FACTS} ({listed(FACT_COLUMNS)})
  SELECT {listed(FACT_COLUMNS)} FROM fresh WHERE case_id IN (SELECT id FROM changed)
  ON CONFLICT (case_id) DO UPDATE SET ({listed(_OTHERS)}) = ROW({listed(_OTHERS, "excluded.{}")})
)
INSERT INTO {SUMS} AS held ({listed(KEYS + COUNTS)})
SELECT {listed(KEYS + COUNTS)} FROM (
  {
    sums_of('''SELECT 1 AS sign, fresh.* FROM fresh WHERE case_id IN (SELECT id FROM changed)
    UNION ALL SELECT -1, held.* FROM held WHERE case_id IN (SELECT id FROM changed)''')
}
) AS made
WHERE ({" OR ".join(f"{count} <> 0" for count in COUNTS)})
ORDER BY {listed(KEYS)}
ON CONFLICT ({listed(KEYS)}) DO UPDATE SET {
    ", ".join(f"{count} = held.{count} + excluded.{count}" for count in COUNTS)
}"""
N_IDS_FOLD = FOLD.count("{ids}")

FACTS_DIFFER = f"""
SELECT coalesce(fresh.case_id, held.case_id), to_jsonb(held), to_jsonb(fresh)
FROM ({FACTS_NOW}) AS fresh FULL JOIN (SELECT {listed(FACT_COLUMNS)} FROM {FACTS} WHERE case_id {{ids}}) AS held USING (case_id)
WHERE fresh IS DISTINCT FROM held ORDER BY 1"""
SUMS_DIFFER = f"""
SELECT {listed(KEYS)}, {listed(COUNTS, "coalesce(held.{0}, 0)")}, {listed(COUNTS, "coalesce(made.{0}, 0)")}
FROM ({SUMS_OF_FACTS}) AS made FULL JOIN {SUMS} AS held USING ({listed(KEYS)})
WHERE ({listed(COUNTS, "coalesce(held.{0}, 0)")}) IS DISTINCT FROM ({listed(COUNTS, "coalesce(made.{0}, 0)")})
ORDER BY {listed(KEYS)}"""
