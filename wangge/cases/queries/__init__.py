"""Reading cases as people see them: lists, what waits, one case, a resident's own report. Every list starts at scope."""

from wangge.cases.queries.deadlines import LIGHTS, Deadline
from wangge.cases.queries.lists import Filters, Line, Lines, case_list, lines_of
from wangge.cases.queries.names import AreaNamed, Coded, UnitNamed
from wangge.cases.queries.offers import Field, NotNow, Offer
from wangge.cases.queries.resident import (
    ResidentView,
    photo_of,
    reporter_by_code,
    resident_actor,
    resident_view,
)
from wangge.cases.queries.timeline import EntryLine
from wangge.cases.queries.view import (
    CaseView,
    case_id_of,
    case_id_seen,
    case_seen,
    case_view,
    evidence_of,
    view_of,
)
from wangge.cases.queries.waiting import WAITS, Waiting, waiting_for, waiting_list

__all__ = [
    "LIGHTS",
    "WAITS",
    "AreaNamed",
    "CaseView",
    "Coded",
    "Deadline",
    "EntryLine",
    "Field",
    "Filters",
    "Line",
    "Lines",
    "NotNow",
    "Offer",
    "ResidentView",
    "UnitNamed",
    "Waiting",
    "case_id_of",
    "case_id_seen",
    "case_list",
    "case_seen",
    "case_view",
    "evidence_of",
    "lines_of",
    "photo_of",
    "reporter_by_code",
    "resident_actor",
    "resident_view",
    "view_of",
    "waiting_for",
    "waiting_list",
]
