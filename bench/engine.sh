#!/bin/sh
# engine.sh [RUNS] - what eddy costs on this machine, on the real clock: medians of RUNS runs (default 3).
# In brackets what Maelstrom reached on 2 cores for the same test.
set -eu
cd "$(dirname "$0")/.."
runs=${1:-3}
make -s all nodes >/dev/null
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT

# sample FILTERS ARGS...: runs the test several times; the medians of the jq expressions in FILTERS, a
# list, become $m1, $m2, ...
sample() {
    filters=$1
    shift
    i=0
    : >"$store/figures"
    while [ "$i" -lt "$runs" ]; do
        build/eddy test --store "$store" --seed 1 --clock real --recovery 0 --json "$@" >"$store/result.json"
        jq -r "[$filters] | @tsv" "$store/result.json" >>"$store/figures"
        rm -rf "$store"/*/
        i=$((i + 1))
    done
    m1=$(median 1) m2=$(median 2) m3=$(median 3) m4=$(median 4)
}

median() {
    cut -f "$1" "$store/figures" | sort -n | sed -n "$(((runs + 1) / 2))p"
}

row() {
    printf '%-58s %12s  %-18s %s\n' "$1" "$2" "$3" "$4"
}

echo "$(uname -sr), $(nproc) processors ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), load $(cut -d' ' -f1 /proc/loadavg), medians of $runs"
echo
row "figure" "measured" "wanted" "Maelstrom"
echo="-w echo --bin build/nodes/echo --node-count 1"
storm="-w echo --bin build/nodes/storm"
rate='.net.servers["msg-count"] / (.run["end-ns"] / 1e9) | round'
hop='.run["end-ns"] / .net.servers["msg-count"] / 100 | round / 10'

sample '.run["first-init-ns"] / 1e6 * 100 | round / 100' $echo --time-limit 0.1
row "from start to the first init, ms" "$m1" "< 20" "(6700)"
sample "($rate), (.run.cost[\"cpu-ns\"] / .net.all[\"msg-count\"] | round / 1000),
    (.run.cost[\"memory-peak-bytes\"] / 1e6 | round), (.net.all[\"msg-count\"] / 1e5 | round / 10)" \
    $storm --node-count 5 --time-limit 8 --rate 5 1000
row "5 nodes flooding: messages a second" "$m1" ">= 600000" "(71000-85000)"
row "  eddy's own CPU a message, us" "$m2" "< 1.5" "(28-36)"
row "  peak memory of eddy, MB" "$m3" "< 64" "(768)"
row "  over so many messages, millions" "$m4" ">= 10" ""
sample '.stats.count / (.run["end-ns"] / 1e9) | round' $echo --time-limit 5 --rate max --concurrency 100n
row "echo, 100 clients, no rate limit: operations a second" "$m1" ">= 100000" "(2300)"
sample "$hop" $storm --node-count 1 --time-limit 3 --rate 1 --cpus 1 1
row "one hop, one message under way, on one processor, us" "$m1" "<= 25" "(160)"
sample "$hop" $storm --node-count 1 --time-limit 3 --rate 1 1
row "  the same, on all processors, us" "$m1" "" ""
sample "2 * ($hop)" $storm --node-count 2 --time-limit 3 --rate 1 1
row "  two messages under way between two nodes, us a hop" "$m1" "" "(160)"
sample '.run.cost["cpu-ns"] / 1e7 | round / 100' $echo --time-limit 10
row "a 10 s echo test: CPU besides the node, s" "$m1" "< 0.2" "(14)"
sample "$rate" $storm --node-count 100 --time-limit 3 --rate 100 100
row "100 nodes flooding: messages a second" "$m1" "" ""
