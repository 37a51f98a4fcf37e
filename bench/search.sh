#!/bin/sh
# search.sh [SEEDS] - how many seeds a second `eddy test --seeds` does on this machine: 5 nodes in C, 10
# virtual seconds each (9 s of load, 1 s until the last reads). The rate is that of the whole search, with as many
# runs at a time as there are processors: processes started, messages carried, histories checked; no files are kept
# of runs that are valid. Besides it the CPU time of all its processes, since other work on the machine slows the
# rate only. A search of P processors can at best do P * 1000 / CPU ms.
set -eu
cd "$(dirname "$0")/.."
seeds=${1:-100}
make -s all nodes
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT

# row TITLE ARGS...
row() {
    title=$1
    shift
    # shellcheck disable=SC2016
    bash -c 'TIMEFORMAT="%U %S"; time "$@" >"$0/json"' "$store" build/eddy test --store "$store" --node-count 5 \
        --time-limit 9 --recovery 1 --seed 1 --seeds "$seeds" --keep-going --json "$@" 2>"$store/cpu" || [ $? -le 2 ]
    printf '%-46s %10s %14s %14s\n' "$title" "$(jq -r '.rate * 10 | round / 10' "$store/json")" \
        "$(awk -v n="$seeds" 'END { printf "%.0f", ($1 + $2) * 1000 / n }' "$store/cpu")" \
        "$(jq -r ".messages / $seeds | round" "$store/json")"
}

echo "$(uname -sr), $(nproc) processors ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), load $(cut -d' ' -f1 /proc/loadavg), $seeds seeds each"
echo
printf '%-46s %10s %14s %14s\n' "" "seeds/s" "CPU ms a seed" "messages"
row "echo, rate 5, no faults (wanted: 20)" --swarm off -w echo --bin build/nodes/echo right
row "broadcast, rate 5, no faults" --swarm off -w broadcast --bin build/nodes/broadcast right
row "broadcast, swarm" -w broadcast --bin build/nodes/broadcast right
row "lin-kv with Raft, rate 5, no faults" --swarm off -w lin-kv --bin build/nodes/raft right
row "lin-kv with Raft, swarm" -w lin-kv --bin build/nodes/raft right
