#!/bin/sh
# Plants two bugs in the options of eddy test, one at a time, and expects the fuzzer to find each:
#   1 --concurrency 4n is held against the limit before it is multiplied
#   2 numbers below the smallest one allowed pass
# Run from the top of the tree.
set -eu
make -s build/libeddy.a
CC=${CC:-gcc}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

build() { # NUMBER
    # shellcheck disable=SC2046 # the libraries are the Makefile's
    $CC -std=c17 -Wall -Wextra -Werror -D_GNU_SOURCE -O1 -Isrc -DPLANT_FLAGS="$1" -o "$out/fuzz-$1" \
        tests/fuzz_flags.c src/run/test_options.c src/base/flags.c build/libeddy.a \
        $(sed -n 's/^LDLIBS := //p' Makefile)
}

expect() { # NUMBER PROMISE
    build "$1"
    if "$out/fuzz-$1" 200000 >"$out/said" 2>&1; then
        echo "FAIL planted flags $1: the fuzzer did not find it"
        exit 1
    fi
    grep -q "not true: $2" "$out/said" || {
        echo "FAIL planted flags $1: the fuzzer stopped for another reason: $(head -n 1 "$out/said")"
        exit 1
    }
    echo "ok planted flags $1: found"
}

build 0
"$out/fuzz-0" 20000 >"$out/said" 2>&1 || {
    echo "FAIL planted flags: the fuzzer fails without any bug planted: $(cat "$out/said")"
    exit 1
}
expect 1 "1 to 10000 clients"
expect 2 "the rate\|availability"
