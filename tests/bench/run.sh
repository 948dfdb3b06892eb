#!/usr/bin/env bash
# Measures P1-P9, each against a peer or a limit in the same run, and prints one table. The machine should be
# otherwise idle.
#   tests/bench/run.sh [--no-install] [P1 P2 ...]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=tools/packages.sh
. tools/packages.sh
if [ "${1:-}" = --no-install ]; then
    shift
else
    install_missing "${packages_build[@]}" "${packages_bench[@]}"
fi
cmake --preset bench >/dev/null
cmake --build --preset bench
ulimit -n "$(ulimit -Hn)"
exec /usr/bin/python3 tests/bench/run.py --bin build/bench/bin "$@"
