#!/usr/bin/env bash
# Every numbered surprise of the recordings has a row in its server's table, and every row names
# tests that are there. Fails with each number that is missing and each test that is not found.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
tests=$(find . -name '*_test.cpp' -exec cat {} + | tr -s '\n ' ' ' |
    grep -oE '\bTEST(_F|_P)? ?\( ?[A-Za-z0-9_]+, ?[A-Za-z0-9_]+ ?\)' |
    sed -E 's/.*\( ?([A-Za-z0-9_]+), ?([A-Za-z0-9_]+) ?\)/\1.\2/' | sort -u)
bad=0
complain() {
    echo "tests/data/$1" >&2
    bad=1
}
for table in comfyui:21 forge-http-layer:14 sd-server:15 llama-server:22; do
    server=${table%:*}
    file=data/$server/README.md
    for number in $(seq "${table#*:}"); do
        row=$(grep -E "^\| $number \|" "$file" || true)
        if [ "$(grep -c . <<<"$row")" -ne 1 ]; then
            complain "$server/README.md: surprise $number needs one row"
            continue
        fi
        named=$(cut -d'|' -f4- <<<"$row" | grep -oE '`[^`]+`' | tr -d '`' || true)
        [ -n "$named" ] || complain "$server/README.md: surprise $number names no test"
        for name in $named; do
            grep -qxF -- "$name" <<<"$tests" ||
                complain "$server/README.md: surprise $number: there is no test $name"
        done
    done
done
[ "$bad" -eq 0 ] || exit 1
echo "every surprise of the recordings names its tests"
