#!/usr/bin/env bash
# The floors of host/ depend one way: a file includes only from its own floor or a lower one. Plugins
# include nothing of the host. Fails with every include that breaks this.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
floors=(support imaging config plugins store pipeline http services)
bad=0
for i in "${!floors[@]}"; do
    for j in "${!floors[@]}"; do
        if [ "$j" -gt "$i" ]; then
            if grep -rnE "#include \"${floors[$j]}/" "host/${floors[$i]}"; then bad=1; fi
        fi
    done
done
for floor in "${floors[@]}"; do
    if grep -rnE "#include \"$floor/" plugins sdk; then bad=1; fi
done
if grep -rnE '#include [<"]ipl/' host --include='*.?pp' | grep -v '^host/plugins/'; then bad=1; fi
if [ "$bad" -ne 0 ]; then
    echo "The includes above go up a floor, or across a border." >&2
    exit 1
fi
echo "all includes go down"
