"""How a worker process of the replay begins: before anything of Wangge may be imported, Django is set up."""

from __future__ import annotations

import signal

import django


def start() -> None:
    """Own memory, own connections; Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
