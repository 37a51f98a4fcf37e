#!/bin/sh
# bugs.sh [NAME...] - every planted bug of tests/bugs/cases.txt, or those whose name contains a NAME: how
# many seeds the search needs until it finds it, and how long that takes; then how small `eddy shrink` makes that
# run, in client operations and faults before and after, how long that takes (at most SHRINK, 60 s), in how many runs
# and CPU seconds, how many of
# 20 repetitions fail in the same way, and whether the story has the words that the row asks for. "late" marks
# a shrinking that the time ended. Last, the right program for 200 seeds, none of which may be other than valid.
# Minutes for all of them; SHRINK=0 leaves shrinking out. SEED is the first seed, else 1.
set -eu
cd "$(dirname "$0")/.."
make -s all nodes
make -s -C tests/bugs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
bad=0
budget=${SHRINK:-60}

wanted() { # NAME PATTERN...
    name=$1
    shift
    [ $# -gt 0 ] || return 0
    for pattern in "$@"; do
        case "$name" in *"$pattern"*) return 0 ;; esac
    done
    return 1
}

# set_shrunk SEEDS WORDS: shrinks the run that find.sh left; $shrunk gets seven columns
set_shrunk() {
    shrunk="- - - - - - -"
    [ "$1" != - ] && [ "$budget" != 0 ] || return 0
    run=$(jq -r '[.groups[] | select(."valid?" == false)] | min_by(.seed) | .folder' "$work/run/json")
    from=$(date +%s%N)
    build/eddy shrink "$run" --budget "$budget" --store "$work/run/small" --json >"$work/small" 2>"$work/small.err" || true
    took=$((($(date +%s%N) - from) / 100000000))
    [ -s "$work/small" ] && jq -e .after "$work/small" >/dev/null 2>&1 || { shrunk="? ? ? ? ? ? ?"; return 0; }
    story=no
    jq -r '[.story[].text] | join("; ")' "$work/small" | grep -qE -e "$2" && story=yes
    shrunk=$(jq -r '
        [.before, .after] | map("\(.operations)+\(.faults)") | join(" ")' "$work/small")
    shrunk="$shrunk $((took / 10)).$((took % 10))$(jq -r 'if .late then "late" else "" end' "$work/small")"
    shrunk="$shrunk $(jq -r '"\(.runs_tried) \(.cpu_s | floor)"' "$work/small")"
    shrunk="$shrunk $(jq -r '"\(.reproduced.times)/\(.reproduced.of)"' "$work/small") $story"
}

echo "$(uname -sr), $(nproc) processors ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), load $(cut -d' ' -f1 /proc/loadavg)"
echo
format='%-28s %5s %7s  %12s %11s %9s %6s %5s %10s %6s  %s\n'
# shellcheck disable=SC2059
printf "$format" bug seeds seconds "before (o+f)" "after (o+f)" seconds runs "CPU s" reproduced story kind
grep -v -e '^#' -e '^ *$' tests/bugs/cases.txt >"$work/rows"
while IFS= read -r row; do
    name=$(printf '%s\n' "$row" | sed 's/ *|.*//; s/^\* *//')
    wanted "$name" "$@" || continue
    sh tests/bugs/find.sh "$row" "$work/run" ${SEED:-1} </dev/null >"$work/line"
    seeds=$(cut -f 2 "$work/line")
    set_shrunk "$seeds" "$(printf '%s\n' "$row" | cut -d '|' -f 5 | tr '!' '|' | sed 's/^ *//; s/ *$//')"
    # shellcheck disable=SC2059,SC2086
    printf "$format" "$name" "$seeds" "$(awk -F '\t' '{ printf "%.1f", $4 }' "$work/line")" $shrunk "$(cut -f 3 "$work/line")"
    [ "$seeds" != - ] || bad=1
    rm -rf "$work/run"
done <"$work/rows"

if wanted "raft right" "$@"; then
    build/eddy test -w lin-kv --time-limit 10 --seed "${SEED:-1}" --seeds 200 --keep-going --json --store "$work/right" \
        --nemesis partition,kill,pause,clock,loss,duplicate,reorder,slow --bin build/nodes/raft right >"$work/json" || true
    jq -r '"\nraft right: \(.done) seeds in \(.seconds | floor) s: \(.valid) valid, \(.failed) invalid, \(.unknown) unknown"' \
        "$work/json"
    jq -e '.valid == .done' "$work/json" >/dev/null || bad=1
fi
exit $bad
