"""Cases for programs: reporting, reading, every verb; files within a case's scope; a resident's own report by code."""

from wangge.cases.api.cases import desk as desk_router
from wangge.cases.api.cases import router as cases_router
from wangge.cases.api.files import router as files_router
from wangge.cases.api.follow import router as follow_router
from wangge.cases.api.verbs import add_verbs

add_verbs(cases_router)

__all__ = ["cases_router", "desk_router", "files_router", "follow_router"]
