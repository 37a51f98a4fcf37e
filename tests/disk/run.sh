#!/bin/sh
# run.sh [--quick] - disks whose power fails, whose calls fail and whose bits rot (disk.lua), against a node that keeps
# records (tests/nodes/disk_log.c): right it must pass on every seed, and each of its mistakes must fail
# in the step that is there for it, on one of the seeds at least. Prints "ok NAME" or "FAIL NAME: why".
set -u
cd "$(dirname "$0")/../.." || exit 1
EDDY=${EDDY:-build/eddy}
NODES=${NODES:-build/nodes}
[ -x "$EDDY" ] || make -s all || exit 1
[ -x "$NODES/disk_log" ] || make -s nodes || exit 1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
failed=0
seeds="1 2 3 4 5"
[ "${1:-}" = --quick ] && seeds="1 2"

fail() { # NAME WHY
    echo "FAIL $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c 1-900)"
    failed=1
}

# story MODE PART SEED: its output in $out/log; the exit status is eddy's
story() {
    "$EDDY" test --scenario tests/disk/disk.lua --part "$2" --seed "$3" --store "$out/store" \
        --bin "$NODES/disk_log" "$1" >"$out/log" 2>&1
}

for part in sweep "failed sync" "short and full" rot; do
    wrong=
    for seed in $seeds; do
        story sound "$part" "$seed" || wrong="seed $seed: $(cat "$out/log")"
    done
    if [ -z "$wrong" ]; then echo "ok sound, $part"; else fail "sound, $part" "$wrong"; fi
done

# caught MODE PART STEP
caught() {
    for seed in $seeds; do
        story "$1" "$2" "$seed"
        case $? in
        0) continue ;;
        1)
            if grep -q "^INVALID: step \"$3\"\|INVALID: step \"$3\"" "$out/log"; then
                echo "ok $1 fails in: $3"
            else
                fail "$1" "fails elsewhere on seed $seed: $(cat "$out/log")"
            fi
            return
            ;;
        *)
            fail "$1" "$(cat "$out/log")"
            return
            ;;
        esac
    done
    fail "$1" "passes part $2 on the seeds $seeds"
}

sweep="what was acknowledged survives a loss of power at every change"
caught no-sync sweep "$sweep"
caught no-name sweep "$sweep"
caught early sweep "$sweep"
caught whole sweep "$sweep"
caught retry "failed sync" "a failed sync is not believed"
caught half "short and full" "a short write is completed"
caught blind rot "a record that has rotted is cut off"

# The same seed loses the same.
story no-sync sweep 3
cp "$out/log" "$out/first"
story no-sync sweep 3
if [ "$(grep INVALID "$out/first")" = "$(grep INVALID "$out/log")" ]; then
    echo "ok the same seed loses the same"
else
    fail "the same seed loses the same" "$(grep INVALID "$out/first" "$out/log")"
fi

# Without `disk = true` a scenario that wants disks is broken, and says so.
sed 's/disk = true,//' tests/disk/disk.lua >"$out/plain.lua"
"$EDDY" test --scenario "$out/plain.lua" --part rot --store "$out/store" --bin "$NODES/disk_log" >"$out/log" 2>&1
status=$?
if [ "$status" -ge 3 ] && grep -q "plain.lua:[0-9]*: the disks of this part are not followed" "$out/log"; then
    echo "ok disks that are not followed"
else
    fail "disks that are not followed" "status $status: $(cat "$out/log")"
fi
exit $failed
