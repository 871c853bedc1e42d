"""What is counted of a case, and on which day: the one table that the sums, the rows behind them and the lists follow. Pure.

A measure counts a case on the day that stands in ``day`` (a column of ``CaseFact``), if ``flag`` says so. What "should"
be done counts in a period when it was due inside it *or* was done inside it (domain: indicators): such a measure is
counted on the later of both days, and ``since`` names the earlier one, because a case of which the earlier day lies in
the period and the later one after it belongs to the period as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from wangge.territory.models import AreaLevel


@dataclass(frozen=True)
class Measure:
    """One count. ``flag``: a column that must be true (or, with ``is_set`` False, must not)."""

    day: str
    flag: str = ""
    is_set: bool = True
    since: str = ""


MEASURES: dict[str, Measure] = {
    "reported": Measure("reported_on"),
    "valid": Measure("reported_on", "is_valid"),
    "handled": Measure("handled_on"),
    "handled_in_time": Measure("handled_on", "is_late", is_set=False),
    "closed": Measure("closed_on"),
    "closed_in_time": Measure("closed_on", "is_late", is_set=False),
    "reworked": Measure("closed_on", "is_reworked"),
    "answered": Measure("closed_on", "is_answered"),
    "solved": Measure("closed_on", "is_solved"),
    "served": Measure("closed_on", "is_served"),
    "served_well": Measure("closed_on", "is_served_well"),
    "to_handle": Measure("handle_by_on", since="handle_from_on"),
    "extended": Measure("handle_by_on", "is_extended", since="handle_from_on"),
    "to_close": Measure("close_by_on", since="close_from_on"),
    "open": Measure("open_on"),
}
DAYS = tuple(dict.fromkeys(measure.day for measure in MEASURES.values()))
FLAGS = tuple(dict.fromkeys(measure.flag for measure in MEASURES.values() if measure.flag))
ON_TWO_DAYS = tuple(name for name, measure in MEASURES.items() if measure.since)

# By what the sums of an area are kept, at which levels. Of smaller areas the rows of ``CaseFact`` are counted: a street of
# 50,000 cases a year has few enough, and sums by category and day would be as many rows as cases.
ALL, CATEGORY, UNIT, STATE = "all", "category", "unit", "state"
WIDE = (AreaLevel.CITY, AreaLevel.COUNTY)
SPLIT_LEVELS: dict[str, tuple[AreaLevel, ...]] = {
    ALL: (*WIDE, AreaLevel.STREET), CATEGORY: WIDE, UNIT: WIDE, STATE: WIDE,
}  # fmt: skip
SUMMED_LEVELS = SPLIT_LEVELS[ALL]
