#!/bin/sh
# Writes docs/reference/scope.md from a walk of every role through every door. Rights that grew are named and nothing is
# written, unless they are meant: tools/scope.sh --grown. Then read the difference (git diff) against the Scope table.
set -u
cd "$(dirname "$0")/.."
case "${1:-}" in
    "") mode=yes ;;
    --grown) mode="also what grew" ;;
    *) echo "usage: tools/scope.sh [--grown]" >&2; exit 2 ;;
esac
WANGGE_WRITE_SCOPE="$mode" .venv/bin/python -m pytest -q -p no:xdist tests/scope/test_scope_page.py || exit 1
git --no-pager diff --stat -- docs/reference/scope.md
