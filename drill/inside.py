"""``python -m drill.inside settle``: a module of the drill that needs Wangge's models, with Django set up first."""

from __future__ import annotations

import importlib
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.settings")
    django.setup()
    importlib.import_module(f"drill.{sys.argv[1]}").main(*sys.argv[2:])


if __name__ == "__main__":
    main()
