"""The bodies that are reported: the examples' messages, each with a position of the same town."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "examples" / "messages.csv"
LEAST_LETTERS = 12


def bodies() -> list[dict[str, Any]]:
    """As a hotline's program would send them; a message without position borrows that of the one before it."""
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if len(row["body"]) >= LEAST_LETTERS]
    spots = [(float(row["lon"]), float(row["lat"])) for row in rows if row["lon"]]
    return [
        {
            "text": row["body"], "title": row["subject"], "address": row["address"], "channel": "hotline_12345",
            "lon": spots[n % len(spots)][0], "lat": spots[n % len(spots)][1],
        }
        for n, row in enumerate(rows)
    ]  # fmt: skip


def written(file: Path, times: int, mark: str = "") -> Path:
    """The examples' messages several times over, each time with numbers and subjects of their own; ``mark``: this run's."""
    with FILE.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        for n in range(times):
            for row in rows:
                writer.writerow(
                    row | {"message_id": f"{row['message_id']}-{mark}{n}", "subject": f"{row['subject']} {n}"}
                )
    return file
