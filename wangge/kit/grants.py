"""What the application's database role may do: read and write rows, own nothing, never truncate.

Migrations run as the owner and call ``grant_application`` once; tables made later get the same rights by default.
A feature with append-only rows takes UPDATE and DELETE away again in its own migration (``keep_append_only``).
"""

from __future__ import annotations

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

SCHEMA = "public"
GRANTS = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)


def application_role(cursor: CursorWrapper) -> str | None:
    """The application's role, or None when the database has only one role for everything."""
    name = str(settings.DATABASES["default"].get("USER") or "")
    cursor.execute("SELECT current_user::text")
    (owner,) = cursor.fetchone()
    return None if name in ("", owner) else name


def grant_application(connection: BaseDatabaseWrapper) -> None:
    """Let the application's role work with all tables, present and future; ``connection`` is the owner's."""
    with connection.cursor() as cursor:
        role = application_role(cursor)
        if role is None:
            return
        quoted = connection.ops.quote_name(role)
        for grant in GRANTS:
            cursor.execute(grant.format(schema=SCHEMA, role=quoted))


def keep_append_only(connection: BaseDatabaseWrapper, table: str) -> None:
    """From now on the application's role may only read and insert rows of ``table``."""
    with connection.cursor() as cursor:
        role = application_role(cursor)
        if role is None:
            return
        quoted = connection.ops.quote_name
        cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quoted(table)} FROM {quoted(role)}")
