#!/bin/bash
# virtual.sh [RUNS] - what the virtual clock costs and saves on this machine: medians of RUNS runs
# (default 3), beside the same on the real clock. Sixty real seconds a row would take too long: the CPU
# time there is that of 6 s, start included, times ten. A run takes one processor: on a machine that has
# other work its CPU time is what its real time would be without.
set -eu
cd "$(dirname "$0")/.."
runs=${1:-3}
langs="c cpp rust python javascript typescript go java"
make -s all nodes
make -s -C tests/consensus 2>&1 | grep -e "^left out" -e "error:" || true
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT

# one ARGS...: one run; its results are in $store/result.json
one() {
    build/eddy test --store "$store" --seed 1 --json "$@" >"$store/result.json"
}

# medians FILTER COMMAND...: the median of a jq expression over the results of several runs
medians() {
    filter=$1
    shift
    i=0
    : >"$store/figures"
    while [ "$i" -lt "$runs" ]; do
        "$@"
        jq -r "$filter" "$store/result.json" >>"$store/figures"
        i=$((i + 1))
    done
    sort -n "$store/figures" | sed -n "$(((runs + 1) / 2))p"
}

# timed COMMAND...: medians of its real seconds and of its CPU seconds, children included
timed() {
    TIMEFORMAT='%3R %3U %3S'
    i=0
    : >"$store/wall"
    : >"$store/cpu"
    while [ "$i" -lt "$runs" ]; do
        { time "$@" >"$store/out" 2>"$store/said"; } 2>"$store/times"
        read -r real user system <"$store/times"
        echo "$real" >>"$store/wall"
        awk "BEGIN { print $user + $system }" >>"$store/cpu"
        i=$((i + 1))
    done
    echo "$(sort -n "$store/wall" | sed -n "$(((runs + 1) / 2))p")" \
        "$(sort -n "$store/cpu" | sed -n "$(((runs + 1) / 2))p")"
}

there() {
    [ -x "build/consensus/$1" ]
}

WALL='.run.cost["wall-ns"] / 1e7 | round / 100'
CPU='(.run.cost["cpu-ns"] + .run.cost["node-cpu-ns"]) / 1e7 | round / 100'
COST_US='.run.cost | [.["wall-ns"], .["cpu-ns"] + .["node-cpu-ns"]] | map(. / 1e3 | round | tostring) | join(" ")'
CPU_US='(.run.cost["cpu-ns"] + .run.cost["node-cpu-ns"]) / 1e3 / .stats.count | round'
CPU_OURS='.run.cost["cpu-ns"] / 1e7 | round / 100'
CPU_NODES='.run.cost["node-cpu-ns"] / 1e7 | round / 100'
REAL_CPU_MS='(.run.cost["cpu-ns"] + .run.cost["node-cpu-ns"]) / 1e5 | round'
REAL_CPU='(.run.cost["cpu-ns"] + .run.cost["node-cpu-ns"]) / 1e6 | round / 100'
PER_MESSAGE='.run.cost as $c | .net.all["recv-count"] as $n |
    ($c["stops"] / $n * 10 | round / 10), ($c["cpu-ns"] - $c["system-ns"], $c["system-ns"], $c["node-cpu-ns"] |
    . / $n / 1e3 | round)'

wanted() { # TABLE LANG
    case "$1 $2" in
    "cluster c" | "cluster cpp" | "cluster rust") echo 0.6 ;;
    "cluster python") echo 1.2 ;;
    "cluster javascript" | "cluster typescript") echo 1.4 ;;
    "cluster go") echo 1.8 ;;
    "cluster java") echo 4.5 ;;
    "idle c" | "idle cpp" | "idle rust") echo 20 ;;
    "idle python" | "idle javascript" | "idle typescript") echo 60 ;;
    "idle go") echo 80 ;;
    "idle java") echo 400 ;;
    "work go" | "work java") echo 1.30 ;;
    *) echo 1.05 ;;
    esac
}

elections="-w tests/consensus/elections.lua --recovery 0"

cluster() { # CLOCK LANG SECONDS
    one $elections --bin "build/consensus/$2" --node-count 5 --clock "$1" --time-limit "$3"
}

cluster_table() {
    echo "Five nodes elect a leader and keep it for 60 virtual seconds: about 9,600 messages, start included"
    echo
    printf '%-12s %9s %7s | %9s %9s %9s | %14s\n' language "real s" wanted "CPU s" "eddy's" "nodes'" "real clock: CPU"
    for lang in $langs; do
        there "$lang" || continue
        real=$(medians "$WALL" cluster virtual "$lang" 60)
        all=$(jq -r "$CPU" "$store/result.json")
        ours=$(jq -r "$CPU_OURS" "$store/result.json")
        nodes=$(jq -r "$CPU_NODES" "$store/result.json")
        cluster real "$lang" 6
        printf '%-12s %9s %7s | %9s %9s %9s | %14s\n' "$lang" "$real" "$(wanted cluster "$lang")" "$all" "$ours" \
            "$nodes" "$(jq -r "$REAL_CPU" "$store/result.json")"
    done
}

where_table() {
    echo "Where the time of that goes, for each message delivered: stops of threads, and CPU time in us"
    echo
    printf '%-12s %9s %12s %14s %9s\n' language stops "eddy, user" "eddy, kernel" nodes
    for lang in $langs; do
        there "$lang" || continue
        cluster virtual "$lang" 60
        # shellcheck disable=SC2046
        printf '%-12s %9s %12s %14s %9s\n' "$lang" $(jq -r "$PER_MESSAGE" "$store/result.json")
    done
}

idle() { # CLOCK LANG SECONDS
    HEARTBEAT_MS=100 one $elections --bin "build/consensus/$2" --node-count 1 --rate 2 --clock "$1" --time-limit "$3"
}

# idle_costs CLOCK LANG SECONDS: medians of the whole process's real ms, of the run's real ms (without
# the report) and of the run's CPU ms
idle_costs() {
    i=0
    : >"$store/costs"
    while [ "$i" -lt "$runs" ]; do
        began=${EPOCHREALTIME/./}
        idle "$@"
        echo "$((${EPOCHREALTIME/./} - began))" "$(jq -r "$COST_US" "$store/result.json")" >>"$store/costs"
        i=$((i + 1))
    done
    for column in 1 2 3; do
        cut -d' ' -f$column "$store/costs" | sort -n | sed -n "$(((runs + 1) / 2))p"
    done | awk '{ printf "%.0f ", $1 / 1000 }'
    echo
}

# The wanted figures come from a prototype that did not count the start of the node, which ticked each
# 100 ms. So the run without start and end is what they are held against: one of 61 s less one of 1 s.
idle_table() {
    echo "One node, mostly idle, for 60 virtual seconds: a timer each 100 ms, two requests a second. ms"
    echo
    printf '%-12s %24s | %15s %9s | %17s | %12s\n' "" "without start and end" "all of the run" "" \
        "start and end" "real clock"
    printf '%-12s %8s %7s %7s | %7s %7s %9s | %8s %8s | %12s\n' language real CPU wanted real CPU "+ report" \
        "in eddy" without "CPU, 60 s"
    for lang in $langs; do
        there "$lang" || continue
        read -r _ start start_cpu < <(idle_costs virtual "$lang" 1)
        read -r all run cpu < <(idle_costs virtual "$lang" 61)
        read -r without _ < <(timed work_alone "$lang" 1 0)
        idle real "$lang" 6
        printf '%-12s %8s %7s %7s | %7s %7s %9s | %8s %8s | %12s\n' "$lang" $((run - start)) \
            $((cpu - start_cpu)) "$(wanted idle "$lang")" "$run" "$cpu" $((all - run)) "$start" \
            "$(jq -n "$without * 1000 | round")" "$(jq -r "$REAL_CPU_MS" "$store/result.json")"
    done
}

# NAME:PROGRAM of each workload that there is.
workloads() {
    for pair in echo:echo unique-ids:unique_ids broadcast:broadcast g-set:g_set g-counter:counter \
        pn-counter:counter lin-kv:raft kafka:kafka txn-list-append:txn txn-rw-register:txn; do
        [ ! -f "workloads/${pair%%:*}.lua" ] || echo "$pair"
    done
}

maelstrom() {
    for pair in $(workloads); do
        build/eddy test --store "$store" --seed 1 -w "${pair%%:*}" --bin "build/nodes/${pair##*:}" right \
            --time-limit 60 || echo "${pair%%:*}" >>"$store/not-valid"
    done
}

# work_lua ROUNDS: the scenario with the number put in
work_lua() {
    sed "s/ROUNDS }/$1 }/" tests/consensus/work.lua >"$store/work.lua"
}

work_in_eddy() { # LANG
    one -w "$store/work.lua" --bin "build/consensus/$1" --node-count 1 --time-limit 1 --rate 5
}

INIT='{"src":"c0","dest":"n0","body":{"type":"init","msg_id":1,"node_id":"n0","node_ids":["n0"]}}'

# work_alone LANG ROUNDS COUNT: the same requests from a pipe, on one processor as under eddy
work_alone() {
    {
        echo "$INIT"
        i=0
        while [ "$i" -lt "$3" ]; do
            echo '{"src":"c1","dest":"n0","body":{"type":"work","msg_id":'$((i + 2))',"rounds":'"$2"'}}'
            i=$((i + 1))
        done
    } | taskset -c 0 "build/consensus/$1" 2>/dev/null
}

rounds_of() {
    case "$1" in
    python) echo 2000000 ;;
    *) echo 200000000 ;;
    esac
}

# ratio A B ZERO_A ZERO_B: (A - ZERO_A) / (B - ZERO_B)
ratio() {
    jq -n "($1 - $3) / ($2 - $4) * 100 | round / 100"
}

work_table() {
    echo "Computing inside a node (a xorshift): CPU seconds, eddy's own included, and the ratio without start and end"
    echo
    printf '%-12s %9s %9s %7s %7s\n' language "in eddy" without ratio wanted
    for lang in $langs; do
        there "$lang" || continue
        work_lua 1
        read -r _ zero_in < <(timed work_in_eddy "$lang")
        count=$(jq '.stats.count' "$store/result.json")
        read -r _ zero_out < <(timed work_alone "$lang" 1 "$count")
        work_lua "$(rounds_of "$lang")"
        read -r _ in < <(timed work_in_eddy "$lang")
        read -r _ out < <(timed work_alone "$lang" "$(rounds_of "$lang")" "$count")
        printf '%-12s %9s %9s %7s %7s\n' "$lang" "$in" "$out" "$(ratio "$in" "$out" "$zero_in" "$zero_out")" \
            "$(wanted work "$lang")"
    done
}

round_trips() { # LANG
    one -w echo --bin "build/consensus/$1" --node-count 1 --time-limit 1 --rate 10000
}

round_trip_table() {
    echo "One request and its answer, of 10,000: us, start and everything in eddy included"
    echo
    printf '%-12s %9s %9s %7s\n' language real CPU wanted
    for lang in $langs; do
        there "$lang" || continue
        real=$(medians '.run.cost["wall-ns"] / 1e3 / .stats.count | round' round_trips "$lang")
        printf '%-12s %9s %9s %7s\n' "$lang" "$real" "$(jq -r "$CPU_US" "$store/result.json")" \
            "$([ "$lang" != c ] || echo 60)"
    done
}

quiet_cluster() { # NAME
    mkdir -p "$store/$1"
    build/eddy test $elections --bin build/consensus/c --node-count 5 --time-limit 120 --seed 1 --store "$store/$1"
}

two_at_once() {
    quiet_cluster a &
    quiet_cluster b
    wait
}

together_table() {
    printf '%-66s %8s %8s %7s\n' "" "real s" "CPU s" wanted
    read -r real cpu < <(timed maelstrom)
    printf '%-66s %8s %8s %7s\n' "C nodes of $(workloads | wc -l) Maelstrom workloads, 60 virtual s each" \
        "$real" "$cpu" 5
    read -r alone cpu < <(timed quiet_cluster a)
    printf '%-66s %8s %8s\n' "five C nodes, 120 virtual s" "$alone" "$cpu"
    read -r real cpu < <(timed two_at_once)
    printf '%-66s %8s %8s %7s\n' "two such runs at once" "$real" "$cpu" "$(jq -n "$alone * 120 | round / 100")"
}

echo "$(uname -sr), $(nproc) processors ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), load $(cut -d' ' -f1 /proc/loadavg), medians of $runs"
echo
cluster_table
echo
where_table
echo
idle_table
echo
round_trip_table
echo
work_table
echo
together_table
if [ -f "$store/not-valid" ]; then
    echo "not valid, so their figures mean nothing: $(sort -u "$store/not-valid" | tr '\n' ' ')"
    exit 1
fi
