"""Rights of the application's role; and a queue table that is vacuumed as often as a queue needs it."""

from django.db import migrations

from wangge.kit.grants import grant_application


def grant(apps, schema_editor):
    grant_application(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial")]

    operations = [
        migrations.RunPython(grant, migrations.RunPython.noop, elidable=False),
        migrations.RunSQL(
            "ALTER TABLE kit_outboxrow SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)",
            "ALTER TABLE kit_outboxrow RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay)",
        ),
    ]
