#!/bin/sh
# The tests of src/cage must find each of the bugs that -DPLANT_CAGE=n puts in:
#   1 kills and exits leave processes alone that left the node's group
#   2 a last line without newline is lost
#   3 an overlong line is reported twice
#   4 a paused node goes on running
# Usage: tests/planted/cage.sh, from the root of the source.
set -u
out=${BUILD:-build}/planted/cage
mkdir -p "$out"
failed=0

compile() { # number of the bug, file; prints the object
    object="$out/$(basename "$2" .c).$1.o"
    ${CC:-gcc} -std=c17 -Wall -Wextra -Werror -O0 -g -D_GNU_SOURCE "-DPLANT_CAGE=$1" -c \
        -o "$object" "$2" || exit 3
    echo "$object"
}

build() { # number of the bug: makes cage_test.N and liner_test.N
    planted=""
    for file in keeper liner warden; do # the files that have bugs
        planted="$planted $(compile "$1" src/cage/$file.c)"
    done
    for test in cage_test liner_test; do
        ${CC:-gcc} -o "$out/$test.$1" "$out/$test.0.o" $planted $plain -lcmocka -lzstd -lm || exit 3
    done
}

# bug, test program, name of a test that must fail
expect_found() {
    if "$out/$2.$1" "$3" >"$out/log" 2>&1; then
        echo "planted bug $1 was not found by $2 $3"
        failed=1
    elif ! grep -q "FAILED.*$3" "$out/log"; then
        echo "planted bug $1: $2 $3 did not fail, it broke:"
        cat "$out/log"
        failed=1
    fi
}

plain=""
for file in src/cage/*.c src/base/*.c src/sim/disk*.c; do
    case $file in
    */cage/keeper.c | */cage/liner.c | */cage/warden.c) ;;
    */cage/*_test.c) compile 0 "$file" >/dev/null ;;
    *_test.c) ;;
    *) plain="$plain $(compile 0 "$file")" ;;
    esac
done
for bug in 0 1 2 3 4; do
    build $bug
done
for test in cage_test liner_test; do # without a bug they pass
    "$out/$test.0" >"$out/log" 2>&1 || {
        cat "$out/log"
        exit 3
    }
done
expect_found 1 cage_test a_kill_takes_grandchildren_in_other_sessions_before_it_returns
expect_found 1 cage_test a_grandchild_that_holds_stdout_delays_neither_exit_nor_close
expect_found 2 liner_test a_last_line_without_newline_counts
expect_found 2 cage_test an_exit_is_reported_after_all_output
expect_found 3 liner_test an_overlong_line_is_reported_once_and_its_rest_skipped
expect_found 3 cage_test a_line_of_one_MiB_is_whole_and_one_byte_more_is_overlong_once
expect_found 4 cage_test a_paused_node_stands_still_until_it_is_resumed
[ $failed -eq 0 ] && echo "cage: all planted bugs were found"
exit $failed
