#!/bin/sh
# Builds eddy and its tests with each planted bug (PLANT_REPLAY=n in the sources) and expects that the
# named test fails; without a planted bug it must pass.
#   1 the comparison of two journals takes any two log lines for the same
#   2 faults of clocks do nothing
# Use: tests/planted/replay.sh   (from the root of the repository, after make; CC is honoured)
set -eu

CC=${CC:-gcc}
build=$(realpath "${BUILD:-build}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
libs=$(sed -n 's/^LDLIBS := //p' Makefile)
[ -f "$build/libeddy.a" ] && [ -f "$build/obj/src/cli/main.o" ] || make -s BUILD="$build" all

# An object given by name goes before the one of the same name in the archive.
compile() { # PLANT SOURCE
    $CC -std=c17 -D_GNU_SOURCE -O1 -I/usr/include/lua5.4 -DPLANT_REPLAY="$1" -c \
        -o "$work/$(basename "$2" .c).$1.o" "$2"
}
link() { # OUTPUT OBJECT...
    out=$1
    shift
    $CC -o "$work/$out" "$@" "$build/libeddy.a" -lcmocka $libs
}

for bug in 0 1 2; do
    compile $bug src/run/compare.c
    compile $bug src/run/run_host.c
    link eddy.$bug "$build/obj/src/cli/main.o" "$work/compare.$bug.o" "$work/run_host.$bug.o"
done
compile 0 src/run/compare_test.c
compile 0 src/base/test_main.c
for bug in 0 1; do
    link compare_test.$bug "$work/compare_test.0.o" "$work/test_main.0.o" "$work/compare.$bug.o"
done

# must_fail WHAT WORD COMMAND...: the command fails and says WORD
must_fail() {
    what=$1 word=$2
    shift 2
    if "$@" >"$work/log" 2>&1; then
        echo "NOT FOUND  $what"
        failures=$((failures + 1))
    elif grep -q "$word" "$work/log"; then
        echo "found      $what"
    else
        echo "NOT FOUND  $what; something else failed:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
}
must_pass() {
    if ! "$@" >"$work/log" 2>&1; then
        echo "BROKEN     $* fails without a planted bug:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
}

must_pass "$work/compare_test.0"
must_pass env EDDY="$work/eddy.0" tests/replay/run.sh --quick leak-uptime
must_pass env EDDY="$work/eddy.0" tests/clock/run.sh --quick
must_fail "the comparison is blind to log lines, says its test" "FAILED.*every_kind_of_line_counts" \
    "$work/compare_test.1"
must_fail "the comparison is blind to log lines, says a whole run" "FAIL leak-uptime" \
    env EDDY="$work/eddy.1" tests/replay/run.sh --quick leak-uptime
must_fail "clock faults do nothing, says w:clock" "FAIL a node sees offset" \
    env EDDY="$work/eddy.2" tests/clock/run.sh --quick
must_fail "clock faults do nothing, says --nemesis clock" "FAIL nodes see --nemesis clock-drift" \
    env EDDY="$work/eddy.2" tests/clock/run.sh --quick

[ "$failures" -eq 0 ] || { echo "$failures of the planted bugs or tests went wrong" >&2; exit 1; }
