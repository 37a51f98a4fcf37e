#!/bin/sh
# Builds eddy with each planted bug (PLANT_SHRINK=n in src/run/trials.c) and expects that
# tests/shrink/run.sh finds it.
#   1 any failure of a candidate is taken for the same
#   2 candidates are not run at all
# Use: tests/planted/shrink.sh   (from the root of the repository, after make; CC is honoured)
set -eu

CC=${CC:-gcc}
build=$(realpath "${BUILD:-build}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
libs=$(sed -n 's/^LDLIBS := //p' Makefile)
[ -f "$build/libeddy.a" ] && [ -f "$build/obj/src/cli/main.o" ] || make -s BUILD="$build" all

for bug in 1 2; do
    $CC -std=c17 -D_GNU_SOURCE -O1 -I/usr/include/lua5.4 -DPLANT_SHRINK=$bug -c -o "$work/trials.$bug.o" \
        src/run/trials.c
    # An object given by name goes before the one of the same name in the archive.
    $CC -o "$work/eddy.$bug" "$build/obj/src/cli/main.o" "$work/trials.$bug.o" "$build/libeddy.a" \
        $libs
    case $bug in
    1) case=other-failure what="a shrinker takes any failure for the same" ;;
    2) case=register-local what="a shrinker does not run its candidates" ;;
    esac
    if EDDY="$work/eddy.$bug" NODES="$build/nodes" sh tests/shrink/run.sh "$case" >"$work/log" 2>&1; then
        echo "NOT FOUND  $what"
        failures=$((failures + 1))
    elif grep -q "^FAIL $case" "$work/log"; then
        echo "found      $what"
    else
        echo "NOT FOUND  $what; something else failed:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
done

[ "$failures" -eq 0 ] || { echo "$failures of the planted bugs went unnoticed" >&2; exit 1; }
