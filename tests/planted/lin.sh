#!/bin/sh
# Builds src/check with each planted bug of the order checkers (-DPLANT_LIN=1, 2, ...) and expects
# that the fuzzer or the named test finds it; without a planted bug all must pass.
# Use: tests/planted/lin.sh   (from the root of the repository; CC is honoured)
set -eu

CC=${CC:-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

compile() { # PLANT SOURCE OBJECT
    $CC -std=c17 -D_GNU_SOURCE -O1 -Isrc -DPLANT_LIN="$1" -c -o "$3" "$2"
}

for source in src/base/*.c src/check/*.c; do
    case $source in
    *_test.c | */test_main.c) ;;
    *) compile 0 "$source" "$work/$(basename "$(dirname "$source")")_$(basename "$source" .c).o" ;;
    esac
done
mkdir "$work/main"
compile 0 tests/fuzz_lin.c "$work/main/fuzz_lin.o"
compile 0 tests/fuzz_lin_long.c "$work/main/fuzz_lin_long.o"
compile 0 src/check/linearizable_test.c "$work/main/linearizable_test.o"
compile 0 src/base/test_main.c "$work/main/test_main.o"

link() {
    $CC -o "$work/fuzz_lin" "$work/main/fuzz_lin.o" "$work"/*.o -ljansson -lzstd -lm
    $CC -o "$work/fuzz_lin_long" "$work/main/fuzz_lin_long.o" "$work"/*.o -ljansson -lzstd -lm
    $CC -o "$work/linearizable_test" "$work/main/linearizable_test.o" "$work/main/test_main.o" \
        "$work"/*.o -lcmocka -ljansson -lzstd -lm
}

# must_fail PLANT MODULE WHAT MODEL: the fuzzer with that model finds it, "test" does, or "long",
# the fuzzer of long histories with registers
must_fail() {
    cp "$work/check_$2.o" "$work/sound"
    compile "$1" "src/check/$2.c" "$work/check_$2.o"
    link
    if [ "$4" = test ]; then
        set -- "$1" "$2" "$3" "$4" "$work/linearizable_test"
    elif [ "$4" = long ]; then
        set -- "$1" "$2" "$3" "$4" "$work/fuzz_lin_long 1000000 2 register"
    else
        set -- "$1" "$2" "$3" "$4" "$work/fuzz_lin 20000 1 $4"
    fi
    if $5 >"$work/log" 2>&1; then
        echo "NOT FOUND  $3"
        failures=$((failures + 1))
    elif grep -q 'brute force says\|FAILED' "$work/log"; then
        echo "found      $3"
    else
        echo "NOT FOUND  no verdict although $3:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
    mv "$work/sound" "$work/check_$2.o"
}

link
"$work/linearizable_test" >"$work/log" 2>&1 || { cat "$work/log"; failures=1; }
"$work/fuzz_lin" 2000 1 >"$work/log" 2>&1 || { cat "$work/log"; failures=1; }
"$work/fuzz_lin_long" 20000 1 >"$work/log" 2>&1 || { cat "$work/log"; failures=1; }

must_fail 1 lin_zones "zones that overlap are accepted" register
must_fail 2 lin_zones "a backward zone may lie inside a forward zone" register
must_fail 3 lin_jit "the search settles no observer when an operation is applied" cas-register
must_fail 4 lin_live "a write hides operations that refuse some states" cas-register
must_fail 5 lin_jit "a configuration covers others that settled more" cas-register
must_fail 6 lin_layout "lanes of lost operations expire at once" register
must_fail 7 lin_queue "a queue may answer empty while it holds something" queue
must_fail 8 lin_queue "a later value may overtake" queue
must_fail 9 lin_chain "blocks of a list may stand in any order" list
must_fail 10 lin_space "fencing tokens may repeat" fenced-lock
must_fail 11 lin_input "failed operations count as lost" register
must_fail 12 lin_order "failures are remembered without the states" cas-register
must_fail 13 lin_weak "processes may reorder their writes" list
must_fail 14 lin_session_zones "reads may go back" register
must_fail 15 lin_core "mutators outside the core are dropped, not weakened" test
must_fail 18 lin_core "where a search that looks ahead is stuck counts as what is wrong" test
must_fail 16 lin_decide "a removed element counts as present" set
must_fail 19 lin_registers "only the first read of a transaction is looked at" multi-register
must_fail 17 lin_jit "writes that nobody waits for are not tried" long

[ "$failures" -eq 0 ] || { echo "$failures of the planted bugs or tests went wrong" >&2; exit 1; }
