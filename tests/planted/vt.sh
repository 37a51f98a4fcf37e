#!/bin/sh
# Builds the tests of the virtual clock with each planted bug (PLANT_VT=1, 2, ... in src/cage/vt_*.c
# and virtual.c) and expects that the named test fails; without a planted bug all must pass.
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

# must_fail PLANT TEST NAME WHAT: the test called NAME finds it
must_fail() {
    build "$1" "$2"
    if "$work/$2" "$3" >"$work/log" 2>&1; then
        echo "NOT FOUND  $3 passes although $4"
        failures=$((failures + 1))
    elif grep -q "FAILED.*$3" "$work/log"; then
        echo "found      $4: $3"
    else
        echo "NOT FOUND  $3 ended without a verdict although $4:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
}

mkdir "$work/sound"
compile 0 "$work/sound" $(ls src/base/*.c src/cage/*.c src/sim/disk*.c | grep -v '_test\.c$')
for test in vt_clock_test virtual_test cage_disk_test net_test vt_stop_test; do
    build 0 "$test"
    if ! "$work/$test" >"$work/log" 2>&1; then
        echo "BROKEN     $test fails without a planted bug:"
        cat "$work/log"
        failures=$((failures + 1))
    fi
done

must_fail 1 virtual_test twenty_runs_with_one_seed_are_equal \
    "getrandom is left to the kernel"
must_fail 2 virtual_test sleeps_and_waits_for_descriptors_take_their_time \
    "the cycle counter is not trapped"
must_fail 3 virtual_test sleeps_and_waits_for_descriptors_take_their_time \
    "waits end two microseconds early"
must_fail 4 virtual_test threads_wait_for_each_other \
    "a futex wait that timed out says that it was woken"
must_fail 5 virtual_test time_jumps_and_input_comes_at_its_moment \
    "the vDSO is left as it is"
must_fail 6 virtual_test twenty_runs_with_one_seed_are_equal \
    "/dev/urandom is left to the kernel"
must_fail 7 virtual_test nothing_can_happen_any_more \
    "nobody looks whether awaited descriptors became ready"
must_fail 8 virtual_test twenty_runs_with_one_seed_are_equal \
    "addresses are random"
must_fail 9 virtual_test drift_and_offset_are_the_nodes_own \
    "the offset of the wall clock is forgotten"
must_fail 10 virtual_test timers_signals_and_children \
    "signals do not reach held threads"
must_fail 11 virtual_test a_paused_node_sees_its_clock_jump \
    "a paused node goes on"
must_fail 12 virtual_test a_program_that_looks_at_the_clock_for_ever_is_reported \
    "spinning on the clock costs nothing"
must_fail 13 virtual_test seeds_nodes_and_starts_have_chance_of_their_own \
    "each start of a node has the same randomness"
must_fail 14 vt_clock_test a_moment_is_the_first_at_which_the_clock_shows_it \
    "moments on a drifting clock are rounded down"
must_fail 15 virtual_test twenty_runs_with_one_seed_are_equal \
    "std::random_device is left to the processor"
must_fail 16 cage_disk_test each_kind_of_change_may_be_lost_without_a_sync \
    "a file cut to nothing when it is opened is not told to the disk"
must_fail 17 cage_disk_test a_trap_stops_the_node_before_each_change_in_turn \
    "a trap counts reads as changes"
must_fail 18 cage_disk_test a_sync_of_the_folder_keeps_names_and_of_the_file_bytes \
    "fsync forgets what was stored through a mapping"
must_fail 19 net_test who_does_not_read_holds_the_sender_up \
    "an end that is held reads all the same"
must_fail 20 net_test ten_megabytes_through_buffers_that_are_smaller \
    "an end that finishes cuts off what is unsent"
must_fail 21 net_test bytes_come_back_at_once_and_the_end_after_them \
    "nobody listens to the sockets of the nodes"
must_fail 22 virtual_test addresses_do_not_depend_on_the_length_of_the_environment \
    "the environment is as long as it is"

must_fail 23 vt_stop_test a_process_is_killed_while_its_first_thread_waits \
    "who dies of a signal dies alone"
must_fail 24 vt_stop_test a_first_process_is_killed_while_another_one_computes \
    "nobody looks for processes that were killed while they were held"

[ "$failures" -eq 0 ] || { echo "$failures of the planted bugs or tests went wrong" >&2; exit 1; }
