#!/usr/bin/env bash
# Writes requirements.lock (the program and its build tool) and requirements-dev.lock (that and the tools).
# Versions in the present files are kept unless pyproject.toml asks otherwise or --upgrade is given.
# The files name no server: each machine uses the one it is set up with.
set -euo pipefail
cd "$(dirname "$0")/.."
flags=(--quiet --universal --generate-hashes --no-emit-index-url --no-header)

.venv/bin/uv pip compile pyproject.toml --group build "${flags[@]}" "$@" --output-file requirements.lock
.venv/bin/uv pip compile pyproject.toml --group build --group dev "${flags[@]}" "$@" \
    --constraint requirements.lock --output-file requirements-dev.lock

if grep -nE '://|@ file' requirements*.lock; then
    echo "a lock file names an address: it must not" >&2
    exit 1
fi
echo "$(grep -c '==' requirements.lock) + $(($(grep -c '==' requirements-dev.lock) - $(grep -c '==' requirements.lock))) packages locked"
