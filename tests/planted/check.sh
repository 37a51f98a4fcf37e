#!/bin/sh
# Builds the tests of src/check with each planted bug (PLANT_CHECK=1, 2, ... in the sources) and
# expects that the named test fails; without a planted bug all must pass.
# Use: tests/planted/check.sh   (from the root of the repository; CC is honoured)
set -eu

CC=${CC:-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

base=$(ls src/base/*.c | grep -v '_test\.c$')

# compile PLANT SOURCE OBJECT
compile() {
    $CC -std=c17 -D_GNU_SOURCE -O1 -DPLANT_CHECK="$1" -c -o "$3" "$2"
}

for source in $base; do
    compile 0 "$source" "$work/base_$(basename "$source" .c).o"
done
for source in src/check/*.c; do
    case $source in
    *_test.c) ;;
    *) compile 0 "$source" "$work/check_$(basename "$source" .c).o" ;;
    esac
done

# build PLANT MODULE TEST: makes $work/TEST, with the bug in that module
build() {
    cp "$work/check_$2.o" "$work/sound"
    compile "$1" "src/check/$2.c" "$work/check_$2.o"
    $CC -std=c17 -D_GNU_SOURCE -O1 -o "$work/$3" "src/check/$3.c" "$work"/*.o \
        -lcmocka -ljansson -lzstd -lm
    mv "$work/sound" "$work/check_$2.o"
}

# must_fail PLANT MODULE TEST WHAT
must_fail() {
    build "$1" "$2" "$3"
    if "$work/$3" >"$work/log" 2>&1; then
        echo "NOT FOUND  $3 passes although $4"
        failures=$((failures + 1))
    elif grep -q 'FAILED' "$work/log"; then
        echo "found      $4: $(sed -n 's/^\[  FAILED  \] \([a-z_0-9]*\)$/\1/p' "$work/log" | head -1)"
    else
        echo "NOT FOUND  $3 ended without a verdict although $4:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
}

for test in history_test verdict_test set_full_test counter_test kafka_test checker_test perf_test \
    watch_test bank_test long_fork_test total_queue_test; do
    build 0 history "$test"
    if ! "$work/$test" >"$work/log" 2>&1; then
        echo "BROKEN     $test fails without a planted bug:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
done

must_fail 1 quantile perf_test "quantiles are one place too low"
must_fail 2 stats checker_test "a function without success is no error"
must_fail 3 availability checker_test "an unknown outcome counts as success"
must_fail 4 echo checker_test "echoes are compared by length"
must_fail 5 set_elements set_full_test "elements that nobody added are forgotten"
must_fail 6 set_full set_full_test "absence before an element was known counts as loss"
must_fail 7 set_full set_full_test "nodes are not held to their own final reads"
must_fail 8 set_full set_full_test "an element may be shown before its add began"
must_fail 9 set_full set_full_test "an element may be shown although its add failed"
must_fail 10 set_full set_full_test "an element may be shown twice"
must_fail 11 intervals counter_test "intervals that touch are not joined"
must_fail 12 counter counter_test "failed adds may count"
must_fail 13 counter counter_test "strict reads may be one too low"
must_fail 14 unique_ids checker_test "only ids that are numbers are compared"
must_fail 15 perf perf_test "rates go by invocation"
must_fail 16 kafka_cycles kafka_test "no cycle is found"
must_fail 17 kafka kafka_test "polls may skip"
must_fail 18 kafka kafka_test "polls may go back"
must_fail 19 kafka kafka_test "failed sends may be polled"
must_fail 20 kafka kafka_test "a value may have two offsets"
must_fail 21 kafka kafka_test "a message that polls pass by is not lost"
must_fail 22 kafka kafka_test "an offset may hold two values"
must_fail 23 kafka kafka_test "a value that nobody sent may be polled"
must_fail 24 history history_test "a retired process may go on"
must_fail 25 set_scan set_full_test "reads are asked for elements added after them"
must_fail 26 watch watch_test "a watch stops without looking for the first violation"
must_fail 27 kafka watch_test "messages still to be polled count as lost while a run goes on"
must_fail 28 bank bank_test "accounts may hold too much"
must_fail 29 bank bank_test "a balance may be below 0"
must_fail 30 long_fork long_fork_test "reads of equally many keys are no fork"
must_fail 31 total_queue total_queue_test "what failed to go in may come out"
must_fail 32 total_queue total_queue_test "values may get lost"

[ "$failures" -eq 0 ] || { echo "$failures of the planted bugs or tests went wrong" >&2; exit 1; }
