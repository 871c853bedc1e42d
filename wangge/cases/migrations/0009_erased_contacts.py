"""Contact data are erased some time after a case's end: which cases that still concerns, and a log of what was asked for."""

import django.db.models.deletion
from django.db import migrations, models

from wangge.kit.grants import keep_append_only


def protect(apps, schema_editor):
    keep_append_only(schema_editor.connection, "cases_erasurerow")


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_recused_cases")]
    operations = [
        migrations.AddField(model_name="case", name="is_erased", field=models.BooleanField(default=False)),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False), ("is_erased", False)),
                fields=["ended_at", "id"],
                name="case_to_erase",
            ),
        ),
        migrations.CreateModel(
            name="ErasureRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("n_people", models.PositiveSmallIntegerField()),
                ("n_words", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="erasures", to="cases.case"
                    ),
                ),
            ],
            options={
                "verbose_name": "清除联系方式记录 Erased contact",
                "verbose_name_plural": "清除联系方式记录 Erased contacts",
            },
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
