#!/bin/sh
# Plants three bugs in the pictures, one at a time, and expects the tests of src/report to find each:
#   1 a '<' of a program under test goes out unescaped   2 faults are not shaded
#   3 lost messages have no cross
# Run from the top of the tree.
set -eu
CC=${CC:-gcc}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

sources=$(ls src/base/*.c | grep -v -e _test.c -e test_main.c)
for part in entry latency_svg messages_layout messages_svg pictures plot rate_svg spans story svg timeline_html xml; do
    sources="$sources src/report/$part.c"
done

build() { # NUMBER
    for test in xml pictures; do
        $CC -std=c17 -Wall -Wextra -Werror -D_GNU_SOURCE -O1 -DPLANT_REPORT="$1" \
            -o "$out/$test-$1" "src/report/${test}_test.c" $sources src/base/test_main.c \
            src/check/history.c src/check/history_line.c -lcmocka -ljansson -lzstd -lm
    done
}

expect() { # NUMBER TEST NAME_OF_THE_PROMISE
    if "$out/$2-$1" >"$out/said" 2>&1; then
        echo "planted/report.sh: nobody found bug $1" >&2
        exit 1
    fi
    grep -q "FAILED.*$3" "$out/said" || {
        echo "planted/report.sh: bug $1 made another test fail than $3:" >&2
        cat "$out/said" >&2
        exit 1
    }
}

build 0
for test in xml pictures; do
    "$out/$test-0" >"$out/said" 2>&1 || {
        echo "planted/report.sh: ${test}_test fails without any bug planted:" >&2
        cat "$out/said" >&2
        exit 1
    }
done
build 1
build 2
build 3
expect 1 xml what_has_a_meaning_in_xml_becomes_an_entity
expect 1 pictures hostile_texts_stay_texts
expect 2 pictures every_fault_is_shaded_and_named
expect 3 pictures every_lost_message_ends_in_a_cross_with_its_reason
echo "planted/report.sh: found all three, as it must be"
