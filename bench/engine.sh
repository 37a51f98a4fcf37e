#!/bin/sh
# engine.sh [RUNS] - what eddy costs on this machine, on the real clock: medians of RUNS runs (default 3).
# In brackets what Maelstrom reached on 2 cores for the same test.
set -eu
cd "$(dirname "$0")/.."
runs=${1:-3}
make -s all nodes
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT

# test NAME ARGS...: one run; its results are in $store/result.json
one() {
    build/eddy test --store "$store" --seed 1 --clock real --recovery 0 --json "$@" >"$store/result.json"
}

# medians FILTER ARGS...: the median of a jq expression over the results of several runs
medians() {
    filter=$1
    shift
    i=0
    : >"$store/figures"
    while [ "$i" -lt "$runs" ]; do
        one "$@"
        jq -r "$filter" "$store/result.json" >>"$store/figures"
        i=$((i + 1))
    done
    sort -n "$store/figures" | sed -n "$(((runs + 1) / 2))p"
}

row() {
    printf '%-58s %12s  %-18s %s\n' "$1" "$2" "$3" "$4"
}

echo "$(uname -sr), $(nproc) processors ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), load $(cut -d' ' -f1 /proc/loadavg), medians of $runs"
echo
row "figure" "measured" "wanted" "Maelstrom"
row "from start to the first init, ms" \
    "$(medians '.run["first-init-ns"] / 1e6 * 100 | round / 100' -w echo --bin build/nodes/echo --node-count 1 --time-limit 0.1)" "< 20" "(6700)"
storm="-w echo --bin build/nodes/storm --node-count 5 --time-limit 10 --rate 5 1000"
row "5 nodes flooding: messages a second" \
    "$(medians '.net.servers["msg-count"] / (.run["end-ns"] / 1e9) | round' $storm)" ">= 600000" "(71000-85000)"
row "5 nodes flooding: eddy's own CPU a message, us" \
    "$(medians '.run.cost["cpu-ns"] / .net.all["msg-count"] | round / 1000' $storm)" "< 1.5" "(28-36)"
row "5 nodes flooding: peak memory of eddy, MB" \
    "$(medians '.run.cost["memory-peak-bytes"] / 1e6 | round' $storm)" "< 64" "(768)"
row "  over so many messages, millions" \
    "$(jq -r '.net.all["msg-count"] / 1e5 | round / 10' "$store/result.json")" "10" ""
row "echo, 100 clients, no rate limit: operations a second" \
    "$(medians '.stats.count / (.run["end-ns"] / 1e9) | round' -w echo --bin build/nodes/echo --node-count 1 --time-limit 5 --rate max --concurrency 100n)" ">= 100000" "(2300)"
hop="-w echo --bin build/nodes/storm --node-count 1 --time-limit 3 --rate 1"
row "one hop, one message under way, on one processor, us" \
    "$(medians '.run["end-ns"] / .net.servers["msg-count"] / 100 | round / 10' $hop --cpus 1 1)" "<= 25" "(160)"
row "  the same, on all processors, us" \
    "$(medians '.run["end-ns"] / .net.servers["msg-count"] / 100 | round / 10' $hop 1)" "" ""
row "  two messages under way between two nodes, us a hop" \
    "$(medians '2 * .run["end-ns"] / .net.servers["msg-count"] / 100 | round / 10' -w echo --bin build/nodes/storm --node-count 2 --time-limit 3 --rate 1 1)" "" "(160)"
row "a 10 s echo test: CPU besides the node, s" \
    "$(medians '.run.cost["cpu-ns"] / 1e7 | round / 100' -w echo --bin build/nodes/echo --node-count 1 --time-limit 10)" "< 0.2" "(14)"
row "100 nodes flooding: messages a second" \
    "$(medians '.net.servers["msg-count"] / (.run["end-ns"] / 1e9) | round' -w echo --bin build/nodes/storm --node-count 100 --time-limit 5 --rate 100 100)" "" ""
