"""How a worker process of the replay begins: before anything of Wangge may be imported, Django is set up."""

from __future__ import annotations

import os
import signal

import django

from wangge.kit.processes.children import end_with


def start() -> None:
    """Own memory, own connections; Ctrl-C is the parent's business, and its end is ours."""
    end_with(os.getppid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
