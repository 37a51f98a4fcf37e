#!/bin/sh
# run.sh [--quick] [NAME...] - `eddy test --seeds`: that searches find planted failures and nothing in
# right programs, that the printed command repeats a failure, and how a search ends.
# Prints "ok NAME" or "FAIL NAME: why". NAME picks cases whose name contains it; --quick takes fewer
# seeds. EDDY (build/eddy) is the program under test, NODES (build/nodes) has the test nodes.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$(pwd)
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
survivors=50
if [ "${1:-}" = --quick ]; then
    survivors=5
    shift
fi
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

# search NAME OPTION...: results in $out/NAME, output in .json and .err, status in $status.
search() {
    name=$1
    shift
    TMPDIR=$out "$EDDY" test --time-limit 3 --recovery 1 --store "$out/$name" --json "$@" \
        >"$out/$name.json" 2>"$out/$name.err"
    status=$?
}

# holds NAME STATUS FILTER: how the search ended, and what its JSON says; nothing may be left behind.
holds() {
    if [ "$status" -ne "$2" ]; then
        fail "$1" "expected exit status $2, saw $status: $(cat "$out/$1.err" "$out/$1.json")"
    elif ! jq -e "$3" "$out/$1.json" >/dev/null 2>&1; then
        fail "$1" "not true: $3: $(cat "$out/$1.json")"
    elif ls -d "$out"/eddy-seeds-* >/dev/null 2>&1; then
        fail "$1" "temporary files are left: $(ls -d "$out"/eddy-seeds-*)"
    else
        return 0
    fi
    return 1
}

# finds NAME KIND SEEDS OPTION...: within so many seeds, and its folder is that of the same run again.
finds() {
    name=$1
    kind=$2
    seeds=$3
    shift 3
    wanted "$name" || return 0
    search "$name" --seed 1 --seeds "$seeds" "$@"
    holds "$name" 1 "any(.groups[]; .\"valid?\" == false and (.kind | startswith(\"$kind\")) and .identical)" ||
        return 0
    dir=$(jq -r '.groups[0].folder' "$out/$name.json")
    for file in results.json run.json history.jsonl journal.jsonl.zst report.html messages.svg; do
        [ -s "$dir/$file" ] || { fail "$name" "$dir/$file is not there"; return 0; }
    done
    [ "$(jq -r .sentence "$dir/results.json")" = "$(jq -r '.groups[0].sentence' "$out/$name.json")" ] ||
        { fail "$name" "the folder tells another story"; return 0; }
    echo "ok $name"
}

# survives NAME OPTION...: no seed fails; a run too short to tell is no failure.
survives() {
    name=$1
    shift
    wanted "$name" || return 0
    search "$name" --recovery 5 --seed 1 --seeds "$survivors" "$@" # programs send again after a second
    case "$status" in 2) wanted_status=2 ;; *) wanted_status=0 ;; esac
    holds "$name" "$wanted_status" ".done == $survivors and .failed == 0 and .valid > .done / 2" || return 0
    echo "ok $name"
}

finds finds-broadcast-no-retry 'set-full: element _ is lost' 20 -w broadcast --bin "$NODES/broadcast" no-retry
finds finds-g-set-lost-update 'set-full: element _ is lost' 20 -w g-set --bin "$NODES/g_set" lost-update
finds finds-raft-minority 'linearizable: ' 40 -w lin-kv --concurrency 2n --nemesis partition \
    --bin "$NODES/raft" minority
finds finds-txn-lost-update 'list-append: ' 20 -w txn-list-append --concurrency 4n --bin "$NODES/txn" lost-update
finds finds-broken-protocol 'protocol: _ answered _ request _ (echo) with a body that lacks the field' 20 -w echo \
    --bin "$NODES/breaker" missing-field
finds finds-crash 'protocol: _ was ended by signal' 20 -w echo --bin "$NODES/breaker" crash-later

survives survives-broadcast -w broadcast --bin "$NODES/broadcast" right
survives survives-g-set -w g-set --bin "$NODES/g_set" right
survives survives-raft -w lin-kv --bin "$NODES/raft" right

# The printed command, as it is, gives the same sentence; so does the search for that seed alone.
name=repeats-by-its-command
if wanted "$name"; then
    mkdir "$out/bin" && ln -s "$EDDY" "$out/bin/eddy"
    search "$name" --seed 1 --seeds 20 -w broadcast --bin "$NODES/broadcast" no-retry
    command=$(jq -r '.groups[0].command' "$out/$name.json")
    said=$(PATH="$out/bin:$PATH" sh -c "$command" 2>&1)
    again=$?
    sentence=$(jq -r '.groups[0].sentence' "$out/$name.json")
    seed=$(jq -r '.groups[0].seed' "$out/$name.json")
    mv "$out/$name.json" "$out/first.json"
    search "$name" --seed "$seed" --seeds 1 -w broadcast --bin "$NODES/broadcast" no-retry
    if [ $again -ne 1 ] || [ "$(jq -r .sentence "$out/$name/latest/results.json")" != "$sentence" ]; then
        fail "$name" "$command gave exit status $again: $said"
    elif [ "$(jq -r '.groups[0].command' "$out/$name.json")" != "$command" ]; then
        fail "$name" "seed $seed alone has another setting: $(cat "$out/$name.json"), first: $command"
    else
        echo "ok $name"
    fi
fi

# Two kinds, each once, however many seeds; every seed is run.
name=keep-going-groups
if wanted "$name"; then
    search "$name" --seed 1 --seeds 12 --keep-going -w broadcast --bin "$NODES/broadcast" no-retry
    holds "$name" 1 '.done == 12 and .valid + .failed + .unknown == 12 and .failed >= 2 and
        ([.groups[] | select(.kind | startswith("set-full: element _ is lost"))] | length == 1) and
        ([.groups[].count] | add) == .failed + .unknown and ([.groups[].kind] | unique | length) == (.groups | length)
        and all(.groups[]; .count == (.seeds | length) and .seed == .seeds[0])' && echo "ok $name"
fi

name=one-job-stops-at-the-first
if wanted "$name"; then
    search "$name" --seed 1 --seeds 30 --jobs 1 --swarm off -w echo --nodes n1 --rate 20 \
        --bin "$NODES/breaker" missing-field
    holds "$name" 1 '.done == 1 and .failed == 1 and .groups[0].seed == 1 and
        (.groups[0].command | contains("--nodes n1") and contains("--rate 20") and (contains("--nemesis") | not))' &&
        echo "ok $name"
fi

# Whether the search has come beyond its second seed: each has a folder while it runs.
has_begun() {
    for run in "$out"/eddy-seeds-*/*; do
        [ "${run##*/}" -ge 3 ] 2>/dev/null && return 0
    done
    return 1
}

# A signal to the search alone: it ends the runs, tells what is known, and leaves nothing.
name=ctrl-c
if wanted "$name"; then
    TMPDIR=$out "$EDDY" test --time-limit 3 --recovery 1 --store "$out/$name" --json --seed 1 --seeds 1000000 \
        -w echo --bin "$NODES/echo" right >"$out/$name.json" 2>"$out/$name.err" &
    search_pid=$!
    tries=0
    until has_begun || [ $tries -gt 6000 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -TERM $search_pid
    wait $search_pid
    status=$?
    holds "$name" 2 '.stopped and .seeds == 1000000 and .done < .seeds and .failed == 0' && echo "ok $name"
fi

name=errors-end-the-search
if wanted "$name"; then
    search "$name" --seeds 5 -w echo --bin "$top/LICENSE"
    if [ "$status" -eq 3 ] && grep -q 'LICENSE' "$out/$name.err"; then
        echo "ok $name"
    else
        fail "$name" "expected exit status 3 and the program's name, saw $status: $(cat "$out/$name.err")"
    fi
fi

exit $failed
