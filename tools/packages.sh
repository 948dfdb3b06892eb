# Sourced by start_all.sh and test_all.sh: the Debian packages that building and testing need, and the
# function that installs what is missing.

packages_build=(
    build-essential cmake ninja-build ccache pkg-config curl ca-certificates
    libpoco-dev libboost-dev libspdlog-dev nlohmann-json3-dev libsimdjson-dev
    libcurl4-openssl-dev libwslay-dev zlib1g-dev libspng-dev libwebp-dev libturbojpeg0-dev libgif-dev libarchive-dev
)
packages_test=(
    clang-16 clang-tidy-16 clang-format-16 libclang-rt-16-dev libgtest-dev libgmock-dev
    libvalijson-dev libssl-dev
    sqlite3 git python3 chromium libfaketime prometheus
)

# What sanitizers name functions and lines with in their reports.
packages_reports=(llvm-16)

# Used by tests/bench/run.sh alone.
packages_bench=(wrk python3 python3-flask libsqlite3-dev)

# install_missing PACKAGE...: names what is missing and installs it, with sudo when not root.
install_missing() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "Installing Debian packages: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Root rights are needed for that and there is no sudo. As root, run:" >&2
            echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        echo "Installing the packages failed; the whole log is $log" >&2
        return 1
    fi
    rm -f "$log"
}
