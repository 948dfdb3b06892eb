#!/bin/sh
# The layout of the ABI's structs is the one of the released version.
# usage: layout_test.sh <layout_dump program>
"$1" | diff -u "$(dirname "$0")/layout-1.0.txt" -
