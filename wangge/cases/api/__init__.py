"""Cases for programs: reporting, reading, every verb; files within a case's scope; a resident's own report by code."""

from wangge.cases.api.cases import desk
from wangge.cases.api.cases import router as cases
from wangge.cases.api.files import router as files
from wangge.cases.api.follow import router as follow
from wangge.cases.api.verbs import add_verbs

add_verbs(cases)

__all__ = ["cases", "desk", "files", "follow"]
