import django.contrib.postgres.indexes
import django.db.models.functions.comparison
from django.db import migrations, models

from wangge.kit.grants import keep_append_only


def protect(apps, schema_editor):
    keep_append_only(schema_editor.connection, "cases_ledgerseal")


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_fewer_indexes")]

    operations = [
        migrations.CreateModel(
            name="LedgerSeal",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("n_entries", models.PositiveIntegerField()),
                ("body", models.TextField()),
                ("hash", models.CharField(max_length=64)),
                ("signature", models.BinaryField(max_length=64)),
                ("to_xact", models.BigIntegerField()),
                ("server", models.CharField(max_length=20)),
            ],
            options={
                "verbose_name": "台账封签 Ledger seal",
                "verbose_name_plural": "台账封签 Ledger seals",
            },
        ),
        migrations.AddField(
            model_name="entry",
            name="xact",
            field=models.BigIntegerField(
                db_default=django.db.models.functions.comparison.Cast(
                    django.db.models.functions.comparison.Cast(
                        models.Func(function="pg_current_xact_id"), output_field=models.TextField()
                    ),
                    models.BigIntegerField(),
                ),
                editable=False,
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["xact"], name="entry_xact", pages_per_range=32
            ),
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
