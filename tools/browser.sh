#!/usr/bin/env bash
# Browser tests need Debian's chromium and a Chinese font. As root on Debian they are installed here;
# otherwise this says how, and those tests are skipped with the same words.
set -euo pipefail
packages=()
command -v chromium >/dev/null || packages+=(chromium)
fc-list 2>/dev/null | grep -qi 'noto.*cjk' || packages+=(fonts-noto-cjk)
[ ${#packages[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "安装浏览器测试所需 · installing for the browser tests: ${packages[*]}"
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${packages[@]}" fontconfig >/dev/null; then
        exit 0
    fi
fi
echo "浏览器测试将跳过,如需运行 · browser tests will be skipped; to run them: sudo apt install chromium fonts-noto-cjk"
