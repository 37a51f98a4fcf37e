#!/bin/sh
# Builds the checkers of transactions with each planted bug (PLANT_TXN=1, 2, ... in src/check/txn_*)
# and expects that the named program fails; without a planted bug all must pass.
# Use: tests/planted/txn.sh   (from the root of the repository; CC is honoured)
set -eu

CC=${CC:-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

base=$(ls src/base/*.c | grep -v -e '_test\.c$' -e test_main)
other=$(ls src/check/*.c | grep -v -e '_test\.c$' -e '/txn_')
txn=$(ls src/check/txn_*.c | grep -v '_test\.c$')
planted=$(grep -l TXN_PLANTED $txn)
sound=$(echo "$txn" | grep -v -x -F "$planted")

for source in $base $other $sound src/base/test_main.c; do
    $CC -std=c17 -D_GNU_SOURCE -O0 -c -o "$work/$(basename "$source" .c).o" "$source"
done

# main_of PROGRAM: its source, and what else it is made of
main_of() {
    case $1 in
    fuzz_txn) echo "-Isrc tests/fuzz_txn.c" ;;
    *) echo "src/check/$1.c $work/test_main.o -lcmocka" ;;
    esac
}

# build PLANT PROGRAM: makes $work/PROGRAM
build() {
    # shellcheck disable=SC2046,SC2086
    $CC -std=c17 -D_GNU_SOURCE -O0 -DPLANT_TXN="$1" -o "$work/$2" $planted \
        $(ls "$work"/*.o | grep -v test_main) $(main_of "$2") -ljansson -lzstd -lm
}

run() {
    case $1 in
    fuzz_txn) timeout 600 "$work/$1" 2000 ;;
    *) timeout 600 "$work/$1" ;;
    esac
}

# must_fail PLANT PROGRAM WHAT
must_fail() {
    build "$1" "$2"
    if run "$2" >"$work/log" 2>&1; then
        echo "NOT FOUND  $2 passes although $3"
        failures=$((failures + 1))
    elif grep -q -e 'FAILED' -e 'not true' "$work/log"; then
        echo "found      $3: $(sed -n -e 's/^\[  FAILED  \] \([a-z_0-9A-Z]*\)$/\1/p' \
            -e 's/^fuzz_txn: .*not true: /fuzz_txn: /p' "$work/log" | head -1)"
    else
        echo "NOT FOUND  $2 ended without a verdict although $3:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
}

for program in txn_check_test txn_graph_test txn_cycle_test fuzz_txn; do
    build 0 "$program"
    if ! run "$program" >"$work/log" 2>&1; then
        echo "BROKEN     $program fails without a planted bug:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
done

must_fail 1 txn_check_test "a model forbids only what it names, not what implies it"
must_fail 2 txn_check_test "an element twice in a list goes unseen"
must_fail 3 txn_check_test "reads of failed appends go unseen"
must_fail 3 fuzz_txn "reads of failed appends go unseen"
must_fail 4 txn_check_test "reads from the middle of a transaction go unseen"
must_fail 5 txn_check_test "lost updates go unseen"
must_fail 6 txn_check_test "lists give no ww edges"
must_fail 6 fuzz_txn "lists give no ww edges"
must_fail 7 txn_check_test "lists give no wr edges"
must_fail 7 fuzz_txn "lists give no wr edges"
must_fail 8 txn_check_test "lists give no rw edges"
must_fail 8 fuzz_txn "lists give no rw edges"
must_fail 9 txn_check_test "appends that nobody read come in any order"
must_fail 9 fuzz_txn "appends that nobody read come in any order"
must_fail 10 txn_check_test "registers may show what nobody wrote"
must_fail 11 txn_check_test "registers may show failed writes"
must_fail 12 txn_check_test "registers may show the middle of a transaction"
must_fail 13 txn_check_test "versions may replace each other"
must_fail 14 txn_check_test "registers give no ww edges"
must_fail 15 txn_check_test "registers give no rw edges"
must_fail 16 txn_check_test "null is not the first version"
must_fail 17 txn_check_test "the order of processes is left out"
must_fail 18 txn_check_test "real time is left out"
must_fail 18 fuzz_txn "real time is left out"
must_fail 28 txn_check_test "two values may hold at once in real time"
must_fail 29 txn_check_test "a value may be over inside the reign of another"
must_fail 19 txn_graph_test "a detour leads a reader back to its own write"
must_fail 20 txn_cycle_test "two late reads in a row count as apart"
must_fail 21 txn_check_test "[1] counts as the beginning of [12]"
must_fail 22 txn_cycle_test "cycles with one late read are found only where they are short"
must_fail 23 txn_check_test "what completes later counts as complete before"
must_fail 23 fuzz_txn "what completes later counts as complete before"

[ "$failures" -eq 0 ] || { echo "$failures of the planted bugs or tests went wrong" >&2; exit 1; }
