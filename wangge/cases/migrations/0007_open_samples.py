"""What waits is found among open cases, open requests and open samples: the last had no index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_assisting_units")]
    operations = [
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("finding", ""), ("purpose", "sample")), fields=["case"], name="inspection_open_sample"
            ),
        ),
    ]
