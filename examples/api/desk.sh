#!/bin/sh
# 受理员:看待办,受理第一件 · The desk: what waits, accept the first.
#   WANGGE_TOKEN=wg_… sh desk.sh
set -eu
WANGGE=${WANGGE:-http://127.0.0.1:8000}

ask() {
    curl --silent --show-error --header "Authorization: Bearer $WANGGE_TOKEN" "$@"
}

echo "待办 what waits:"
ask --fail-with-body "$WANGGE/api/waiting"
echo

# soonest deadline first
first=$(ask --fail-with-body "$WANGGE/api/cases?mine=waiting&waiting=accept&size=1")
number=$(printf %s "$first" | sed -n 's/.*"number":"\([^"]*\)".*/\1/p')
seen=$(printf %s "$first" | sed -n 's/.*"n_entries":\([0-9]*\).*/\1/p')
[ -n "$number" ] || { echo "没有待受理的案件 nothing to accept"; exit 0; }

# If-Match: if somebody acted since, this is refused with 409 and told what is true now
ask --fail-with-body --request POST --header "If-Match: \"$seen\"" "$WANGGE/api/cases/$number/accept" >/dev/null
echo "已受理 accepted: $number"

echo "再办一次 once more:"
ask --request POST "$WANGGE/api/cases/$number/accept"
echo
