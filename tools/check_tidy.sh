#!/usr/bin/env bash
# clang-tidy over the sources that changed (or --all): check_tidy.sh [--all] BUILD_DIRECTORY
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. tools/changed_files.sh
all=no
if [ "${1:-}" = --all ]; then
    all=yes
    shift
fi
build=${1:?the build directory is missing}
if [ "$all" = yes ]; then
    files=$(git ls-files 'host/*.cpp' 'plugins/*.cpp' 'sdk/*.cpp' 'tools/*.cpp')
else
    files=$(changed_files 'host/*.cpp' 'plugins/*.cpp' 'sdk/*.cpp' 'tools/*.cpp')
fi
# Only what the build compiles has its flags on record.
files=$(for file in $files; do
    if grep -qF "$PWD/$file\"" "$build/compile_commands.json"; then echo "$file"; fi
done)
[ -n "$files" ] || { echo "nothing to check"; exit 0; }
echo "$files" | xargs -n 4 -P "$(nproc)" clang-tidy-16 --quiet -p "$build" 2>/dev/null
echo "$(echo "$files" | wc -l) file(s) tidy"
