"""The account log: the application's role may read it and write new lines, nothing else."""

from django.db import migrations

from wangge.kit.grants import keep_append_only


def protect(apps, schema_editor):
    keep_append_only(schema_editor.connection, "accounts_signinrow")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("kit", "0002_application_role")]

    operations = [migrations.RunPython(protect, migrations.RunPython.noop, elidable=False)]
