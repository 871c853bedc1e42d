"""Errors that speak: each says in Chinese and in English what happened and what to do."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A refusal with a reason.

    ``status`` is the HTTP status a door answers with, ``code`` a stable readable word for programs,
    ``zh`` and ``en`` one sentence each that says what to do. ``details`` are JSON values for programs
    (the true state, the field in question). Anything that is not a DomainError is a loud 500.
    """

    def __init__(self, status: int, code: str, zh: str, en: str, **details: Any) -> None:
        super().__init__(f"{zh} / {en}")
        self.status = status
        self.code = code
        self.zh = zh
        self.en = en
        self.details = details


class NotFound(DomainError):
    """404: it does not exist, or it is outside what this person may see (the answer is the same)."""

    def __init__(
        self, zh: str = "没有找到,或不在您的管辖范围内。", en: str = "Not found, or outside your area."
    ) -> None:
        super().__init__(404, "not_found", zh, en)


class Forbidden(DomainError):
    """403: this person may see it but not do this."""

    def __init__(self, zh: str, en: str, code: str = "forbidden", **details: Any) -> None:
        super().__init__(403, code, zh, en, **details)


class Conflict(DomainError):
    """409: what is true now does not allow it; ``details`` tell what is true now."""

    def __init__(self, code: str, zh: str, en: str, **details: Any) -> None:
        super().__init__(409, code, zh, en, **details)


class Invalid(DomainError):
    """422: malformed or missing input; ``field`` names the field."""

    def __init__(self, field: str, zh: str, en: str, **details: Any) -> None:
        super().__init__(422, "invalid", zh, en, field=field, **details)
