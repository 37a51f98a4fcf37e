#!/bin/sh
# run.sh [--quick] - story.lua played by node.py, right and wrong in many ways (cases.txt), with real
# processes; a model that is shrunk; a task that is replayed; scenarios that are broken.
# Each case must fail in the step named there and say what is written there.
set -u
cd "$(dirname "$0")/../.." || exit 1
EDDY=${EDDY:-build/eddy}
here=tests/scenario
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
unset PYTHONUNBUFFERED # one of the mistakes is not to flush
bad=0

pass() { echo "ok scenario: $1"; }
fail() {
    echo "FAIL scenario: $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c 1-600)"
    bad=1
}
trim() { sed 's/^ *//; s/ *$//'; }
field() { printf '%s\n' "$row" | cut -d '|' -f "$1" | trim; }
play() { timeout -k 5 900 "$EDDY" test --seed 1 --store "$out/store" "$@" 2>&1; }

while read -r row; do
    case "$row" in '' | '#'*) continue ;; esac
    name=$(field 1)
    modes=$(field 3)
    step=$(field 5)
    words=$(field 6 | tr '!' '|')
    # shellcheck disable=SC2086
    said=$(play --scenario $here/story.lua --part "$(field 2)" --bin $here/node.py $modes)
    status=$?
    results=$out/store/latest/results.json
    if [ "$status" -ne "$(field 4)" ]; then
        fail "$name" "expected exit status $(field 4), saw $status: $said"
    elif [ -n "$step" ] && ! jq -e --arg s "$step" '.steps[-1] | .name == $s and .failure != null and (.passed | not)' \
        "$results" >/dev/null; then
        fail "$name" "expected the step \"$step\" to fail: $said"
    elif [ -n "$step" ] && ! jq -e '[.steps[:-1][].passed] | all' "$results" >/dev/null; then
        fail "$name" "a step before the failing one did not pass: $said"
    elif [ -n "$words" ] && ! jq -r .sentence "$results" | tr '\n' ' ' | grep -qE -e "$words"; then
        fail "$name" "expected to read \"$words\", saw $(jq -r .sentence "$results")"
    else
        pass "$name"
    fi
done <$here/cases.txt

# The messages that led there are those of the call, and the failing step ends the run.
play --scenario $here/story.lua --part talk --bin $here/node.py changed >/dev/null
if jq -e '.steps[-1].failure | [.messages[].type] == ["echo", "echo_ok"] and .node == "n0" and
    .messages[1].body.echo == 43' "$out/store/latest/results.json" >/dev/null; then
    pass "the trail of a failure"
else
    fail "the trail of a failure" "$(jq -c '.steps[-1].failure.messages' "$out/store/latest/results.json")"
fi

# A model is shrunk to the two operations that matter; a right node passes it.
said=$(play --scenario $here/model.lua --bin $here/node.py) && pass "a model" || fail "a model" "$said"
said=$(play --scenario $here/model.lua --bin $here/node.py key-without-src)
if jq -e '.steps[-1].failure.shortest.evidence.model | (.asked | length) == 2 and
    .operations[0].id == .operations[1].id and .operations[0].who != .operations[1].who' \
    "$out/store/latest/results.json" >/dev/null; then
    pass "a model that is shrunk"
else
    fail "a model that is shrunk" "$said"
fi

# A run of a task is repeated from its folder, message by message.
play --scenario $here/story.lua --part talk --bin $here/node.py twice >/dev/null
said=$("$EDDY" replay --store "$out/store" "$out/store/latest/" 2>&1)
if printf '%s' "$said" | grep -q 'how many replies' && ! printf '%s' "$said" | grep -qi 'differ'; then
    pass "a task is replayed"
else
    fail "a task is replayed" "$said"
fi

# Parts are played one after the other, and the first that fails is the last.
said=$(play --scenario $here/story.lua --bin $here/node.py)
[ "$(printf '%s\n' "$said" | grep -c '^part .*: valid')" -eq 2 ] && pass "all parts" || fail "all parts" "$said"
said=$(play --scenario $here/story.lua --bin $here/node.py changed)
[ "$(printf '%s\n' "$said" | grep -c '^part ')" -eq 1 ] && pass "the first part that fails" || fail "the first part that fails" "$said"

# What authors and callers get wrong is never the program's fault: exit status 3, a sentence.
refused() { # NAME WORDS OPTIONS...
    name=$1 words=$2
    shift 2
    said=$(play --bin $here/node.py "$@")
    status=$?
    if [ "$status" -eq 3 ] && printf '%s' "$said" | grep -qE -e "$words"; then pass "$name"; else fail "$name" "$status: $said"; fi
}
printf 'return task {\n  run = function(w)\n    w:no_such_thing()\n  end,\n}\n' >"$out/broken.lua"
refused "an error in a scenario" "broken.lua:3: attempt to call a nil value" --scenario "$out/broken.lua"
printf 'return task {\n' >"$out/half.lua"
refused "half a scenario" "half.lua:2:" --scenario "$out/half.lua"
refused "a scenario that is not there" "no-such.lua" --scenario "$out/no-such.lua"
refused "a part that is not there" 'has no part "third"' --scenario $here/story.lua --part third
refused "a part without a task" "add --scenario" --part talk
refused "options that a task settles itself" "a task says itself" --scenario $here/story.lua --node-count 5
refused "a workload as a task" 'must end with .return task' --scenario workloads/echo.lua

exit $bad
