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
    "$EDDY" test -w echo --node-count 2 --time-limit 2 --rate 20 --recovery 1 --seed 7 --store "$store" "$@" \
        >"$out/said" 2>&1
}

replay() { # STORE [OPTION...]; output in $out/said
    store=$1
    shift
    "$EDDY" replay --store "$store" "$@" >"$out/said" 2>&1
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
identical honest-c-under-faults --nemesis kill,pause,partition,loss --nemesis-interval 0.2 --latency 5 \
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
different leak-urandom 'urandom: ' --entropy real --bin "$out/bin/leak" urandom
[ -n "$quick" ] || different leak-race 'race: ' --bin "$out/bin/leak" race

exit $failed
