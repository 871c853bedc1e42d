"""``python -m bench.inside settle``: a module that needs Wangge's models, with Django set up first.

A module of the bench by its name, one of elsewhere by its whole name: ``python -m bench.inside drill.settle``.
"""

from __future__ import annotations

import importlib
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.settings")
    django.setup()
    name = sys.argv[1]
    importlib.import_module(name if "." in name else f"bench.{name}").main(*sys.argv[2:])


if __name__ == "__main__":
    main()
