"""The connection: kept open, and looked at without asking the server."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations


class Operations(DatabaseOperations):
    """Django's, but a planned statement is shown too where queries are logged or counted."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    """Signing in anew for each request costs ten times what its statements cost, so connections stay open."""

    ops_class = Operations

    def is_usable(self) -> bool:
        """Whether the server is still at the other end; asked before a kept connection is used again.

        While nothing is under way a living server says nothing: whatever can be read is its farewell or the end of
        the stream. No round trip, so it may be asked at every request.
        """
        link = self.connection
        if link is None or link.closed:
            return False
        ear = select.poll()
        ear.register(link.fileno(), select.POLLIN)
        return not ear.poll(0)
