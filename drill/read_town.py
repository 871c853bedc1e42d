"""What stands in a town, as JSON: rows of each table, heads, hashes of all entries, telephones in clear."""

from __future__ import annotations

import json
import sys

from django.conf import settings

from wangge.cases.models import Case, Entry, Reporter
from wangge.kit.crypto import key_ring
from wangge.kit.upkeep.dump import rows_now


def main() -> None:
    ring = key_ring(settings.KEYS_FOLDER)
    known = Reporter.objects.select_related("case").exclude(phone_sealed=None)
    told = {
        "rows": rows_now(),
        "heads": dict(Case.objects.values_list("number", "head_hash")),
        "entries": {bytes(digest).hex(): verb for digest, verb in Entry.objects.values_list("hash", "verb")},
        "phones": {one.case.number: ring.unseal(bytes(one.phone_sealed), "reporter.phone") for one in known},
    }
    sys.stdout.write(json.dumps(told) + "\n")
