#!/bin/sh
# install.sh [run|test] - installs the Debian packages that building and running eddy need, or those
# that its tests need too. Asks the system first, so a second call costs milliseconds.
set -eu

# package, or package:command where the command, from wherever it came, is as good as the package
run="gcc make patch:patch libc6-dev liblua5.4-dev libjansson-dev libzstd-dev libarchive-dev libmd4c-dev libsqlite3-dev libpq-dev libnghttp2-dev libssl-dev libmicrohttpd-dev libargon2-dev libcurl4-openssl-dev zlib1g-dev nodejs:node npm:npm"
test="$run clang clang-format libclang-rt-14-dev libcmocka-dev git:git jq:jq zstd:zstd procps util-linux postgresql chromium:chromium curl:curl
g++:g++ golang-go:go default-jdk-headless:javac rustc:rustc python3:python3 ruby:ruby erlang-base:erl"

case "${1:-run}" in
run) wanted=$run ;;
test) wanted=$test ;;
*)
    echo "usage: scripts/install.sh [run|test]" >&2
    exit 2
    ;;
esac

there() {
    case "$1" in
    *:*) command -v "${1#*:}" >/dev/null 2>&1 ;;
    *) dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$' ;;
    esac
}

missing=
for package in $wanted; do
    there "$package" || missing="$missing ${package%%:*}"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "eddy needs these Debian packages, and there is no apt-get to install them:$missing" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "eddy needs these packages:$missing" >&2
        echo "Please run as root: apt-get install$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if ! { $as_root apt-get update && $as_root apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "The packages could not be installed; the end of what apt-get said stands above." >&2
    exit 1
fi
