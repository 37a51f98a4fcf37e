#!/bin/sh
# run.sh [--quick] - nodes see the faults of their clocks, the options about time and chance do what they
# say, and what cannot be is refused. Prints "ok NAME" or "FAIL NAME: why".
# EDDY (build/eddy) is the program under test.
set -u
cd "$(dirname "$0")/../.." || exit 1
EDDY=$(realpath "${EDDY:-build/eddy}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
failed=0

[ -x "$EDDY" ] || make -s all || exit 1
for program in clock race refuse sync; do
    ${CC:-gcc} -std=c17 -Wall -Wextra -Werror -O1 -g -D_GNU_SOURCE -Ikits/c -o "$out/$program" \
        tests/clock/$program.c kits/c/*.c -lm -lpthread || exit 1
done

ok() { echo "ok $1"; }
fail() { # NAME WHY
    echo "FAIL $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c 1-700)"
    failed=1
}

refused= # a system call that the machine refuses

run() { # OPTION...: output in $out/said, gives the exit status
    timeout -k 5 900 ${refused:+"$out/refuse" "$refused"} "$EDDY" test --node-count 2 --concurrency 1 --time-limit 1 --recovery 0 --rate 50 --seed 3 --store "$out/store" \
        "$@" >"$out/said" 2>&1
}

# expect NAME STATUS TEXT OPTION...: TEXT, if there is one, must be in what it says.
expect() {
    name=$1 wanted=$2 text=$3
    shift 3
    run "$@"
    status=$?
    if [ $status -ne "$wanted" ]; then
        fail "$name" "expected exit status $wanted, got $status: $(cat "$out/said")"
    elif [ -n "$text" ] && ! grep -q -e "$text" "$out/said"; then
        fail "$name" "expected to read \"$text\", saw: $(cat "$out/said")"
    else
        ok "$name"
    fi
}

faults() { # of the newest run
    zstdcat "$out/store/latest/journal.jsonl.zst" | grep '"e":"fault"'
}

logs() { cat "$out"/store/latest/node-logs/*.log; }

expect "a node sees offset, jump and drift, another one nothing" 0 "" -w tests/clock/clock.lua --bin "$out/clock"
if faults | grep -q '"kind":"clock","what":"start","text":"n0: wall clock 90 s behind"' &&
    [ "$(faults | grep -c '"what":"start"')" -gt "$(faults | grep -c '"what":"stop"')" ]; then
    ok "each is in the journal"
else
    fail "each is in the journal" "$(faults)"
fi

for wrong in '{ofset=1}' '{drift=600000}' '{drift=1.5}' '{jump="soon"}'; do
    sed "s/WRONG/$wrong/" tests/clock/wrong.lua >"$out/wrong.lua"
    expect "w:clock refuses $wrong" 3 "wrong.lua.*clock:\|a time is a number" -w "$out/wrong.lua" --bin "$out/clock"
done

for kind in clock clock-offset clock-drift clock-jump; do
    expect "nodes see --nemesis $kind, and right clocks in the end" 0 "" -w tests/clock/watch.lua --nemesis $kind \
        --nemesis-interval 1 --time-limit 10 --concurrency 2n --bin "$out/clock"
    if [ "$(faults | grep -c "\"kind\":\"$kind\",\"what\":\"start\"")" -gt 1 ]; then
        ok "--nemesis $kind is in the journal"
    else
        fail "--nemesis $kind is in the journal" "$(faults)"
    fi
done
expect "clock faults are refused on the real clock" 3 "in virtual time only" -w echo --nemesis kill,clock \
    --clock real --bin "$out/clock"

# A machine, or a container, that lacks something. Only who asks for the virtual clock by name gets none. (The node does not
# write to its disk: on the real clock a busy disk would keep its answers until the run is over.)
for refused in ptrace seccomp pidfd_getfd; do
    expect "$refused refused: the real clock, and why" 0 "this run is on the real clock: no virtual clock .*(Operation not permitted); in " -w echo --bin "$out/race" chance
    expect "$refused refused: no other clock than the one asked for" 4 "^eddy test: no virtual clock on this machine: " \
        -w echo --clock virtual --bin "$out/race" chance
    if "$out/refuse" $refused "$EDDY" doctor | grep -q "^- .*(Operation not permitted); in "; then
        ok "$refused refused: eddy doctor says what to do"
    else
        fail "$refused refused: eddy doctor says what to do" "$("$out/refuse" $refused "$EDDY" doctor)"
    fi
done
refused=personality
expect "personality refused: the run says that it may not be repeatable" 0 "same addresses of memory in each run, so" \
    -w echo --clock virtual --bin "$out/sync"
refused=

# outcomes SEED OPTION...: what the race prints under that seed
outcomes() {
    seed=$1
    shift
    run -w echo --seed "$seed" "$@" --bin "$out/race"
    logs | sort -u | tr '\n' ' '
    echo
}
for seed in 1 2 3 4 5 6; do
    outcomes $seed --schedule seeded
done >"$out/first"
for seed in 1 2 3 4 5 6; do
    outcomes $seed --schedule seeded
done >"$out/second"
for seed in 1 2 3 4 5 6; do
    outcomes $seed
done >"$out/fifo"
if [ "$(sort -u "$out/first" | wc -l)" -gt 1 ]; then
    ok "--schedule seeded: other seeds, other races"
else
    fail "--schedule seeded: other seeds, other races" "all are $(head -n 1 "$out/first")"
fi
if cmp -s "$out/first" "$out/second"; then
    ok "--schedule seeded: the same seed, the same race"
else
    fail "--schedule seeded: the same seed, the same race" "$(cat "$out/first" "$out/second")"
fi
if [ "$(sort -u "$out/fifo" | wc -l)" -eq 1 ]; then
    ok "--schedule fifo: the same race whatever the seed"
else
    fail "--schedule fifo: the same race whatever the seed" "$(cat "$out/fifo")"
fi

# chance OPTION...: the numbers that n0 draws first
chance() {
    run -w echo "$@" --bin "$out/race" chance
    logs | grep '^drawn' | sort | md5sum
}
if [ "$(chance)" = "$(chance)" ] && [ "$(chance)" != "$(chance --seed 4)" ]; then
    ok "--entropy seed: chance comes from the seed"
else
    fail "--entropy seed: chance comes from the seed" "$(logs | head -n 3)"
fi
if [ "$(chance --entropy real)" != "$(chance --entropy real)" ]; then
    ok "--entropy real: chance comes from the machine"
else
    fail "--entropy real: chance comes from the machine" "$(logs | head -n 3)"
fi

# A wait ends 1 ns after its time: some programs spin if they find it not yet past.
for latency in 0:0 4:4000001 250us:250001; do
    run -w echo --disk-latency ${latency%:*} --bin "$out/sync"
    if logs | grep -q '^fsync took' && ! logs | grep '^fsync took' | grep -v -q "^fsync took ${latency#*:} ns$"; then
        ok "--disk-latency ${latency%:*}: what an fsync takes in virtual time"
    else
        fail "--disk-latency ${latency%:*}: what an fsync takes in virtual time" "$(cat "$out/said"; logs | sort | uniq -c | head)"
    fi
done

exit $failed
