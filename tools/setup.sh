#!/usr/bin/env bash
# Prepares .venv from the lock files. make calls it when a lock is newer than the last success.
#   tools/setup.sh runtime      what the program needs
#   tools/setup.sh everything   and the tools to test and check it
set -euo pipefail
cd "$(dirname "$0")/.."
readonly oldest="(3, 11)"

say() { printf '%s\n' "$*" >&2; }

# A name on the PATH may be a stub for a version that is not there, so each candidate is run, not only found.
new_enough() { "$1" -c "import sys; sys.exit(sys.version_info < $oldest)" >/dev/null 2>&1; }
can_make_venv() { "$1" -c "import venv, ensurepip" >/dev/null 2>&1; }

find_python() {
    local name
    for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3 python; do
        if new_enough "$name" && can_make_venv "$name"; then
            echo "$name"
            return
        fi
    done
    return 1
}

may_install_packages() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# Debian ships Python without venv; as root we may add it.
add_debian_venv() {
    new_enough python3 && may_install_packages || return 1
    say "安装 python3-venv · installing Debian's python3-venv"
    apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >&2
}

make_venv() {
    local python
    if ! python=$(find_python); then
        add_debian_venv || true
        python=$(find_python) || {
            say "需要 Python 3.11 或更高版本(含 venv)。Debian/Ubuntu: apt install python3 python3-venv;其他位置: make setup PYTHON=/路径/python3.12"
            say "Python 3.11 or newer with venv is needed. Debian/Ubuntu: apt install python3 python3-venv; elsewhere: make setup PYTHON=/path/to/python3.12"
            exit 1
        }
    fi
    rm -rf .venv
    "$python" -m venv .venv
    say "新建 .venv · made .venv with $("$python" --version)"
}

# The lock is complete, so nothing is resolved; hashes are compared and nothing is built from source.
install_locked() {
    local file=$1
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --only-binary :all: --no-compile -r "$file" || {
        say "安装依赖失败:请检查网络后再执行 make setup"
        say "The packages of $file could not be installed: check the network, then run make setup again"
        exit 1
    }
    # on all cores, and even where PYTHONDONTWRITEBYTECODE is set: without it every start takes three times as long
    .venv/bin/python -m compileall -q -j 0 .venv/lib wangge >/dev/null || true
}

main() {
    .venv/bin/python -c "" >/dev/null 2>&1 && new_enough .venv/bin/python || make_venv
    case "${1:-}" in
    runtime)
        say "安装运行所需的软件包 · installing what the program needs (requirements.lock)"
        install_locked requirements.lock
        .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
        touch .venv/.runtime-installed
        ;;
    everything)
        say "安装测试与检查工具 · installing the tools for tests and checks (requirements-dev.lock)"
        install_locked requirements-dev.lock
        touch .venv/.everything-installed
        ;;
    *)
        say "usage: tools/setup.sh runtime|everything"
        exit 2
        ;;
    esac
}

main "$@"
