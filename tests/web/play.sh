#!/bin/sh
# play.sh [--postgresql] - the playground of eddy serve with a worker of its own, over HTTP: programs to begin with are run and are
# valid, the command of a run has the same run again, wrong ones fail, greedy ones are stopped, a run can be taken back in the
# middle. Prints "ok play: NAME" or "FAIL play: NAME: why". EDDY=PROGRAM tests another build.
set -u
cd "$(dirname "$0")/../.." || exit 1
what=play
. tests/web/served.sh

start

# wish WORKLOAD OPTIONS [MAIN]: a run in Python, of the program to begin with or of this file, as a body in $out/wish
wish() {
    curl -s "$api/workloads/$1/starter?language=python" >"$out/starter"
    jq -c --arg workload "$1" --argjson options "$2" --rawfile main "${3:-/dev/null}" '{workload: $workload, options: $options, language: "py",
        files: [.files[] | if .name == "main.py" and $main != "" then .text = $main else . end]}' "$out/starter" >"$out/wish"
}
# run: $id and the events of $out/wish, up to the last; what came of it in $out/run
post() {
    id=$(curl -s -X POST -H 'X-Eddy: 1' -H 'Content-Type: application/json' --data-binary "@$out/wish" "$api/runs" | tee "$out/answer" | jq -r .id)
    case $id in '' | null) fail "asking for a run" "$(cat "$out/answer")" ;; esac
}
run() {
    post
    timeout 1800 curl -sN "$api/runs/$id/events" >"$out/events"
    curl -s "$api/runs/$id" >"$out/run"
}
is() { # NAME JQ-TEST
    if jq -e "$2" "$out/run" >/dev/null; then ok "$1"; else fail "$1" "not true: $2: $(jq -c 'del(.files, .result.checks)' "$out/run") $(tail -n 3 "$out/log")"; fi
}

for workload in echo unique-ids broadcast g-set g-counter pn-counter lin-kv kafka txn-list-append txn-rw-register; do
    wish "$workload" '{"node-count": "3", "time-limit": "3", "seed": "7"}'
    run
    is "$workload is valid" '.verdict == "passed" and .sentence == "" and .report and .language == "python" and .result.valid == true'
done
grep -q '"event":"building"' "$out/events" && grep -q '"event":"running","virtual-ns":0,"of-ns":3000000000' "$out/events" &&
    grep -q '^event: over' "$out/events" && ok "it is told as it goes on" || fail "events" "$(head -c 600 "$out/events")"
curl -s -D "$out/head" -o "$out/report" "$api/runs/$id/report"
grep -qi '^content-security-policy: sandbox allow-scripts;' "$out/head" && grep -q '</html>' "$out/report" && ok "the report is in a sandbox" ||
    fail "report" "$(cat "$out/head")"

# The same run at home: the program built as a learner builds it, and the command that the run names.
wish broadcast '{"node-count": "5", "time-limit": "4", "nemesis": "partition,kill", "seed": "7"}'
run
is "kills break a broadcast in memory" '.verdict == "failed" and (.sentence | length) > 20 and (.result.evidence | length) > 3'
mkdir -p "$out/home/kit"
cp kits/python/starter/Makefile "$out/home" && cp kits/python/*.py "$out/home/kit" && jq -r '.files[] | select(.name == "main.py").text' "$out/run" >"$out/home/main.py"
make -s -C "$out/home" node >/dev/null 2>"$out/said" || fail "building at home" "$(cat "$out/said")"
command=$(jq -r .result.command "$out/run")
(cd "$out/home" && PATH="$(dirname "$(realpath "$OLDPWD/$eddy" 2>/dev/null || realpath "$eddy")"):$PATH" && eval "$command --json" 2>/dev/null) >"$out/home.json"
if [ "$(jq -cS '[.stats, .net]' "$out/home.json")" = "$(jq -cS '[.result.statistics.operations, .result.statistics.messages]' "$out/run")" ]; then
    ok "the command has the same run at home"
else
    fail "the same run" "$command: $(jq -c .net.all "$out/home.json") and $(jq -c .result.statistics.messages.all "$out/run")"
fi
curl -s "${url}runs/$id" >"$out/page"
grep -q 'Evidence' "$out/page" && grep -q -- '--seed 7' "$out/page" && ! grep -q 'data-island="run"' "$out/page" && ok "and a page that needs no script" ||
    fail "page" "$(head -c 300 "$out/page")"

echo 'def (' >"$out/broken.py"
wish echo '{}' "$out/broken.py"
run
is "what does not build says why" '.verdict == "failed" and (.sentence | startswith("the program does not build")) and (.result.valid | not) and (.report | not)'
printf 'from kit.node import Node\nnode = Node()\n@node.on_start\ndef start():\n    hog = ["x" * 1000000 for _ in range(2000)]\nnode.run()\n' >"$out/hog.py"
wish echo '{"node-count": "25", "time-limit": "1"}' "$out/hog.py"
run
is "25 nodes share 4 GiB" '.verdict != "passed" and (.result.sandbox != "A" or .result.limit.bound == 171798691)'

printf 'while True: pass\n' >"$out/spin.py"
wish echo '{}' "$out/spin.py"
has_begun() { [ "$(curl -s "$api/runs/$id" | jq -r .state)" != queued ]; }
taken_back() { # the next one, if it was over before it could be
    tries=0
    while [ $tries -lt 15 ]; do
        tries=$((tries + 1))
        post
        until_true has_begun
        [ "$(curl -s -X DELETE -H 'X-Eddy: 1' "$api/runs/$id" | jq -r .state)" != cancelled ] || return 0
    done
    return 1
}
taken_back && ok "a run is taken back in the middle" || fail "cancel" "$(curl -s "$api/runs/$id" | head -c 300)"
wish echo '{"time-limit": "1"}'
run
is "and the worker goes on" '.verdict == "passed"'

for options in '{"node-count": "26"}' '{"rate": "1000", "time-limit": "60"}' '{"bin": "/bin/sh"}' '{"rate": 5}'; do
    wish echo "$options"
    status=$(curl -s -o "$out/answer" -w '%{http_code}' -X POST -H 'X-Eddy: 1' -H 'Content-Type: application/json' --data-binary "@$out/wish" "$api/runs")
    [ "$status" = 400 ] && jq -e '.detail | length > 20' "$out/answer" >/dev/null || fail "limits" "$status for $options"
done
ok "what is beyond the limits is refused"
exit $bad
