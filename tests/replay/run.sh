#!/bin/sh
# run.sh [--quick] [NAME...] - whole runs, and the same again by `eddy replay`: honest programs must be
# identical, programs that look outside of the run must be caught, at the line that shows it.
# Prints "ok NAME" or "FAIL NAME: why". NAME picks cases whose name contains it; --quick leaves out
# the slow ones. EDDY (build/eddy) is the program under test.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$(pwd)
EDDY=$(realpath "${EDDY:-build/eddy}")
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

wanted() { # NAME
    [ -n "$patterns" ] || return 0
    for pattern in $patterns; do
        case "$1" in *"$pattern"*) return 0 ;; esac
    done
    return 1
}

ok() { echo "ok $1"; }
fail() { # NAME WHY
    echo "FAIL $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c 1-900)"
    failed=1
}

[ -x "$EDDY" ] || make -s all || exit 1
mkdir -p "$out/bin"
${CC:-gcc} -std=c17 -Wall -Wextra -Werror -O1 -g -D_GNU_SOURCE -Ikits/c -o "$out/bin/leak" tests/replay/leak.c kits/c/*.c \
    -lm -lpthread || exit 1

# test_run STORE OPTION... -- PROGRAM...: a run of `eddy test`; its output in $out/said.
test_run() {
    store=$1
    shift
    timeout -k 5 900 "$EDDY" test -w echo --node-count 2 --time-limit 2 --rate 20 --recovery 1 --seed 7 --store "$store" "$@" \
        >"$out/said" 2>&1
}

replay() { # STORE [OPTION...]; output in $out/said
    store=$1
    shift
    timeout -k 5 900 "$EDDY" replay --store "$store" "$@" >"$out/said" 2>&1
}

# identical NAME OPTION...: run and replay agree in every line.
identical() {
    name=$1
    shift
    wanted "$name" || return 0
    test_run "$out/$name" "$@"
    [ $? -eq 0 ] || { fail "$name" "the run itself: $(cat "$out/said")"; return; }
    replay "$out/$name"
    status=$?
    if [ $status -eq 0 ] && grep -q '^identical: ' "$out/said"; then
        ok "$name"
    else
        fail "$name" "exit status $status: $(cat "$out/said")"
    fi
}

# different NAME TEXT OPTION...: they differ, and the first lines that do both hold TEXT.
different() {
    name=$1
    text=$2
    shift 2
    wanted "$name" || return 0
    test_run "$out/$name" "$@"
    [ $? -eq 0 ] || { fail "$name" "the run itself: $(cat "$out/said")"; return; }
    replay "$out/$name"
    status=$?
    if [ $status -eq 1 ] && grep -q '^different from .*, in n[01]' "$out/said" &&
        grep -q "^  first run .*$text" "$out/said" && grep -q "^  this one .*$text" "$out/said"; then
        ok "$name"
    else
        fail "$name" "expected a difference at \"$text\", got exit status $status: $(cat "$out/said")"
    fi
}

identical honest-c --bin "$out/bin/leak" nothing
identical honest-c-seeded-urandom --bin "$out/bin/leak" urandom
identical honest-c-seeded-schedule --schedule seeded --bin "$out/bin/leak" nothing
identical honest-c-under-faults --time-limit 8 --nemesis kill,pause,partition,loss --nemesis-interval 1 --latency 5 \
    --latency-dist exponential --bin "$out/bin/leak" nothing
identical honest-c-pid --bin "$out/bin/leak" pid
identical honest-python --bin python3 tests/replay/honest.py
identical honest-javascript --bin node tests/replay/honest.js
if command -v go >/dev/null && wanted honest-go; then
    (cd "$out" && GOFLAGS=-mod=mod GO111MODULE=off GOCACHE="$out/gocache" \
        go build -o "$out/bin/honest-go" "$top/tests/replay/honest.go") >"$out/said" 2>&1 ||
        fail honest-go "$(cat "$out/said")"
    identical honest-go --bin "$out/bin/honest-go"
fi
if [ -z "$quick" ] && command -v javac >/dev/null && wanted honest-java; then
    javac -d "$out/bin" tests/replay/Honest.java || fail honest-java "it does not compile"
    identical honest-java --bin java -- -XX:-UsePerfData -cp "$out/bin" Honest
fi

different leak-uptime 'uptime: ' --bin "$out/bin/leak" uptime
different leak-mtime 'mtime: ' --bin "$out/bin/leak" mtime
different leak-rdrand 'rdrand: ' --bin "$out/bin/leak" rdrand
different leak-urandom '"msg_id":' --entropy real --bin "$out/bin/leak" urandom
[ -n "$quick" ] || different leak-race 'race: ' --bin "$out/bin/leak" race

# said NAME STATUS TEXT...: how the last command ended and what it must have said
said() {
    name=$1 wanted_status=$2
    shift 2
    if [ "$status" -ne "$wanted_status" ]; then
        fail "$name" "expected exit status $wanted_status, got $status: $(cat "$out/said")"
        return
    fi
    for text in "$@"; do
        if ! grep -q -e "$text" "$out/said"; then
            fail "$name" "expected to read \"$text\", saw: $(cat "$out/said")"
            return
        fi
    done
    ok "$name"
}

if wanted run-json; then
    store=$out/run-json
    cp "$out/bin/leak" "$out/bin/node"
    test_run "$store" --latency 5 --bin "$out/bin/node" nothing
    first=$(readlink -f "$store/latest")
    cd "$out" || exit 1 # from elsewhere: the record knows the folder
    replay "$store" "$first" --json
    status=$?
    said "run-json: as JSON, from another folder" 0 '"identical": true' '"changes": \[\]'
    cd "$top" || exit 1
    [ "$(readlink -f "$store/latest")" = "$first" ] && ok "run-json: latest stays" || fail "run-json: latest stays" "it moved"
    again=$(sed -n 's/.*"replay-folder": "\(.*\)",*/\1/p' "$out/said")
    if [ -n "$again" ] && [ "$(jq -r '."replay-of"' "$again/run.json")" = "$first" ] && [ -f "$again/results.json" ] &&
        [ "$(jq -r .end.digest "$again/run.json")" = "$(jq -r .end.digest "$first/run.json")" ]; then
        ok "run-json: the replay has a record of its own, with the same digest"
    else
        fail "run-json: the replay has a record of its own, with the same digest" "$(cat "$out/said")"
    fi

    replay "$store" --until 700ms
    status=$?
    said "run-json: --until" 0 '^identical: [0-9]* lines of the journal up to 700 ms'
    lines=$(sed -n 's/^identical: \([0-9]*\) .*/\1/p' "$out/said")
    whole=$(zstdcat "$first/journal.jsonl.zst" | jq -c 'select(.t < 700000000)' | wc -l)
    [ "$lines" -eq "$whole" ] && ok "run-json: --until compares every line before it" ||
        fail "run-json: --until compares every line before it" "$lines of $whole"

    # A message that differs in its body only, in the middle of the run.
    cp -r "$first" "$out/forged"
    zstdcat "$first/journal.jsonl.zst" | sed '/"t":1[0-9]*,"e":"send".*"src":"n1"/s/echo_ok/echo_no/' | zstd -q -f -o "$out/forged/journal.jsonl.zst"
    jq '.end.digest = "0"' "$first/run.json" >"$out/forged/run.json"
    replay "$store" "$out/forged"
    status=$?
    said "run-json: one word of one message" 1 '^different from 1.* s on, in n1 (line' 'first run .*echo_no' 'this one .*echo_ok'

    # As if eddy had been killed in the middle: a part of the journal, no end.
    cp -r "$first" "$out/broken"
    head -c 3000 "$first/journal.jsonl.zst" >"$out/broken/journal.jsonl.zst"
    jq '.end = null' "$first/run.json" >"$out/broken/run.json"
    replay "$store" "$out/broken"
    status=$?
    said "run-json: a run that broke off is compared as far as it went" 0 '^identical: [1-9][0-9]* lines of the journal up to'

    printf x >>"$out/bin/node" # bytes behind an ELF image change nothing but its digest
    replay "$store"
    status=$?
    said "run-json: a changed program is said, though it does the same" 0 'node has changed since the run was made' '^identical'
    ${CC:-gcc} -std=c17 -O2 -D_GNU_SOURCE -Ikits/c -o "$out/bin/node" tests/clock/sync.c kits/c/*.c -lm -lpthread
    replay "$store"
    status=$?
    said "run-json: a changed program that does other things" 1 'node has changed since the run was made' '^different from' '^  changed .*node has changed'
    rm "$out/bin/node"
    replay "$store"
    status=$?
    said "run-json: a program that is gone" 3 'node was there when the run was made and is gone'
    rm "$first/run.json"
    replay "$store"
    status=$?
    said "run-json: a folder without it" 3 'no folder of a run'
    replay "$store" "$out/nowhere"
    status=$?
    said "run-json: no folder" 3 'there is no run at .*/nowhere'
fi

if wanted invalid-run; then
    test_run "$out/invalid-run" --bin /bin/true
    replay "$out/invalid-run"
    status=$?
    said "invalid-run: identical, and the verdict is told" 0 '^identical: ' 'first verdict  invalid: '
fi

if wanted real-clock; then
    test_run "$out/real-clock" --clock real --time-limit 0.5 --recovery 0 --bin "$out/bin/leak" nothing
    replay "$out/real-clock"
    status=$?
    said "real-clock: said first, then where it differs" 1 'made on the real clock' '^different from'
fi

if [ -x "$out/bin/honest-go" ] && wanted go-chance; then
    note=$(jq -r '.run.notes[]' "$out/honest-go/latest/results.json" | grep -c 'math/rand')
    case "$(go version)" in
    *go1.[0-9].* | *go1.1[0-9].*) want=1 ;;
    *) want=0 ;;
    esac
    [ "$note" -eq $want ] && ok "go-chance: a note where Go does not seed math/rand" ||
        fail "go-chance: a note where Go does not seed math/rand" "$note notes with $(go version)"
fi

exit $failed
