"""``python -m drill.settle_in``: ``drill.settle`` (or another module) in the data folder of ``WANGGE_DATA``, with its database open."""

from __future__ import annotations

import os
import subprocess
import sys

from wangge.kit.postgres import data_folder, lease


def main() -> int:
    module = sys.argv[1] if len(sys.argv) > 1 else "settle"
    with lease(data_folder()) as server:
        given = os.environ | {"DATABASE_URL": server.app_url, "DATABASE_OWNER_URL": server.owner_url}
        return subprocess.run(
            [sys.executable, "-m", "bench.inside", f"drill.{module}", *sys.argv[2:]], env=given, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
