#!/bin/sh
# Plants bugs in the queue, the worker and their SQL, one at a time, and expects the unit tests to find each. A bug is
# an edit of a copy of one file; an edit that changes nothing is a failure of this script. Run from the top of the
# tree, after make. Each bug is found on both databases.
set -u
CC=${CC:-gcc}
BUILD=${BUILD:-build}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
make -s "$BUILD/libeddy.a" "$BUILD/obj/src/base/test_main.o" || exit 1
failed=0
sql=src/store/sql
flags="-std=c17 -D_GNU_SOURCE -O1 -I/usr/include/postgresql -DWAIT_TRIES=300"
texts=$(sed -n 's/^    {"\([^"]*\)",.*/\1/p' "$BUILD/gen/embedded.c" | grep -e '^src/' -e '^workloads/')

# bug NAME FILE EDIT TEST PROMISE: with the edit in the file, the test must fail in this promise.
bug() {
    rm -rf "$out/tree" "$out/objects"
    mkdir -p "$out/tree" "$out/objects"
    cp -r src workloads "$out/tree"
    sed -i "$3" "$out/tree/$2"
    if cmp -s "$2" "$out/tree/$2"; then
        echo "FAIL planted queue $1: the edit changes nothing in $2"
        failed=1
        return
    fi
    case "$2" in
    *.sql)
        # shellcheck disable=SC2086
        (cd "$out/tree" && sh src/base/embed.sh $texts) >"$out/embedded.c"
        $CC $flags -I"$out/tree/src/base" -c -o "$out/objects/embedded.o" "$out/embedded.c" || exit 1
        ;;
    *) $CC $flags -c -o "$out/objects/planted.o" "$out/tree/$2" || exit 1 ;;
    esac
    $CC $flags -c -o "$out/objects/test.o" "src/judge/$4_test.c" || exit 1
    # shellcheck disable=SC2046
    $CC -o "$out/test" "$BUILD/obj/src/base/test_main.o" "$out"/objects/*.o "$BUILD/libeddy.a" -lcmocka \
        $(sed -n 's/^LDLIBS := //p' Makefile) || exit 1
    timeout 600 "$out/test" "$5" >"$out/said" 2>&1
    if [ "$(grep -c "^\[  FAILED  \] $5_on_[a-z]*$" "$out/said")" -ge 2 ]; then
        echo "ok planted queue $1"
    else
        echo "FAIL planted queue $1: $5 did not fail on both: $(tail -n 3 "$out/said" | tr '\n' ' ')"
        failed=1
    fi
}

bug "the fence is not looked at" $sql/statements.sql \
    's/AND fence = \$2 AND state/AND (fence = $2 OR 1 = 1) AND state/' jobs a_worker_that_lost_its_lease_is_refused
bug "a job that is over can be finished" $sql/statements.sql \
    "/^-- name: job_finish\$/,/;/s/AND state = 'running'/AND state <> 'queued'/" jobs a_cancelled_job_is_over_wherever_it_was
bug "the lease is not renewed" $sql/statements.sql \
    's/SET lease_until_ms = now_ms() + \$3/SET lease_until_ms = lease_until_ms + 0 * $3/' worker a_job_longer_than_its_lease_keeps_it
bug "nobody beats" src/judge/worker.c \
    's/now_ms() >= w->seats\[i\].beat_due_ms/now_ms() < 0/' worker a_job_longer_than_its_lease_keeps_it
bug "a last attempt is taken beside others" src/judge/worker.c \
    's/if (is_idle(w))$/if (w != NULL)/' worker a_last_attempt_runs_alone
bug "others are taken beside a last attempt" src/judge/worker.c \
    's/s->state != SEAT_FREE \&\& s->job.is_last/s == NULL/' worker a_last_attempt_runs_alone
bug "a last attempt is passed over" $sql/statements.sql \
    's/^) AND (attempt = 0 OR attempt <= \$5)/) AND (1 = 1 OR attempt <= $5)/' jobs a_last_attempt_is_for_who_runs_nothing_else
bug "the sweep takes living jobs" $sql/statements.sql \
    's/AND s.lease_until_ms < now_ms()//' jobs a_sweep_takes_no_living_jobs
bug "a new life sweeps everybody" $sql/statements.sql \
    "s/WHERE worker = \\\$2 AND state/WHERE worker LIKE \\\$2 || '%' AND state/" jobs a_new_life_sweeps_its_former_one_only
bug "a new life sweeps nobody" src/judge/worker.c \
    "s/w->life.former\[0\] != '.0'/w->life.former[0] == 1/" worker a_killed_workers_jobs_are_judged_by_its_next_life
bug "fairness is forgotten" $sql/statements.sql \
    "s/r.state = 'running') < \\\$4/r.state = 'running') < \\\$4 + 20/" jobs a_learner_has_so_many_at_once_and_others_pass
bug "priorities the other way round" $sql/statements.sql \
    's/ORDER BY q.priority, q.id/ORDER BY q.priority DESC, q.id/' jobs interactive_goes_before_regrade_and_then_the_order_of_entry
bug "the newest first" $sql/statements.sql \
    's/ORDER BY q.priority, q.id/ORDER BY q.priority, q.id DESC/' jobs interactive_goes_before_regrade_and_then_the_order_of_entry
bug "the last event is lost" src/judge/jobs_take.c \
    's/for (i = 0; status > 0 \&\& i < count/for (i = 0; status > 0 \&\& i + 1 < count/' jobs events_are_told_from_any_number_on_and_a_new_attempt_shows
bug "events come twice" src/judge/jobs_take.c \
    's/event_count = after;/event_count = after + 1;/' jobs events_are_told_from_any_number_on_and_a_new_attempt_shows
bug "no attempt is the last" $sql/statements.sql \
    's/attempt >= \$1 THEN/attempt >= $1 + 99 THEN/' jobs after_so_many_attempts_a_job_is_not_judged
bug "a job given back has lost an attempt" $sql/statements.sql \
    's/attempt = attempt - 1/attempt = attempt/' jobs a_job_given_back_stands_where_it_stood
bug "there is no back-off" $sql/statements.sql \
    's/ready_ms = now_ms() + \$2 \* .*,/ready_ms = now_ms() + 0 * $2,/' jobs the_back_off_holds_a_job_back
bug "anybody takes anything" $sql/statements.sql \
    "s/AND (q.needs = ''/AND (1 = 1/" jobs a_job_goes_only_to_who_offers_what_it_needs
bug "a cancelled job runs on" src/judge/worker.c \
    's/child_end(&s->child, now_ms());//' worker a_cancelled_job_is_ended
bug "a drain takes more" src/judge/worker.c \
    's/signals_seen == 0 \&\& now_ms() >= w->look_due_ms/now_ms() >= w->look_due_ms/' worker the_first_sigterm_drains
bug "who crashes after his result is believed" src/judge/child.c \
    's/c->has_result = false; .*//' worker a_judge_that_goes_wrong_is_told_and_others_go_on
bug "one may submit without end" $sql/statements.sql \
    's/OR \$6 > (/OR $6 + 99 > (/' jobs so_many_of_a_learner_may_wait
exit $failed
