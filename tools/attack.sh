#!/usr/bin/env bash
# Attacks a throw-away town of its own with three known tools, on this machine only, and says what they found.
#   schemathesis  the whole OpenAPI document with three tokens: no 5xx, every answer as the document says
#   sqlmap        every parameter of the public pages and of the API
#   wapiti        the public pages: injection, files, commands, redirects, headers, cookies
# Each lives in an environment of its own under .venv-attack/, so that the project's locks stay small. Exit code 1: something
# was found, or a tool could not be had. ATTACK=schemathesis,sqlmap,wapiti chooses; ATTACK_PORT (default 8590) is where.
set -uo pipefail
cd "$(dirname "$0")/.."
readonly root=$PWD port=${ATTACK_PORT:-8590} tools=${ATTACK:-schemathesis,sqlmap,wapiti}
readonly address=http://127.0.0.1:$port
# the versions that were tried; a newer one is a change of this line
readonly SCHEMATHESIS=schemathesis==4.32.5 SQLMAP=sqlmap==1.10.10 WAPITI=wapiti3==3.2.3
folder=$(mktemp -d "${TMPDIR:-/tmp}/wangge-attack.XXXXXX")
# as root the database runs as another account, which has to reach its folder
chmod 755 "$folder"
readonly folder out=$root/.venv-attack/results
export WANGGE_DATA=$folder/data PYTHONPATH=$root
export WANGGE_LOG=ERROR
server=
helper=
findings=()

say() { printf '\n== %s\n' "$*"; }

stop() {
    [ -n "$helper" ] && kill -TERM "$helper" 2>/dev/null && wait "$helper" 2>/dev/null
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null
        wait "$server" 2>/dev/null
    fi
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# have NAME REQUIREMENT…: an environment of its own with one tool
have() {
    local place=.venv-attack/$1
    shift
    [ -f "$place/.installed" ] && [ "$(cat "$place/.installed")" = "$*" ] && return
    rm -rf "$place"
    .venv/bin/python -m venv "$place" &&
        "$place/bin/python" -m pip install --quiet --disable-pip-version-check "$@" &&
        printf '%s' "$*" >"$place/.installed"
}

# try NAME COMMAND…: run it, keep what it says, note when it found something
attempt() {
    local name=$1
    shift
    "$@" >"$out/$name.txt" 2>&1
    local code=$?
    if [ $code -eq 0 ]; then
        echo "  $name: 没有发现 · nothing found"
    else
        echo "  $name: 有发现 · findings (exit $code), see .venv-attack/results/$name.txt"
        findings+=("$name")
    fi
}

cannot() {
    echo "  $1 装不上:请检查网络 · $1 cannot be had: check the network (pip install $2)"
    findings+=("$1 could not be installed")
}

open_town() {
    say "一座用完即弃的城镇 · a throw-away town at $address"
    .venv/bin/python -m wangge demo --no-history >/dev/null || exit 1
    .venv/bin/python -m wangge serve --port "$port" --workers 2 >"$folder/serve.txt" 2>&1 &
    server=$!
    for _ in $(seq 240); do
        curl -sf "$address/readyz" >/dev/null && break
        kill -0 "$server" 2>/dev/null || { tail -20 "$folder/serve.txt"; exit 1; }
        sleep 0.5
    done
    .venv/bin/python tools/attack_town.py "$address" >"$folder/town.sh" || exit 1
    curl -sf --max-time 120 "$address/api/openapi.json" >"$folder/openapi.json" || exit 1
    .venv/bin/python tools/attack_town.py --no-limits >"$folder/limits.txt" 2>&1 &
    helper=$!
    . "$folder/town.sh" # TOKEN_CLERK, TOKEN_DISPATCHER, TOKEN_LEADER, CODE, NUMBER, FILE
}

run_schemathesis() {
    have schemathesis "$SCHEMATHESIS" || { cannot schemathesis "$SCHEMATHESIS"; return; }
    say "$SCHEMATHESIS: /api/openapi.json"
    local who token
    for who in clerk dispatcher leader nobody; do
        token=TOKEN_${who^^}
        local header=()
        [ "$who" = nobody ] || header=(--header "Authorization: Bearer ${!token}")
        attempt "schemathesis-$who" .venv-attack/schemathesis/bin/schemathesis --config-file tools/schemathesis.toml run \
            "$folder/openapi.json" --url "$address" "${header[@]}" --request-timeout 60 --request-retries 2 --seed 20261122 --max-examples "${ATTACK_EXAMPLES:-40}" --no-color
    done
}

run_sqlmap() {
    have sqlmap "$SQLMAP" || { cannot sqlmap "$SQLMAP"; return; }
    say "$SQLMAP: 公开页面和接口的每个参数 · every parameter of the public pages and the API"
    .venv/bin/python tools/attack_town.py --targets "$address" >"$folder/targets.txt"
    local n=0 method target data
    while IFS=$'\t' read -r method target data; do
        n=$((n + 1))
        local more=()
        [ -n "$data" ] && more=(--data "$data")
        [[ $data == "{"* ]] && more+=(--header "Content-Type: application/json")
        [[ $target == */api/* && $target != */api/follow/* ]] && more+=(--header "Authorization: Bearer $TOKEN_CLERK")
        timeout 600 .venv-attack/sqlmap/bin/sqlmap -u "$target" --method "$method" "${more[@]}" --batch --level 2 --risk 2 \
            --dbms PostgreSQL --technique BEUST --time-sec 3 --threads 2 --flush-session --disable-coloring \
            --skip-waf --ignore-code '*' --output-dir "$folder/sqlmap" >"$out/sqlmap-$n.txt" 2>&1
        if grep -qE "is vulnerable|sqlmap identified the following injection" "$out/sqlmap-$n.txt"; then
            echo "  sqlmap $method $target: 有发现 · findings, see .venv-attack/results/sqlmap-$n.txt"
            findings+=("sqlmap $target")
        elif ! grep -qE "do not appear to be injectable|does not seem to be injectable" "$out/sqlmap-$n.txt"; then
            echo "  sqlmap $method $target: 没有跑完 · did not finish, see .venv-attack/results/sqlmap-$n.txt"
            findings+=("sqlmap $target did not finish")
        else
            rm -f "$out/sqlmap-$n.txt"
        fi
    done <"$folder/targets.txt"
    echo "  sqlmap: $n 个地址 · addresses"
}

run_wapiti() {
    have wapiti "$WAPITI" || { cannot wapiti "$WAPITI"; return; }
    say "$WAPITI: 公开页面 · the public pages"
    timeout "${ATTACK_WAPITI_S:-1500}" .venv-attack/wapiti/bin/wapiti -u "$address/" -s "$address/report/" \
        -s "$address/follow/$CODE/" --scope domain --flush-session -S "${ATTACK_FORCE:-normal}" --max-links-per-page 60 \
        --max-scan-time 900 --max-attack-time 180 -x "$address/sign-out/" -x "$address/demo/*" -v 1 --no-bugreport \
        -m backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,information_disclosure,ldap,methods,permanentxss,redirect,sql,ssti,timesql,upload,xss,xxe \
        -f json -o "$out/wapiti.json" >"$out/wapiti.txt" 2>&1
    .venv/bin/python tools/attack_town.py --verdict "$out/wapiti.json" || findings+=(wapiti)
}

rm -rf "$out"
mkdir -p "$out"
open_town
[[ $tools == *schemathesis* ]] && run_schemathesis
[[ $tools == *sqlmap* ]] && run_sqlmap
[[ $tools == *wapiti* ]] && run_wapiti
if grep -qE "incident|Traceback" "$folder/serve.txt"; then
    cp "$folder/serve.txt" "$out/server.txt"
    echo "  服务器报错 · the server logged errors, see .venv-attack/results/server.txt"
    findings+=("errors in the server's log")
fi
if [ ${#findings[@]} -gt 0 ]; then
    say "结论:有发现 · verdict: findings"
    printf '  %s\n' "${findings[@]}"
    exit 1
fi
say "结论:没有发现 · verdict: nothing found"
