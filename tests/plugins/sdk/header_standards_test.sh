#!/bin/sh
# The ABI header compiles cleanly, with the released layout, in every supported standard of C and C++,
# and the C++ wrapper without a warning, under each compiler that is there.
# usage: header_standards_test.sh <include folder>
set -eu
include=$1
here=$(dirname "$0")
warnings="-Wall -Wextra -Wpedantic -pedantic-errors -Wshadow -Werror -fsyntax-only"
seen=0
for pair in "gcc g++" "clang-16 clang++-16"; do
    set -- $pair
    command -v "$1" >/dev/null && command -v "$2" >/dev/null || continue
    seen=$((seen + 1))
    for standard in c11 c17; do
        "$1" -std=$standard $warnings -I"$include" "$here/layout_assert.c"
        "$1" -std=$standard $warnings -I"$include" "$include/../examples/gradient.c"
    done
    for standard in c++11 c++14 c++17 c++20; do
        "$2" -x c++ -std=$standard $warnings -I"$include" "$here/layout_assert.c"
    done
    "$2" -std=c++20 $warnings -I"$include" "$include/../examples/haiku.cpp"
done
[ $seen -gt 0 ]
