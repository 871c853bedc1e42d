"""What every part of a story can call. A protocol, so that the parts stay apart and typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from wangge.cases.models import Case, Reporter
from wangge.territory.roles import Role
from wangge.territory.scope import Actor

if TYPE_CHECKING:
    from wangge.demo.replay.story import Scene


class PresentReached(Exception):
    """The simulated time has come to the present."""


class Playing(Protocol):
    """The story as its parts see it."""

    scene: Scene
    case_id: int

    @property
    def reporter(self) -> Reporter | None: ...

    def case(self) -> Case: ...
    def will(self, what: str) -> bool: ...
    def wait(self, usual: float) -> None: ...
    def somebody(self, *roles: Role) -> Actor: ...
    def resident(self) -> Actor: ...
    def do(self, verb: Callable[..., Case], actor: Actor, **given: Any) -> Case: ...
    def unit_person(self, *, head: bool = False) -> Actor: ...
    def side_turns(self) -> None: ...
