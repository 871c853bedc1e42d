"""The demo town in a data folder that does not run, made once in a test run: who needs one takes a copy."""

from __future__ import annotations

import os
from pathlib import Path

from drill.town import Ground


def settled_town() -> Path:
    """The folder; the first who asks makes it, others wait."""
    ground = Ground(Path(os.environ["WANGGE_TEST_FOLDER"]), 0)
    ground.settle()
    return ground.settled.root
