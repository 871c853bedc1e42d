"""Revisions of the catalogue are appended, never changed: the application's role may not."""

from django.db import migrations

from wangge.kit.grants import keep_append_only


def keep(apps, schema_editor):
    keep_append_only(schema_editor.connection, "catalog_catalogrevision")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("kit", "0002_application_role")]

    operations = [migrations.RunPython(keep, migrations.RunPython.noop, elidable=False)]
