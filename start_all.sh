#!/usr/bin/env bash
# Installs what is missing, builds the release and runs the host until Ctrl+C.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: ./start_all.sh [--build-only] [--no-install] [--config FILE]

  --build-only   install and build, but do not start
  --no-install   never install packages; a missing one ends the build with its own message
  --config FILE  use this configuration instead of config.json
TEXT
}

cd "$(dirname "$(readlink -f "$0")")"
config=config.json
build_only=no
install=yes
start_dir=${OLDPWD:-$PWD}
while [ $# -gt 0 ]; do
    case "$1" in
        --build-only) build_only=yes ;;
        --no-install) install=no ;;
        --config)
            [ $# -ge 2 ] || { usage >&2; exit 64; }
            shift
            case "$1" in
                /*) config=$1 ;;
                *) config=$start_dir/$1 ;;
            esac
            ;;
        -h | --help) usage; exit 0 ;;
        *) echo "Unknown option: $1" >&2; usage >&2; exit 64 ;;
    esac
    shift
done

# shellcheck source=tools/packages.sh
. tools/packages.sh
[ "$install" = no ] || install_missing "${packages_build[@]}"

echo "Building (the first time takes a few minutes) ..."
log=$(mktemp)
if ! { cmake --preset release && cmake --build --preset release; } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "The build failed; the whole log is $log" >&2
    exit 1
fi
rm -f "$log"
host=build/release/bin/image-pipeline
[ "$build_only" = no ] || { echo "Built: $host"; exit 0; }

"$host" --config "$config" --check-config || exit $?

# The host prints its addresses on standard output once every service listens.
# In a session of its own: Ctrl+C reaches this script alone, which passes it on once.
exec 3< <(exec setsid "$host" --config "$config")
pid=$!
trap 'kill -TERM "$pid" 2>/dev/null || true' INT TERM HUP
urls=()
generator=
while read -r -u 3 service url; do
    [ "$service" = ready ] && break
    urls+=("$service $url")
    [ "$service" = dual_gen ] && generator=$url
    [ -n "$generator" ] || generator=$url
done
if [ "${service:-}" != ready ]; then
    wait "$pid" || exit $?
    exit 1
fi
for _ in $(seq 50); do
    curl -fsS -o /dev/null --max-time 2 "$generator/health" 2>/dev/null && break
    sleep 0.1
done
if ! curl -fsS -o /dev/null --max-time 2 "$generator/health"; then
    echo "The host started but $generator/health does not answer." >&2
    kill -TERM "$pid"
    wait "$pid" || true
    exit 1
fi
echo
echo "Image Pipeline is running:"
for line in "${urls[@]}"; do
    case "$line" in
        dual_gen*) echo "  generate pictures   ${line#* }" ;;
        json_from_image*) echo "  vision              ${line#* }" ;;
        create_json*) echo "  scene editor        ${line#* }" ;;
    esac
done
echo "Ctrl+C stops everything; a second Ctrl+C at once. Unfinished jobs go on at the next start."
status=0
while :; do
    wait "$pid" && status=0 || status=$?
    kill -0 "$pid" 2>/dev/null || break
done
exit "$status"
