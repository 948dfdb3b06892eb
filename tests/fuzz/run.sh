#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a while. README.md tells more.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: tests/fuzz/run.sh [--seconds N] [--least N] [--slow N] [--jobs N] [--no-build] [TARGET...]

  --seconds N   how long each target runs (default 60)
  --least N     a target with fewer runs has shown nothing, which is a failure too (default 1000;
                in less than a minute that part of it)
  --slow N      an input that takes more seconds is a finding (default 5; more with more jobs than
                there are cores; give a busy machine more, they count while others run too)
  --jobs N      how many run at once (default 1)
  --no-build    run what is built already
  TARGET        such as http_head; default: all of tests/fuzz/*.cpp

The corpus stays in build/fuzz/corpus and grows from run to run; inputs that made a target fail
are kept in build/fuzz/findings. Exit status 1 when there was one, or too few runs.
TEXT
}

cd "$(dirname "$(readlink -f "$0")")/../.."
seconds=60
least=
slow=
jobs=1
build=yes
targets=()
while [ $# -gt 0 ]; do
    case "$1" in
        --seconds) seconds=${2:?--seconds needs a number}; shift ;;
        --least) least=${2:?--least needs a number}; shift ;;
        --slow) slow=${2:?--slow needs a number}; shift ;;
        --jobs) jobs=${2:?--jobs needs a number}; shift ;;
        --no-build) build=no ;;
        -h | --help) usage; exit 0 ;;
        -*) echo "Unknown option: $1" >&2; usage >&2; exit 64 ;;
        *) targets+=("$1") ;;
    esac
    shift
done
if [ ${#targets[@]} = 0 ]; then
    mapfile -t targets < <(basename -s .cpp tests/fuzz/*.cpp)
fi
for target in "${targets[@]}"; do
    [ -f "tests/fuzz/$target.cpp" ] || { echo "No such target: $target" >&2; exit 64; }
done

[ -n "$least" ] || least=$((seconds < 60 ? 1000 * seconds / 60 : 1000))

out=build/fuzz
mkdir -p "$out"/{corpus,findings,logs,seeds}
if [ "$build" = yes ]; then
    cmake --preset fuzz >"$out/logs/configure.log"
    nice cmake --build "$out" -j "$jobs" --target "${targets[@]/#/fuzz_}" >"$out/logs/build.log" ||
        { tail -n 40 "$out/logs/build.log" >&2; exit 1; }
fi
rm -rf "$out/seeds"
python3 tests/fuzz/recorded_seeds.py "$out/seeds"

# Where inputs to begin with lie: the target's own, what recorded_seeds.py made for it, and files
# that are inputs as they are.
seeds_of() {
    case "$1" in
        picture_* | edit_mask) echo tests/data/pictures tests/data/metadata ;;
        metadata_texts) echo tests/data/metadata ;;
        scene) echo tests/fuzz/seeds/llm_text ;;
        llm_text) echo tests/fuzz/seeds/scene ;;
        proxy_headers | request_guards) echo tests/fuzz/seeds/http_head ;;
        generate_request) echo tests/fuzz/seeds/http_forms ;;
    esac
    local folder
    for folder in "tests/fuzz/seeds/$1" "build/fuzz/seeds/$1"; do
        [ ! -d "$folder" ] || echo "$folder"
    done
}

longest_input() {
    case "$1" in
        picture_*) echo 16384 ;;
        http_head | http_answer | websocket | chat_* | comfyui_answer | \
            backend_requests | plugin_settings | openai_images_answer | scene | llm_text | metadata_texts | generate_request) echo 8192 ;;
        *) echo 4096 ;;
    esac
}

# Neither -entropic nor -use_value_profile: both cost more runs than they find in minutes.
run_one() {
    local target=$1 log="build/fuzz/logs/$1.log" status=0 start=$EPOCHREALTIME
    mkdir -p "build/fuzz/corpus/$target"
    # shellcheck disable=SC2046  # several folders
    nice "build/fuzz/bin/fuzz_$target" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout="$slow" \
        -max_len="$(longest_input "$target")" -print_final_stats=1 -entropic=0 \
        -artifact_prefix="build/fuzz/findings/$target-" \
        "build/fuzz/corpus/$target" $(seeds_of "$target") >"$log" 2>&1 || status=$?
    local end=$EPOCHREALTIME runs rate coverage
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    runs=${runs:-0}
    rate=$((runs * 1000000 / (${end/./} - ${start/./} + 1)))
    coverage=$(grep -o 'cov: [0-9]* ft: [0-9]* corp: [0-9]*' "$log" | tail -n 1 || true)
    if [ "$status" = 0 ] && [ "$runs" -ge "$least" ]; then
        printf '%-20s ok       %9s runs %7s/s  %s\n' "$target" "$runs" "$rate" "$coverage"
        return 0
    fi
    if [ "$status" = 0 ]; then
        printf '%-20s TOO FEW  %9s runs %7s/s  %s\n' "$target" "$runs" "$rate" "$coverage"
        printf '    it needs %s: give it more --seconds, or make the target faster\n' "$least"
        return 1
    fi
    printf '%-20s FINDING  %s\n' "$target" \
        "$(grep -m 1 -E 'FINDING|ERROR:|runtime error|terminate' "$log" || echo "exit status $status")"
    printf '    input: %s   report: %s\n' \
        "$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)" "$log"
    return 1
}

# With more at once than there are cores each of them is slower.
[ -n "$slow" ] || slow=$((5 * ((jobs + $(nproc) - 1) / $(nproc))))
export seconds slow least
export -f run_one seeds_of longest_input
symbolizer=$(command -v llvm-symbolizer-16 addr2line | head -n 1 || true)
export ASAN_SYMBOLIZER_PATH=$symbolizer UBSAN_OPTIONS=print_stacktrace=1
# Shorter stacks of where memory came from, and less of it kept back: every allocation is cheaper.
export ASAN_OPTIONS=malloc_context_size=6:quarantine_size_mb=32
printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -c 'run_one {}' ||
    { echo "Failed: see above. Repeat one with build/fuzz/bin/fuzz_TARGET INPUT"; exit 1; }
