#!/bin/sh
# Plants a bug in the JSON scanner (a tab within a string passes) and expects the fuzzer to find
# it, after the sound scanner has passed. Run from the top of the tree.
set -eu
CC=${CC:-gcc}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

build() { # NAME FLAGS...
    name=$1
    shift
    $CC -std=c17 -Wall -Wextra -Werror -D_GNU_SOURCE -O2 -Isrc "$@" -o "$out/$name" tests/fuzz_json.c \
        src/base/json_canonical.c src/base/json_envelope.c src/base/json_explain.c \
        src/base/json_reader.c src/base/json_scan.c src/base/json_text.c src/base/str.c \
        src/base/mem.c src/base/err.c src/base/assert.c src/base/prng.c -ljansson -lm
}

build sound
build planted -DPLANT_JSON=1
"$out/sound" 20000 || { echo "planted/json.sh: the fuzzer fails without any bug planted" >&2; exit 1; }
if "$out/planted" 200000 >"$out/said" 2>&1; then
    echo "planted/json.sh: the fuzzer did not find the planted bug" >&2
    exit 1
fi
grep -q "not true: what jansson refuses is not JSON" "$out/said" || {
    echo "planted/json.sh: the fuzzer stopped for another reason:" >&2
    cat "$out/said" >&2
    exit 1
}
echo "planted/json.sh: found, as it must be"
