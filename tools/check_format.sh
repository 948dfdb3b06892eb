#!/usr/bin/env bash
# clang-format over what changed (or --all); fails with the places that differ.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. tools/changed_files.sh
if [ "${1:-}" = --all ]; then
    files=$(git ls-files '*.cpp' '*.hpp' '*.h' '*.c')
else
    files=$(changed_files '*.cpp' '*.hpp' '*.h' '*.c')
fi
[ -n "$files" ] || { echo "nothing to check"; exit 0; }
echo "$files" | xargs clang-format-16 --dry-run -Werror
echo "$(echo "$files" | wc -l) file(s) well formatted"
