"""Lists of one state, the newest first, in any area: one index walked in order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_lighter_entries")]
    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "-reported_at", "path"], name="case_state_reported"),
        ),
    ]
