#!/usr/bin/env bash
# Runs the release build under a mixed load with faults for a while and tells whether descriptors,
# threads and memory stay flat and every accepted job ends.
#   tests/soak/run.sh [--no-install] [--minutes 30] [--seed N]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=tools/packages.sh
. tools/packages.sh
if [ "${1:-}" = --no-install ]; then
    shift
else
    install_missing "${packages_build[@]}" python3
fi
cmake --preset release >/dev/null
cmake --build --preset release
exec /usr/bin/python3 tests/soak/soak.py --bin build/release/bin "$@"
