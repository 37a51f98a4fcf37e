#!/bin/sh
# Plants a bug in the EDN reader (a form that #_ discards counts as one of a map's) and expects the
# fuzzer to find it, after the sound reader has passed. Run from the top of the tree.
set -eu
CC=${CC:-gcc}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

build() { # NAME FLAGS...
    name=$1
    shift
    $CC -std=c17 -Wall -Wextra -Werror -D_GNU_SOURCE -O2 -Isrc "$@" -o "$out/$name" tests/fuzz_edn.c \
        src/check/edn.c src/check/edn_json.c src/check/edn_explain.c src/check/import.c \
        src/check/import_event.c src/check/import_json.c src/check/import_edn.c \
        src/check/import_log.c src/check/history.c src/check/history_line.c \
        src/base/json_canonical.c src/base/json_explain.c src/base/json_reader.c \
        src/base/json_scan.c src/base/json_text.c src/base/map.c src/base/str.c src/base/mem.c \
        src/base/err.c src/base/assert.c src/base/prng.c -lm
}

build sound
build planted -DPLANT_EDN=1
"$out/sound" 20000 || { echo "planted/edn.sh: the fuzzer fails without any bug planted" >&2; exit 1; }
if "$out/planted" 100000 >"$out/said" 2>&1; then
    echo "planted/edn.sh: the fuzzer did not find the planted bug" >&2
    exit 1
fi
grep -q "not true: a sound text is read" "$out/said" || {
    echo "planted/edn.sh: the fuzzer stopped for another reason:" >&2
    cat "$out/said" >&2
    exit 1
}
echo "planted/edn.sh: found, as it must be"
