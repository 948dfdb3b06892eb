#!/bin/sh
# A third party's way: install the SDK somewhere, find_package it from there, build plugins outside of
# this tree with another compiler (also one that carries its own C++ library), validate them.
# usage: install_test.sh <build folder> <cmake>
set -eu
build=$1
cmake=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$cmake" --install "$build" --prefix "$work/sdk" --component sdk >/dev/null
cp -r "$here/consumer" "$work/consumer"
"$cmake" -S "$work/consumer" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/sdk" \
    -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    -DEXAMPLES="$work/sdk/share/ipl-sdk/examples" >"$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
"$cmake" --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$here/symbols_test.sh" "$work/build/out"
(cd "$work/build" && ctest --output-on-failure)
"$cmake" --install "$work/build" --prefix "$work/installed" >/dev/null
[ -f "$work/installed/lib/image-pipeline/plugins/gradient.so" ]
