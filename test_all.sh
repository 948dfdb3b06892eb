#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test that has to hold on every change.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: ./test_all.sh [--full] [--no-install]

  --full         also: AddressSanitizer+UBSan and ThreadSanitizer over all tests, clang-tidy over the
                 whole tree, the release build, the long runs, a minute of fuzzing for each parser
  --no-install   never install packages

IPL_BASE names the commit that clang-tidy compares with (default: the last
commit and what is not committed). IPL_REQUIRE_ALL=1, the default of --full, makes a test fail that
cannot run here (no right to mount, no libfaketime, a low limit of open files); 0 skips it.
TEXT
}

cd "$(dirname "$(readlink -f "$0")")"
full=no
install=yes
for argument in "$@"; do
    case "$argument" in
        --full) full=yes ;;
        --no-install) install=no ;;
        -h | --help) usage; exit 0 ;;
        *) echo "Unknown option: $argument" >&2; usage >&2; exit 64 ;;
    esac
done

# shellcheck source=tools/packages.sh
. tools/packages.sh
if [ "$install" = yes ]; then
    install_missing "${packages_build[@]}" "${packages_test[@]}"
    if [ "$full" = yes ]; then install_missing "${packages_reports[@]}"; fi
    # A newer Node.js than Debian's serves as well.
    command -v node >/dev/null || install_missing nodejs
    command -v npm >/dev/null || install_missing npm
fi
jobs=$(nproc)
# What a full run cannot run is not to go unnoticed.
if [ "$full" = yes ]; then export IPL_REQUIRE_ALL="${IPL_REQUIRE_ALL:-1}"; fi

say() { printf '\n== %s\n' "$*"; }

say "Formatting"
tools/check_format.sh --all

say "Building (clang-16, dev)"
cmake --preset dev >/dev/null
cmake --build --preset dev

say "Browser test's packages"
(cd tests/e2e && npm ci --silent --no-audit --no-fund)

if [ "$full" = yes ]; then
    say "clang-tidy, the whole tree"
    tools/check_tidy.sh --all build/dev
else
    say "clang-tidy, what changed"
    tools/check_tidy.sh build/dev
fi

say "Tests"
ctest --preset dev -j $((jobs * 2)) -LE long

if [ "$full" = yes ]; then
    say "Long runs"
    ctest --preset dev -L long
    for preset in asan tsan; do
        say "All tests with $preset"
        cmake --preset "$preset" >/dev/null
        cmake --build --preset "$preset"
        ctest --preset "$preset" -j "$jobs" -LE 'long|browser'
    done
    say "Fuzzing"
    tests/fuzz/run.sh --seconds 60 --jobs "$jobs"
    say "Release build (g++)"
    cmake --preset release >/dev/null
    cmake --build --preset release
fi
