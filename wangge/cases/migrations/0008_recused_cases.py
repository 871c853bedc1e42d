"""Cases that complain of somebody are found by an index, so that the figures of who is recused are told without them."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_open_samples")]
    operations = [
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("recused_unit_ids", []), ("recused_user_ids", []), _negated=True),
                fields=["recused_user_ids", "recused_unit_ids"],
                name="case_recused",
            ),
        ),
    ]
