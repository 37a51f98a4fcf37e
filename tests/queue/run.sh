#!/bin/sh
# run.sh [--quick] [NAME...] - the queue and `eddy worker` as a whole, on PostgreSQL and on SQLite. Prints "ok NAME" or
# "FAIL NAME: why". NAME picks cases whose name contains it; --quick leaves out the storms. Jobs of the storms are a
# small function (tests/queue_chaos.c); those of the other cases are real submissions. CHAOS and EDDY are the programs
# under test.
set -u
cd "$(dirname "$0")/../.." || exit 1
CHAOS=${CHAOS:-build/tests/queue_chaos}
EDDY=${EDDY:-build/eddy}
make -s build/eddy build/tests/queue_chaos || exit 1
out=$(mktemp -d)
worker=
trap '[ -z "$worker" ] || kill -KILL "$worker" 2>/dev/null; rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
failed=0
quick=
[ "${1:-}" = --quick ] && quick=1 && shift
patterns=$*

wanted() { # NAME
    [ -n "$patterns" ] || return 0
    for pattern in $patterns; do
        case "$1" in *"$pattern"*) return 0 ;; esac
    done
    return 1
}

fail() { # NAME WHY
    echo "FAIL $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c 1-900)"
    failed=1
}

storm() { # NAME JOBS OPTION...
    wanted "$1" || return 0
    name=$1
    jobs=$2
    shift 2
    if "$CHAOS" storm --jobs "$jobs" "$@" >"$out/log" 2>&1 && grep -q "judged exactly once: $jobs of $jobs" "$out/log"; then
        cat "$out/log"
        echo "ok $name"
    else
        fail "$name" "$(cat "$out/log")"
    fi
}

start_worker() { # WORDS...
    "$EDDY" worker --db "$out/queue.db" --folder "$out/worker" --jobs 1 --languages c --allow-weak-sandbox "$@" 2>"$out/worker.log" &
    worker=$!
}

# until COMMAND...: ten minutes end a hang
until_true() {
    tries=0
    while ! "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 6000 ] || return 1
        kill -0 "$worker" 2>/dev/null || return 1
        sleep 0.1
    done
}

# submission FILE SOURCE: the task of echo, in C
submission() {
    jq -n --rawfile main "$2" \
        '{track: "messenger", task: "echo", language: "c", seed: 0, files: [{name: "main.c", text: $main}]}' >"$1"
}

# A real submission, judged; and the power cut: the worker is killed in the middle of one, and the next life judges it.
real() {
    wanted queue-worker-real || wanted queue-worker-power-cut || return 0
    submission "$out/right.json" tests/course/solved/main.c
    start_worker
    id=$("$CHAOS" put "$out/queue.db" "$out/right.json")
    if "$CHAOS" wait "$out/queue.db" "$id" >"$out/log" 2>&1 && grep -q '^done 1' "$out/log" &&
        tail -n 1 "$out/log" | jq -e '.verdict == "passed" and .report.files[0].bytes > 0' >/dev/null; then
        echo "ok queue-worker-real"
    else
        fail queue-worker-real "$(cut -c 1-600 "$out/log"; cat "$out/worker.log")"
    fi
    id=$("$CHAOS" put "$out/queue.db" "$out/right.json")
    until_true ls -d "$out/worker/job-$id-1" || fail queue-worker-power-cut "the job did not begin: $(cat "$out/worker.log")"
    kill -KILL "$worker"
    wait "$worker" 2>/dev/null
    start_worker --lease 1h
    if "$CHAOS" wait "$out/queue.db" "$id" >"$out/log" 2>&1 && grep -q '^done 2' "$out/log" &&
        tail -n 1 "$out/log" | jq -e '.verdict == "passed"' >/dev/null && ! ls -d "$out"/worker/job-* >/dev/null 2>&1; then
        echo "ok queue-worker-power-cut"
    else
        fail queue-worker-power-cut "$(cut -c 1-600 "$out/log"; cat "$out/worker.log")"
    fi
    kill -TERM "$worker"
    wait "$worker"
    status=$?
    worker=
    [ "$status" -eq 0 ] && grep -q 'has ended' "$out/worker.log" && echo "ok queue-worker-drains" ||
        fail queue-worker-drains "exit status $status: $(cat "$out/worker.log")"
}

# refused NAME TEXT OPTION...: exit status 3 or 4, and the text
refused() {
    wanted "$1" || return 0
    name=$1
    text=$2
    shift 2
    "$EDDY" worker "$@" >"$out/log" 2>&1
    status=$?
    if { [ "$status" -eq 3 ] || [ "$status" -eq 4 ]; } && grep -qF -- "$text" "$out/log"; then
        echo "ok $name"
    else
        fail "$name" "exit status $status, expected \"$text\" in: $(cat "$out/log")"
    fi
}

real
refused queue-no-database "--db (or EDDY_DB) names the database"
refused queue-odd-jobs "--jobs is a number from 1 to 1024" --db x --jobs 0
refused queue-odd-lease "--lease is a time from 1s to 24h" --db x --lease 5ms
refused queue-weak-sandbox "too weak for other people's programs" --db x --folder "$out/w2" --sandbox off
refused queue-no-server "is not to be reached" --db 'postgresql://me:secret@/x?host=/nowhere' --folder "$out/w2" --languages c --allow-weak-sandbox
[ -n "$quick" ] && exit $failed
storm queue-storm-postgresql 600
storm queue-storm-sqlite 200 --sqlite --workers 3
exit $failed
