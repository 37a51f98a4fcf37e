#!/bin/sh
# Builds the tests of src/sim with each planted bug (PLANT_SIM=1, 2, ... in the sources) and
# expects that the named test fails; without a planted bug all must pass.
# Use: tests/planted/sim.sh   (from the root of the repository; CC is honoured)
set -eu

CC=${CC:-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

base=$(ls src/base/*.c | grep -v '_test\.c$')
sim=$(ls src/sim/*.c | grep -v '_test\.c$')

for source in $base; do
    $CC -std=c17 -D_GNU_SOURCE -O1 -c -o "$work/$(basename "$source" .c).o" "$source"
done

# build PLANT TEST: makes $work/TEST
build() {
    # shellcheck disable=SC2086
    $CC -std=c17 -D_GNU_SOURCE -O1 -DPLANT_SIM="$1" -o "$work/$2" "src/sim/$2.c" $sim "$work"/*.o \
        -lcmocka -ljansson -lzstd -lm
}

# must_fail PLANT TEST WHAT
must_fail() {
    build "$1" "$2"
    if "$work/$2" >"$work/log" 2>&1; then
        echo "NOT FOUND  $2 passes although $3"
        failures=$((failures + 1))
    elif grep -q 'FAILED' "$work/log"; then
        echo "found      $3: $(sed -n 's/^\[  FAILED  \] \([a-z_0-9]*\)$/\1/p' "$work/log" | head -1)"
    else
        echo "NOT FOUND  $2 ended without a verdict although $3:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
}

for test in world_test world_laws_test service_kv_test replicas_test partition_test queue_test disk_test; do
    build 0 "$test"
    if ! "$work/$test" >"$work/log" 2>&1; then
        echo "BROKEN     $test fails without a planted bug:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
done

must_fail 1 queue_test "equal due times leave in the wrong order"
must_fail 1 world_laws_test "equal due times leave in the wrong order"
must_fail 2 world_test "a cut is looked up in the wrong direction"
must_fail 3 service_kv_test "seq-kv takes a client back in time"
must_fail 4 world_test "loss also hits what clients send"
must_fail 5 world_test "a lost message is delivered all the same"
must_fail 6 replicas_test "replicas are merged without a look at the clocks"
must_fail 7 partition_test "the ring of majorities gives some sizes no majority"
must_fail 9 world_test "a message whose fate is to be dropped arrives"
must_fail 8 queue_test "a timer that is due now cannot be cancelled"
must_fail 10 disk_test "fsync of a file keeps its name as well"
must_fail 11 disk_test "a power failure always leaves a prefix"
must_fail 12 disk_test "an older change of a name undoes a newer one"
must_fail 13 disk_test "a sector is half written"

[ "$failures" -eq 0 ] || { echo "$failures of the planted bugs or tests went wrong" >&2; exit 1; }
