#!/bin/sh
# Plants bugs in the pictures and the page, one at a time, and expects the tests of src/report to find each:
#   1 a '<' of a program under test goes out unescaped   2 faults are not shaded
#   3 lost messages have no cross                         4 a '<' goes out as it is into the page's data
#   5 bodies of the page have no budget                   6 the page drops what led to the failure
#   7 the impossible operation is not marked              8 what was lost meanwhile is not told
# Run from the top of the tree.
set -eu
CC=${CC:-gcc}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

sh src/base/embed.sh src/report/page/* >"$out/embedded.c"
sources="$(ls src/base/*.c | grep -v -e _test.c -e test_main.c) $out/embedded.c"
for part in entry evidence_svg latency_svg \
    messages_layout messages_svg page_bodies page_data page_journal page_text \
    page_window pictures plot rate_svg report_html spans story svg timeline_html window xml; do
    sources="$sources src/report/$part.c"
done

build() { # NUMBER TEST...
    bug=$1
    shift
    for test in "$@"; do
        $CC -std=c17 -Wall -Wextra -Werror -D_GNU_SOURCE -O1 -Isrc/base -DPLANT_REPORT="$bug" \
            -o "$out/$test-$bug" "src/report/${test}_test.c" $sources src/base/test_main.c \
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

build 0 xml pictures report_html evidence_svg window
for test in xml pictures report_html evidence_svg window; do
    "$out/$test-0" >"$out/said" 2>&1 || {
        echo "planted/report.sh: ${test}_test fails without any bug planted:" >&2
        cat "$out/said" >&2
        exit 1
    }
done
build 1 xml pictures
build 2 pictures
build 3 pictures
build 4 report_html
build 5 report_html
build 6 report_html
build 7 evidence_svg
build 8 window
expect 1 xml what_has_a_meaning_in_xml_becomes_an_entity
expect 1 pictures hostile_texts_stay_texts
expect 2 pictures every_fault_is_shaded_and_named
expect 3 pictures every_lost_message_ends_in_a_cross_with_its_reason
expect 4 report_html hostile_texts_stay_texts
expect 5 report_html bodies_keep_within_their_budget
expect 6 report_html the_messages_around_the_window_are_kept
expect 7 evidence_svg operations_are_bars_and_the_impossible_one_is_marked
expect 8 window messages_and_faults_of_the_operations_are_joined
echo "planted/report.sh: found all eight, as it must be"
