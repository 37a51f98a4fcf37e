#!/bin/sh
# run.sh - eddy check on small histories in every format, sound and broken: exit status and words.
# BUILD: where the programs are [build].
set -u
cd "$(dirname "$0")/../.." || exit 1
eddy=$PWD/${BUILD:-build}/eddy
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
bad=0

# judge NAME WANTED-STATUS TEXT STATUS: looks at $out/said.
judge() {
    if [ "$4" -ne "$2" ]; then
        echo "FAIL $1: exit status $4, not $2: $(head -n 1 "$out/said" | cut -c 1-200)"
        bad=1
    elif ! grep -qF -e "$3" "$out/said"; then
        echo "FAIL $1: does not say \"$3\": $(head -n 1 "$out/said" | cut -c 1-200)"
        bad=1
    else
        echo "ok $1"
    fi
}

grep -v '^#' tests/check/cases.txt >"$out/cases"
while read -r want text args; do
    # Without quotes on purpose: the rest are words.
    (cd tests/check/data && "$eddy" check $args) >"$out/said" 2>&1 </dev/null
    judge "check $args" "$want" "$(printf '%s' "$text" | tr _ ' ')" $?
done <"$out/cases"

"$eddy" check - <tests/check/data/cas.edn >"$out/said" 2>&1
judge "check from standard input" 1 "standard input (edn)" $?
"$eddy" check - <tests/check/data/cut.edn >"$out/said" 2>&1
judge "check broken standard input" 3 "eddy check: standard input: line 2" $?
"$eddy" check - </dev/null >"$out/said" 2>&1
judge "check nothing" 3 "expected the events of a history" $?
mkdir "$out/run" && cp tests/check/data/echo.jsonl "$out/run/history.jsonl"
"$eddy" check "$out/run" >"$out/said" 2>&1
judge "check a folder" 0 "history.jsonl (json)" $?
"$eddy" check --model list >"$out/said" 2>&1
judge "check --model list" 0 "cas-register" $?
"$eddy" check --help >"$out/said" 2>&1
judge "check --help" 0 "Usage: eddy check FILE" $?
"$eddy" check >"$out/said" 2>&1
judge "check without a file" 3 "which history?" $?

# The picture of what is wrong.
(cd tests/check/data && "$eddy" check cas.edn --svg "$out/cas.svg" && exit 9) >"$out/said" 2>&1
judge "check --svg" 1 "fits no order" $?
cp "$out/cas.svg" "$out/said"
judge "check --svg marks the impossible operation" 0 "✗ read 1</text>" 0
"$eddy" check tests/check/data/echo.jsonl --svg "$out/none.svg" >"$out/said" 2>&1
judge "check --svg of what is valid" 0 "nothing to draw" $?
"$eddy" check tests/check/data/cas.edn --svg "$out/no/such/folder.svg" >"$out/said" 2>&1
judge "check --svg where nothing can be written" 4 "cannot" $?

# The whole verdict is JSON, also with a learner's odd values in it.
printf '%s\n' '{"process":0,"type":"invoke","f":"write","value":"\u001b[31m"}' \
    '{"process":0,"type":"ok","f":"write","value":"\u001b[31m"}' \
    '{"process":0,"type":"invoke","f":"read","value":null}' \
    '{"process":0,"type":"ok","f":"read","value":"\u001b[32m"}' >"$out/odd.jsonl"
"$eddy" check "$out/odd.jsonl" --json >"$out/said" 2>&1
judge "check --json of control characters" 1 '"valid?": false' $?
"$eddy" check "$out/odd.jsonl" >"$out/said" 2>&1
status=$?
if [ "$status" -eq 1 ] && ! LC_ALL=C grep -q "$(printf '\033')" "$out/said"; then
    echo "ok check prints no control characters"
else
    echo "FAIL check prints no control characters: exit status $status, or an escape in the output"
    bad=1
fi
exit $bad
