#!/bin/sh
# run.sh [--quick] [NAME...] - the search finds planted bugs, a sample of cases.txt (those with a star),
# and nothing in the right program under every fault, in 60 seeds (200 in bench/bugs.sh). Prints "ok NAME" or "FAIL NAME: why". NAME picks
# cases whose name contains it, starred or not; --quick takes fewer seeds of the right program.
# All bugs, with how long each takes: bench/bugs.sh.
set -u
cd "$(dirname "$0")/../.." || exit 1
EDDY=${EDDY:-build/eddy}
NODES=${NODES:-build/nodes}
export EDDY NODES
make -s -C tests/bugs || exit 1
[ -x "$EDDY" ] || make -s all || exit 1
[ -x "$NODES/raft" ] || make -s nodes || exit 1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
survivors=60
if [ "${1:-}" = --quick ]; then
    survivors=20
    shift
fi
patterns=$*
failed=0

# wanted NAME STAR
wanted() {
    [ -n "$patterns" ] || { [ -n "$2" ]; return; }
    for pattern in $patterns; do
        case "$1" in *"$pattern"*) return 0 ;; esac
    done
    return 1
}

grep -v -e '^#' -e '^ *$' tests/bugs/cases.txt >"$out/rows"
while IFS= read -r row; do
    name=$(printf '%s\n' "$row" | sed 's/ *|.*//; s/^\* *//')
    case "$row" in "*"*) star=yes ;; *) star= ;; esac
    wanted "$name" "$star" || continue
    case "$row" in
    *bugs/*)
        program=$(printf '%s\n' "$row" | sed 's#.*bugs/\([^ ]*\) .*#\1#')
        [ -x "build/bugs/$program" ] || { echo "left out: $name, since build/bugs/$program was not built"; continue; }
        ;;
    esac
    line=$(sh tests/bugs/find.sh "$row" "$out/run" </dev/null)
    if [ "$(printf '%s\n' "$line" | cut -f 2)" = - ]; then
        echo "FAIL $name: not found: $line"
        failed=1
    elif [ "$(jq -r '[.groups[] | select(."valid?" == false)] | min_by(.seed) | .identical' "$out/run/json")" != true ]; then
        echo "FAIL $name: the run again was another one: $(jq -c .groups "$out/run/json" | cut -c 1-600)"
        failed=1
    else
        echo "ok $name: seed $(printf '%s\n' "$line" | cut -f 2)"
    fi
    rm -rf "$out/run"
done <"$out/rows"

if wanted "raft right" yes; then
    "$EDDY" test -w lin-kv --time-limit 10 --node-count 5 --seed 1 --seeds "$survivors" --keep-going --json \
        --nemesis partition,kill,pause,clock,loss,duplicate,reorder,slow --store "$out/store" \
        --bin "$NODES/raft" right >"$out/json" 2>"$out/err"
    if jq -e ".done == $survivors and .valid == .done" "$out/json" >/dev/null 2>&1; then
        echo "ok raft right: $survivors seeds"
    else
        echo "FAIL raft right: $(cat "$out/err") $(jq -c '[.done, .valid, .failed, .groups]' "$out/json" | cut -c 1-900)"
        failed=1
    fi
fi
exit $failed
