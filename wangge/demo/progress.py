"""How far the demo's history is, for the bar on the pages: a small file beside the data."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings


def progress_file() -> Path:
    return Path(settings.DATA_FOLDER) / "demo-progress.json"


def note_progress(done: int, total: int) -> None:
    """Write how far it is, whole or not at all."""
    path = progress_file()
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps({"done": done, "total": total}))
    temporary.replace(path)


def read_progress() -> tuple[int, int]:
    """Cases done and wanted; (0, 0) when there is no demo history."""
    try:
        said = json.loads(progress_file().read_text())
        return int(said["done"]), int(said["total"])
    except (OSError, ValueError, KeyError):
        return 0, 0
