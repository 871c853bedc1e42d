#!/usr/bin/env bash
# Everything that can be judged without running the product. All steps run, so that one look shows every fault.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=()

step() {
    local name=$1
    shift
    printf '\n== %s\n' "$name"
    "$@" || failed+=("$name")
}

step "style · ruff check" $bin/ruff check --quiet --output-format concise .
step "style · ruff format" $bin/ruff format --check --quiet .
step "types · mypy --strict" $bin/mypy
step "imports · import-linter" $bin/lint-imports --no-logo
step "house rules and papers · pytest" $bin/python -m pytest -q --no-header -p no:xdist \
    tests/test_consistency.py tests/test_papers.py tests/test_open_doors.py

if [ ${#failed[@]} -gt 0 ]; then
    printf '\n没有通过 · failed:\n'
    printf '  %s\n' "${failed[@]}"
    exit 1
fi
printf '\n全部通过 · all checks passed\n'
