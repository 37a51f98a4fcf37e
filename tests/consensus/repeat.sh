#!/bin/sh
# repeat.sh LANG N [OPTIONS...] - runs build/consensus/LANG N times with one seed, under partitions,
# kills and loss, and compares the journals. Prints one line: how many were like the first, the
# seconds all took, and what was wrong (`-`: nothing). Wants to stand in the project's folder.
set -u
lang=$1
count=$2
shift 2
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT
began=$(date +%s%N)
same=0
why=-
i=0
while [ "$i" -lt "$count" ]; do
    build/eddy test -w tests/consensus/elections.lua --bin "build/consensus/$lang" --node-count 5 \
        --time-limit 10 --rate 50 --latency 5 --latency-dist exponential --recovery 2 --seed 7 \
        --nemesis partition,kill,loss --nemesis-interval 2 --store "$store" "$@" \
        >"$store/said" 2>&1 || why="not valid: $(head -n 1 "$store/said")"
    # The same text always packs into the same bytes, so the packed files can be compared.
    journal=$store/latest/journal.jsonl.zst
    if [ "$i" -eq 0 ]; then
        cp "$journal" "$store/first" || why="no journal: $(head -n 1 "$store/said")"
    fi
    if cmp -s "$store/first" "$journal"; then
        same=$((same + 1))
    elif command -v zstd >/dev/null 2>&1; then
        zstd -dcq "$journal" >"$store/other.jsonl"
        zstd -dcq <"$store/first" >"$store/first.jsonl"
        where=$(cmp "$store/first.jsonl" "$store/other.jsonl" | sed 's/.* line //')
        why="run $((i + 1)) differs at line $where: $(sed -n "${where}p" "$store/other.jsonl" | cut -c 1-200)"
    else
        why="run $((i + 1)) differs"
    fi
    rm -rf "$store/elections"
    i=$((i + 1))
done
ended=$(date +%s%N)
echo "$same $(((ended - began) / 10000000 / 100)).$(printf %02d $(((ended - began) / 10000000 % 100))) $why"
[ "$same" -eq "$count" ] && [ "$why" = - ]
