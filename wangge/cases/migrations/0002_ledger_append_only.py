"""The application's role may append to the ledger and the log of reveals, never change or delete; nor delete a case."""

from django.db import migrations

from wangge.kit.grants import keep_append_only


def protect(apps, schema_editor):
    for table in ("cases_entry", "cases_revealrow"):
        keep_append_only(schema_editor.connection, table)
    keep_undeletable(schema_editor.connection)


def keep_undeletable(connection):
    from wangge.kit.grants import application_role

    with connection.cursor() as cursor:
        role = application_role(cursor)
        if role is not None:
            cursor.execute(f"REVOKE DELETE, TRUNCATE ON cases_case FROM {connection.ops.quote_name(role)}")


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("kit", "0002_application_role")]
    operations = [migrations.RunPython(protect, migrations.RunPython.noop)]
