#!/bin/sh
# Plants bugs in what judges submissions (src/judge/plant.h), one at a time, and expects the unit tests to find each:
#   1 names lead where they like                  2 what comes out of the cache is believed
#   3 the cache ignores flags                     4 a kit of one's own counts as ours
#   5 a busy machine's build counts as a bad one  6 a machine's fault is told as a fail
#   7 links and devices of archives are taken
#   8 the limits of a run's options hold for each alone  9 a run may send as much as it likes
#   10 a run that was stopped is judged by what it did not come to  11 nothing limits its real time
# Run from the top of the tree, after make.
set -u
CC=${CC:-gcc}
BUILD=${BUILD:-build}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
make -s "$BUILD/libeddy.a" "$BUILD/obj/src/base/test_main.o" || exit 1
failed=0

# bug NUMBER SOURCE MODULE PROMISE: the planted source stands before the library, which then is not asked for it.
bug() {
    # shellcheck disable=SC2046
    $CC -std=c17 -Wall -Wextra -Werror -D_GNU_SOURCE -O1 -DPLANT_SUBMISSION="$1" -o "$out/unit" \
        "src/judge/$3_test.c" "src/judge/$2.c" "$BUILD/obj/src/base/test_main.o" "$BUILD/libeddy.a" \
        -lcmocka $(sed -n 's/^LDLIBS := //p' Makefile) || exit 1
    if timeout 600 "$out/unit" "$4" >"$out/said" 2>&1; then
        echo "FAIL planted submission $1: nobody found it"
        failed=1
    elif ! grep -q "FAILED.*$4" "$out/said"; then
        echo "FAIL planted submission $1: something else than \"$4\" failed: $(tail -n 5 "$out/said" | tr '\n' ' ')"
        failed=1
    else
        echo "ok planted submission $1"
    fi
}

bug 1 filename filename hostile_names
bug 1 archive archive hostile_entries
bug 2 cache cache a_damaged_entry
bug 3 toolchain judging built_again_when_the_flags_change
bug 4 compile judging a_kit_of_ones_own
bug 5 compile judging a_busy_machine
bug 6 judging judging a_machine_that_refuses
bug 7 archive archive hostile_entries
bug 8 play play limits_hold_for_all
bug 9 playing playing a_run_that_takes_too_much
bug 10 playing playing a_run_that_takes_too_much
bug 11 playing playing a_run_that_takes_its_time
exit $failed
