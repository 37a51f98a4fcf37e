#!/bin/sh
# run.sh [--quick] - leader election in every language that can be built here: valid, and three runs
# of one seed alike to the byte; then wrong ones, which must be found. --quick: C and Python only.
set -u
cd "$(dirname "$0")/../.." || exit 1
langs="c cpp go java javascript python rust typescript"
[ "${1:-}" = --quick ] && langs="c python"
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT
bad=0

fail() {
    echo "FAIL $1: $2"
    bad=1
}

for lang in $langs; do
    if ! make -s -C tests/consensus "$lang" >"$store/made" 2>&1; then
        cat "$store/made"
        fail "$lang" "it does not build"
        continue
    fi
    if [ ! -x "build/consensus/$lang" ]; then
        grep '^left out' "$store/made"
        continue
    fi
    if line=$(sh tests/consensus/repeat.sh "$lang" 3); then
        echo "ok $lang: three runs alike"
    else
        fail "$lang" "$line"
    fi
done

# wrong MODE SENTENCE OPTIONS...: such a program must be invalid on one of ten seeds, for this reason
wrong() {
    mode=$1
    sentence=$2
    shift 2
    for seed in 1 2 3 4 5 6 7 8 9 10; do
        build/eddy test -w tests/consensus/elections.lua --bin build/consensus/c "$mode" --node-count 5 \
            --time-limit 20 --rate 50 --seed $seed --store "$store" "$@" >"$store/said" 2>&1
        status=$?
        [ "$status" -eq 0 ] || break
    done
    if [ "$status" -eq 1 ] && head -n 1 "$store/said" | grep -q "$sentence"; then
        echo "ok wrong: $mode"
    else
        fail "wrong: $mode" "seed $seed, exit status $status, $(head -n 1 "$store/said")"
    fi
}

wrong two-votes "has two leaders" --latency 40 --latency-dist exponential
wrong forgets "has two leaders\|terms never go back" --nemesis kill --nemesis-interval 1
wrong same-timeout "no leader that all follow" --latency 5
wrong never-yields "no leader that all follow" --nemesis partition --nemesis-interval 3
exit $bad
