"""Cases of an assisting unit are found by the index when they are over, too: what a unit sees is no longer a whole scan."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_text_search")]
    operations = [
        migrations.RemoveIndex(model_name="case", name="case_assist"),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(fields=["assist_unit_ids"], name="case_assist"),
        ),
    ]
