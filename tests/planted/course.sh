#!/bin/sh
# Plants bugs in the course (src/course/plant.h), one at a time, and expects the tests to find each:
#   1 a grading ignores failures                  2 the last failure counts, not the first
#   3 a mistake may fail in any step              4 every mistake counts as caught
#   5 patches are not applied                     6 a reference that fails is not told
#   7 every check counts as passed                8 a build that fails leaves the old program
#   9 links are not looked at                    10 parts may stand in any order
# Run from the top of the tree, after make.
set -u
CC=${CC:-gcc}
BUILD=${BUILD:-build}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
make -s "$BUILD/eddy" "$BUILD/obj/src/base/test_main.o" || exit 1
failed=0

# The planted files stand before the library, which then is not asked for them.
compile() { # NUMBER SOURCE...
    for source in grade prove progress build page_check track_part; do
        $CC -std=c17 -Wall -Wextra -Werror -D_GNU_SOURCE -O1 -DPLANT_COURSE="$1" -c \
            -o "$out/$source.o" "src/course/$source.c" || exit 1
    done
}

link() { # PROGRAM OBJECT...: the libraries are the Makefile's
    program=$1
    shift
    # shellcheck disable=SC2046
    $CC -o "$program" "$@" "$out"/*.o "$BUILD/libeddy.a" -lcmocka \
        $(sed -n 's/^LDLIBS := //p' Makefile) || exit 1
}

# found NUMBER WHAT COMMAND...: it must fail, and say what.
found() {
    bug=$1
    what=$2
    shift 2
    if "$@" >"$out/said" 2>&1; then
        echo "FAIL planted course $bug: nobody found it"
        failed=1
    elif ! grep -q -- "$what" "$out/said"; then
        echo "FAIL planted course $bug: something else than \"$what\" failed: $(tail -n 5 "$out/said" | tr '\n' ' ')"
        failed=1
    else
        echo "ok planted course $bug"
    fi
}

unit() { # NUMBER MODULE PROMISE
    compile "$1"
    $CC -std=c17 -D_GNU_SOURCE -O1 -c -o "$out/$2_test.o" "src/course/$2_test.c" || exit 1
    link "$out/unit" "$BUILD/obj/src/base/test_main.o"
    rm "$out/$2_test.o"
    found "$1" "FAILED.*$3" "$out/unit"
}

whole() { # NUMBER CASE
    compile "$1"
    link "$out/eddy" "$BUILD/obj/src/cli/main.o"
    EDDY="$out/eddy"
    export EDDY
    found "$1" "^FAIL.*$2" tests/course/run.sh "$2"
    unset EDDY
}

unit 1 grade a_failure_is_told_with_part_step_seed_and_evidence
unit 2 grade the_first_failure_counts_whatever_the_number_of_jobs
whole 3 course-step-misspelt
whole 4 course-mistake-passes
whole 5 course-sound
whole 6 course-reference-fails
unit 7 progress attempts_are_counted_and_what_was_passed_stays_so
unit 8 build a_failed_build_leaves_no_old_program
unit 9 page_check each_broken_section_is_found
unit 10 track_part each_broken_line_is_found
exit $failed
