"""The connection: kept open, and looked at without asking the server."""

from __future__ import annotations

import select
from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.utils import CursorWrapper
from psycopg.types.datetime import TimestamptzLoader


class Moments(TimestamptzLoader):
    """A ``timestamptz`` as a moment in UTC, at a tenth of the cost; what ISO 8601 does not say goes the long way."""

    timezone = UTC  # Django asks for it

    def load(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(bytes(data).decode()).astimezone(UTC)
        except ValueError:
            return super().load(data).astimezone(UTC)


class Operations(DatabaseOperations):
    """Django's, but a planned statement is shown too where queries are logged or counted."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    """Signing in anew for each request costs ten times what its statements cost, so connections stay open."""

    ops_class = Operations

    def get_new_connection(self, conn_params: Any) -> Any:
        link = super().get_new_connection(conn_params)
        if self.timezone is UTC:
            link.adapters.register_loader("timestamptz", Moments)
        return link

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

    def planned_cursor(self) -> CursorWrapper:
        """A cursor whose statements are planned once for each connection; for a few statements of fixed text.

        Django's own cursors put the values into the text, so the server parses and plans every one anew.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            # what Django does itself for a connection with server_side_binding
            cursor = base.ServerBindingCursor(self.connection)  # type: ignore[call-arg]
            wrapped: CursorWrapper = self._prepare_cursor(cursor)  # type: ignore[attr-defined]
        return wrapped
