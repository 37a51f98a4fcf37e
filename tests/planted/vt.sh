#!/bin/sh
# Builds the tests of the virtual clock with each planted bug (PLANT_VT=1, 2, ... in src/cage/vt_*.c
# and virtual.c) and expects that a test fails; without a planted bug all must pass.
# Use: tests/planted/vt.sh   (from the root of the repository; CC is honoured)
set -eu

CC=${CC:-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# compile PLANT FOLDER FILE...
compile() {
    plant=$1 into=$2
    shift 2
    for source; do
        $CC -std=c17 -D_GNU_SOURCE -DPLANT_VT="$plant" -O1 -c \
            -o "$into/$(basename "$source" .c).o" "$source"
    done
}

# build PLANT TEST: makes $work/TEST; only files in which a bug is planted are compiled again
build() {
    rm -rf "$work/planted"
    cp -r "$work/sound" "$work/planted"
    # shellcheck disable=SC2046
    [ "$1" -eq 0 ] || compile "$1" "$work/planted" $(grep -l "PLANT_VT [!=]= $1\b" src/cage/*.c)
    $CC -std=c17 -D_GNU_SOURCE -O1 -o "$work/$2" "src/cage/$2.c" "$work"/planted/*.o -lcmocka \
        -lzstd -lm -lpthread
}

# must_fail PLANT TEST WHAT
must_fail() {
    build "$1" "$2"
    if timeout 30 "$work/$2" >"$work/log" 2>&1; then
        echo "NOT FOUND  $2 passes although $3"
        failures=$((failures + 1))
    elif grep -q 'FAILED' "$work/log"; then
        echo "found      $3: $(sed -n 's/^\[  FAILED  \] \([a-z_0-9]*\)$/\1/p' "$work/log" | head -1)"
    else
        echo "found      $3: the tests hang"
    fi
}

mkdir "$work/sound"
compile 0 "$work/sound" $(ls src/base/*.c src/cage/*.c | grep -v '_test\.c$')
for test in vt_clock_test virtual_test; do
    build 0 "$test"
    if ! "$work/$test" >"$work/log" 2>&1; then
        echo "BROKEN     $test fails without a planted bug:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
done

must_fail 1 virtual_test "getrandom is left to the kernel"
must_fail 2 virtual_test "the cycle counter is not trapped"
must_fail 3 virtual_test "waits end two microseconds early"
must_fail 4 virtual_test "a futex wait that timed out says that it was woken"
must_fail 5 virtual_test "the vDSO is left as it is"
must_fail 6 virtual_test "/dev/urandom is left to the kernel"
must_fail 7 virtual_test "nobody looks whether awaited descriptors became ready"
must_fail 8 virtual_test "addresses are random"
must_fail 9 virtual_test "the offset of the wall clock is forgotten"
must_fail 10 virtual_test "signals do not reach held threads"
must_fail 11 virtual_test "a paused node goes on"
must_fail 12 virtual_test "spinning on the clock costs nothing"
must_fail 13 virtual_test "each start of a node has the same randomness"
must_fail 14 vt_clock_test "moments on a drifting clock are rounded down"

[ "$failures" -eq 0 ] || { echo "$failures of the planted bugs or tests went wrong" >&2; exit 1; }
