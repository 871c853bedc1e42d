#!/bin/sh
# 居民上报并查询,无需账号 · A resident reports and follows it, without an account.
#   WANGGE=http://127.0.0.1:8000 sh report.sh [photo.jpg]
set -eu
WANGGE=${WANGGE:-http://127.0.0.1:8000}
cookies=$(mktemp)
trap 'rm -f "$cookies"' EXIT

# curl, failing on a refusal but showing why; the cookie keeps the visit, which owns the uploaded photo
ask() {
    curl --silent --show-error --fail-with-body --cookie "$cookies" --cookie-jar "$cookies" "$@"
}
# the value of a text field in a flat JSON answer
field() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"
}

files=""
if [ $# -gt 0 ]; then
    key=$(ask --form "file=@$1" "$WANGGE/api/files" | field key)
    files="\"$key\""
fi

# the same key again would give the same answer, not a second case
once=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
answer=$(ask "$WANGGE/api/cases" \
    --header "Content-Type: application/json" --header "Idempotency-Key: $once" \
    --data "{\"text\": \"小区门口的垃圾三天没人收\", \"lon\": 120.105, \"lat\": 35.905, \"datum\": \"gcj02\",
             \"name\": \"张三丰\", \"phone\": \"13812341234\", \"files\": [$files]}")
echo "案件编号 number: $(printf %s "$answer" | field number)"
code=$(printf %s "$answer" | field code)
echo "查询码 code:     $code"

# the present state in a sentence, by when it is answered, what may be done now
ask "$WANGGE/api/follow/$code"
echo
ask "$WANGGE/api/follow/$code/supplement" --header "Content-Type: application/json" --data '{"words": "夏天味道很大"}' >/dev/null
echo "已补充 supplemented"
