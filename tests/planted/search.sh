#!/bin/sh
# Builds eddy and its tests with each planted bug (PLANT_SEARCH=n in src/run) and expects that the
# named test fails; without a planted bug it must pass.
#   1 kinds of failures keep what differs from run to run, so that each failure is a kind of its own
#   2 two seeds have the same setting
#   3 a failure is told of the seed after it
# Use: tests/planted/search.sh   (from the root of the repository, after make; CC is honoured)
set -eu

CC=${CC:-gcc}
build=$(realpath "${BUILD:-build}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
libs=$(sed -n "s/^LDLIBS := //p" Makefile)
[ -f "$build/libeddy.a" ] && [ -f "$build/obj/src/cli/main.o" ] || make -s BUILD="$build" all
[ -x "$build/nodes/broadcast" ] || make -s BUILD="$build" nodes

# An object given by name goes before the one of the same name in the archive.
compile() { # PLANT SOURCE
    $CC -std=c17 -D_GNU_SOURCE -O1 -I/usr/include/lua5.4 -DPLANT_SEARCH="$1" -c \
        -o "$work/$(basename "$2" .c).$1.o" "$2"
}
link() { # OUTPUT OBJECT...
    out=$1
    shift
    # shellcheck disable=SC2086
    $CC -o "$work/$out" "$@" "$build/libeddy.a" -lcmocka $libs
}

compile 0 src/base/test_main.c
compile 0 src/run/failure_test.c
compile 0 src/run/swarm_test.c
compile 0 src/run/search_test.c
for bug in 0 1 2 3; do
    for source in failure swarm search; do
        compile $bug src/run/$source.c
        link ${source}_test.$bug "$work/${source}_test.0.o" "$work/test_main.0.o" "$work/$source.$bug.o"
    done
    link eddy.$bug "$build/obj/src/cli/main.o" "$work/failure.$bug.o" "$work/swarm.$bug.o" "$work/search.$bug.o"
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

for source in failure swarm search; do
    must_pass "$work/${source}_test.0"
done
must_pass env EDDY="$work/eddy.0" NODES="$build/nodes" tests/search/run.sh --quick keep-going-groups repeats
must_fail "every failure is a kind of its own, says the test of outlines" \
    "FAILED.*an_outline_leaves_out_what_differs" "$work/failure_test.1"
must_fail "every failure is a kind of its own, says a whole search" "FAIL keep-going-groups" \
    env EDDY="$work/eddy.1" NODES="$build/nodes" tests/search/run.sh --quick keep-going-groups
must_fail "two seeds have one setting, says the test of the swarm" \
    "FAILED.*each_seed_has_a_setting_of_its_own" "$work/swarm_test.2"
must_fail "a failure is told of the wrong seed, says the test of searches" "FAILED" "$work/search_test.3"
must_fail "a failure is told of the wrong seed, says a whole search" "FAIL finds-broadcast-no-retry" \
    env EDDY="$work/eddy.3" NODES="$build/nodes" tests/search/run.sh --quick finds-broadcast-no-retry

[ "$failures" -eq 0 ] || { echo "$failures of the planted bugs or tests went wrong" >&2; exit 1; }
