#!/bin/sh
# run.sh [--quick] [NAME...] - `eddy shrink`: that failing runs of several kinds become small and still fail
# in the same way, that what it says of them is so, what it refuses, and how it ends; and `eddy replay
# --attach`. Prints "ok NAME" or "FAIL NAME: why". NAME picks cases whose name contains it; --quick leaves
# out the slow ones. EDDY (build/eddy) is the program under test, NODES (build/nodes) has the test nodes.
set -u
cd "$(dirname "$0")/../.." || exit 1
EDDY=${EDDY:-build/eddy}
NODES=${NODES:-build/nodes}
[ -x "$EDDY" ] || make -s all || exit 1
[ -x "$NODES/echo" ] || make -s nodes || exit 1
EDDY=$(realpath "$EDDY")
NODES=$(realpath "$NODES")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
failed=0
quick=
if [ "${1:-}" = --quick ]; then
    quick=1
    shift
fi
patterns=$*
budget=${BUDGET:-300s} # five times what a busy machine of two processors needs for the longest

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

# make_run NAME OPTION...: a run in store $out/NAME; its folder is $out/NAME/latest.
make_run() {
    run=$1
    shift
    "$EDDY" test --store "$out/$run" --json "$@" >"$out/$run.run.json" 2>"$out/$run.err"
}

# shrink NAME OPTION...: the newest run of NAME; results in $out/NAME.json and .err, status in $status.
shrink() {
    name=$1
    shift
    TMPDIR=$out "$EDDY" shrink "$out/$name/latest" --budget "$budget" --store "$out/$name" --json "$@" \
        >"$out/$name.json" 2>"$out/$name.err"
    status=$?
}

says() { # NAME FILTER: what the result says of itself
    jq -e "$2" "$out/$1.json" >/dev/null 2>&1 && return 0
    fail "$1" "not true: $2: $(jq -c 'del(.story, .without)' "$out/$1.json")"
    return 1
}

# small NAME FILTER OPTION...: a run with these options shrinks to what FILTER says, and what is left is a
# run like any other: it fails in that way, replays, and has its files.
small() {
    name=$1 filter=$2
    shift 2
    wanted "$name" || return 0
    make_run "$name" "$@"
    shrink "$name"
    if [ "$status" -ne 0 ]; then
        fail "$name" "expected exit status 0, saw $status: $(cat "$out/$name.err" "$out/$name.json")"
        return
    fi
    if ls -d "$out"/eddy-shrink-* >/dev/null 2>&1; then
        fail "$name" "temporary files are left"
        return
    fi
    says "$name" '.fails_again and .reproduced.times == 20 and .reproduced.of == 20 and .runs_tried > 20' || return
    says "$name" "$filter" || return
    # The way it fails is told by its own verdict, too, and nothing of it is left out.
    says "$name" '.sentence | length > 10' || return
    folder=$(jq -r .folder "$out/$name.json")
    for file in run.json results.json report.html shrink.json journal.jsonl.zst; do
        [ -s "$folder/$file" ] || fail "$name" "$file is missing"
    done
    if [ "$(jq -r '."valid?"' "$folder/results.json")" != false ]; then
        fail "$name" "the smallest run is not invalid"
    elif ! "$EDDY" replay "$folder" --store "$out/$name.again" >"$out/$name.replay" 2>&1; then
        fail "$name" "its replay differs: $(cat "$out/$name.replay")"
    elif ! jq -e '[.without[] | select(.outcome == "same")] == []' "$out/$name.json" >/dev/null; then
        fail "$name" "not minimal: $(jq -c '[.without[] | select(.outcome == "same")]' "$out/$name.json")"
    else
        echo "ok $name"
    fi
}

# refused NAME WORDS: shrinking the newest run of NAME ends with status 3 and a sentence with WORDS.
refused() {
    shrink "$1"
    if [ "$status" -ne 3 ]; then
        fail "$1" "expected exit status 3, saw $status"
    elif ! grep -q "$2" "$out/$1.err"; then
        fail "$1" "it does not say \"$2\" but: $(cat "$out/$1.err")"
    elif [ "$(find "$out/$1" -name shrink.json | wc -l)" -ne 0 ]; then
        fail "$1" "it left a result"
    else
        echo "ok $1"
    fi
}

# ---- runs that become small ----

small broadcast-lost '(.operations | length) + .final <= 4 and (.faults | length) <= 1 and (.story | length) > 3 and
    ([.without[] | select(.of == "faults" and .outcome == "valid")] | length) == (.faults | length)' \
    -w broadcast --bin "$NODES/broadcast" no-retry --node-count 5 --time-limit 4 --recovery 2 --rate 40 \
    --nemesis partition --nemesis-interval 1 --seed 1

small register-local '(.operations | length) <= 3 and .faults == [] and .messages == [] and (.nodes | length) <= 2' \
    -w lin-kv --bin "$NODES/lin_kv" local --time-limit 3 --rate 30 --seed 2

small ids-twice '(.operations | length) == 2 and .faults == [] and (.nodes | length) == 2' \
    -w unique-ids --bin "$NODES/unique_ids" no-node-id --time-limit 2 --rate 20 --seed 1

small counter-lost '(.operations | length) <= 2 and .final <= 2' \
    -w g-counter --bin "$NODES/counter" local --time-limit 2 --recovery 1 --rate 20 --seed 1

small crash '(.operations | length) <= 3 and (.kind | startswith("protocol"))' \
    -w echo --bin "$NODES/breaker" not-json --time-limit 2 --rate 20 --seed 1

if [ -z "$quick" ]; then
    small raft-two-leaders '(.operations | length) <= 10 and (.faults | length) <= 2 and
        ([.story[].text | select(test("vote|append"))] | length) > 0 and
        ([.story[].text | select(test("asks n[0-9] to"))] | length) >= (.operations | length)' \
        -w lin-kv --bin "$NODES/raft" minority --time-limit 5 --nemesis partition,pause --seeds 100 --seed 1
    # Found by small runs made from scratch: nothing that is left out of the run alone makes it so small.
    small raft-any-log '(.operations | length) <= 10 and (.faults | length) <= 2 and .cpu_s > 0 and
        ([.story[].text | select(test("vote"))] | length) > 0' \
        -w lin-kv --bin "$NODES/raft" any-log --time-limit 10 --seeds 20 --seed 1 \
        --nemesis partition,kill,pause,clock,loss,duplicate,reorder,slow
    small kafka-lost '(.operations | length) + .final <= 8' \
        -w kafka --bin "$NODES/kafka" local --time-limit 3 --rate 30 --seed 1
    small txn '(.operations | length) <= 6' \
        -w txn-list-append --bin "$NODES/txn" local --time-limit 3 --rate 30 --seed 1
fi

# ---- loss that is needed is told message by message ----

if wanted lost-message; then
    make_run lost-message -w broadcast --bin "$NODES/broadcast" no-retry --node-count 3 --time-limit 4 --recovery 2 \
        --rate 20 --nemesis loss --nemesis-interval 1 --seed 3
    shrink lost-message
    if [ "$status" -ne 0 ]; then
        fail lost-message "exit status $status: $(cat "$out/lost-message.err")"
    elif says lost-message '(.messages | length) == 1 and .messages[0].lost and .faults == []' &&
        says lost-message '[.story[].text | select(test("is lost \\(loss\\)"))] | length == 1' &&
        says lost-message '[.without[] | select(.of == "messages")][0].outcome == "valid"'; then
        echo "ok lost-message"
    fi
fi

# ---- another failure is not taken for the same ----

# Almost any part of this run is invalid, since no cas of it succeeded; only the reads are what it is about.
if wanted other-failure; then
    make_run other-failure -w lin-kv --bin "$NODES/lin_kv" local --time-limit 3 --rate 30 --seed 2 --maelstrom-verdict
    shrink other-failure
    [ "$status" -eq 0 ] || fail other-failure "exit status $status: $(cat "$out/other-failure.err")"
    says other-failure '.fails_again and (.kind | startswith("linearizable")) and (.operations | length) >= 2' &&
        echo "ok other-failure"
fi

# ---- runs that it refuses ----

if wanted valid; then
    make_run valid -w echo --bin "$NODES/echo" right --time-limit 1
    refused valid "the run is valid"
fi
if wanted real-clock; then
    make_run real-clock -w echo --bin "$NODES/echo" changed-text --time-limit 1 --clock real
    refused real-clock "real clock"
fi
if wanted changed-program; then
    cp "$NODES/unique_ids" "$out/node"
    printf '#!/bin/sh\nexec "%s" "$(cat "%s")"\n' "$out/node" "$out/mode" >"$out/program"
    chmod +x "$out/program"
    echo no-node-id >"$out/mode"
    make_run changed-program -w unique-ids --bin "$out/program" --time-limit 1 --rate 20
    echo right >"$out/mode"
    printf '\n' >>"$out/program"
    refused changed-program "has changed"
fi

# ---- Ctrl-C keeps the best so far ----

if wanted stopped; then
    make_run stopped -w broadcast --bin "$NODES/broadcast" no-retry --node-count 5 --time-limit 4 --recovery 2 --rate 40 \
        --nemesis partition --nemesis-interval 1 --seed 1
    mkdir "$out/tmp"
    TMPDIR=$out/tmp "$EDDY" shrink "$out/stopped/latest" --budget 10h --jobs 1 --store "$out/stopped" --json \
        >"$out/stopped.json" 2>"$out/stopped.err" &
    pid=$!
    # A dozen runs are enough for something smaller to be known; folders are numbered.
    while kill -0 $pid 2>/dev/null && [ -z "$(find "$out/tmp" -maxdepth 2 -name '[1-9][0-9]')" ]; do
        sleep 0.05
    done
    kill -TERM $pid
    wait $pid
    status=$?
    if [ "$status" -ne 0 ]; then
        fail stopped "exit status $status: $(cat "$out/stopped.err")"
    elif says stopped '.stopped and .fails_again'; then
        [ -z "$(ls "$out/tmp")" ] && echo "ok stopped" || fail stopped "temporary files are left"
    fi
fi

# ---- a search says how to go on ----

if wanted after-search; then
    "$EDDY" test -w unique-ids --bin "$NODES/unique_ids" no-node-id --time-limit 2 --seeds 5 --seed 1 --store "$out/search" \
        >"$out/search.txt" 2>&1
    command=$(sed -n 's/^  shrink  eddy //p' "$out/search.txt")
    if [ -z "$command" ]; then
        fail after-search "no command to shrink: $(cat "$out/search.txt")"
    elif ! "$EDDY" $command --store "$out/search" >"$out/search.shrunk" 2>&1; then
        fail after-search "eddy $command: $(cat "$out/search.shrunk")"
    elif ! grep -q '^What happened' "$out/search.shrunk"; then
        fail after-search "no story: $(cat "$out/search.shrunk")"
    else
        echo "ok after-search"
    fi
fi

# ---- a node for the debugger ----

if wanted attach; then
    make_run attach -w echo --bin "$NODES/echo" right --node-count 3 --time-limit 2 --rate 20
    mkfifo "$out/enter"
    : >"$out/attach.txt"
    "$EDDY" replay "$out/attach/latest" --until 800ms --attach n1 --store "$out/attach2" <"$out/enter" \
        >"$out/attach.txt" 2>&1 &
    pid=$!
    exec 3>"$out/enter"
    while kill -0 $pid 2>/dev/null && ! grep -q 'Enter ends' "$out/attach.txt"; do
        sleep 0.05
    done
    node=$(sed -n 's/.*gdb -p \([0-9]*\)$/\1/p' "$out/attach.txt")
    state=$(sed -n 's/^State:\t\(.\).*/\1/p; s/^TracerPid:\t//p' "/proc/$node/status" | tr '\n' ' ')
    echo >&3
    exec 3>&-
    wait $pid
    status=$?
    if [ "$state" != "T 0 " ]; then
        fail attach "the node is not left alone: state and tracer \"$state\""
    elif [ "$status" -ne 0 ] || [ -e "/proc/$node" ]; then
        fail attach "no orderly end: status $status: $(cat "$out/attach.txt")"
    else
        echo "ok attach"
    fi
fi
exit $failed
