#!/bin/sh
# Every plugin in the folder exports exactly one symbol, ipl_entry_v1, and no GNU unique one.
# usage: symbols_test.sh <plugin folder>
set -eu
count=0
for plugin in "$1"/*.so; do
    count=$((count + 1))
    exported=$(readelf --dyn-syms -W "$plugin" |
        awk '$1 ~ /^[0-9]+:$/ && $7 != "UND" && $5 != "LOCAL" {print $5, $8}')
    if [ "$exported" != "GLOBAL ipl_entry_v1" ]; then
        echo "$plugin exports:"
        echo "$exported"
        exit 1
    fi
done
[ $count -ge 2 ] || { echo "no plugins in $1"; exit 1; }
