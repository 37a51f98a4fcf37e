#!/bin/sh
# judged.sh [--postgresql] - eddy serve with workers of its own: programs are handed in over HTTP and judged, also when the server or
# a worker is killed in the middle. Prints "ok web: NAME" or "FAIL web: NAME: why". EDDY=PROGRAM tests another build.
set -u
cd "$(dirname "$0")/../.." || exit 1
what=web
. tests/web/served.sh
workers() { pgrep -f -- "worker --quiet --folder $out/data" ; }

body() { # KIND FOLDER: a submission of messenger/echo in Python
    files='[]'
    for f in "$2"/*; do
        files=$(printf '%s' "$files" | jq -c --arg name "$(basename "$f")" --rawfile text "$f" '. + [{name: $name, text: $text}]')
    done
    printf '%s' "$files" | jq -c --arg kind "$1" '{track: "messenger", task: "echo", language: "python", kind: $kind, files: .}'
}
hand_in() { # BODY: $id
    id=$(curl -s -X POST -H 'X-Eddy: 1' -H 'Content-Type: application/json' --data-binary "@$1" "$api/submissions" | tee "$out/answer" | jq -r .id)
    case $id in '' | null) fail "handing in" "$(cat "$out/answer")" ;; esac
}
state() { curl -s "$api/submissions/$id" | jq -r .state; }
has_begun() { [ "$(state)" != queued ]; }
# in_the_middle BODY: hands it in; a worker is at work on it, and not through already as nobody looked.
in_the_middle() {
    tries=0
    while [ $tries -lt 15 ]; do
        tries=$((tries + 1))
        hand_in "$1"
        until_true has_begun
        seen=$(state)
        [ "$seen" != running ] || return 0
    done
    fail "a worker takes it" "$seen"
}
is_gone() { ! kill -0 "$1" 2>/dev/null; }
nobody_works() { [ -z "$(workers)" ]; }
follow() { timeout 1200 curl -sN "$@" "$api/submissions/$id/events" >"$out/events"; }
verdict() { sed -n '/^event: over/{n;s/^data: //p;}' "$out/events" | jq -r .verdict; }
# judged NAME VERDICT: the stream of $id ends with it
judged() {
    follow
    got=$(verdict)
    if [ "$got" = "$2" ]; then ok "$1"; else fail "$1" "$got and not $2: $(tail -c 500 "$out/events") $(tail -n 5 "$out/log")"; fi
}

mkdir "$out/good" "$out/wrong" "$out/long"
cp tests/kits/messenger/python/* "$out/good"
cp "$out/good"/* "$out/wrong"
sed -i 's/{"echo": field(m, "echo")}/{"echo": 7}/' "$out/wrong/main.py"
printf 'while True:\n    pass\n' >"$out/long/main.py"
cmp -s "$out/good/main.py" "$out/wrong/main.py" && fail "the wrong program" "it is the good one"
body submit "$out/good" >"$out/good.json"
body submit "$out/wrong" >"$out/wrong.json"
body run "$out/good" >"$out/run.json"
body submit "$out/long" >"$out/long.json"

start
hand_in "$out/wrong.json"
judged "a wrong program fails" failed
grep -q '^event: step' "$out/events" && grep -q '^id: 1$' "$out/events" || fail "its steps are told" "$(head -c 300 "$out/events")"
sed -n '/^event: over/{n;s/^data: //p;}' "$out/events" | jq -e '(.sentence | length > 0) and (.result.parts | length > 0) and .report' >/dev/null &&
    ok "with a sentence, steps and a report" || fail "evidence" "$(tail -c 500 "$out/events")"
curl -s -D "$out/head" -o "$out/report" "$api/submissions/$id/report"
grep -qi '^content-security-policy: sandbox allow-scripts;' "$out/head" && grep -q '</html>' "$out/report" && ok "the report is in a sandbox" || fail "report" "$(cat "$out/head")"
last=$(grep '^id: ' "$out/events" | tail -n 2 | head -n 1 | cut -c5-)
follow -H "Last-Event-ID: $last"
[ "$(grep -c '^event: step' "$out/events")" -eq 0 ] && [ "$(verdict)" = failed ] && ok "a stream goes on where one was" || fail "resume" "$(head -c 400 "$out/events")"

hand_in "$out/run.json"
judged "a look passes" passed
curl -s "$api/progress" | jq -e '[.tracks[].passed[]] == []' >/dev/null && ok "and is no progress" || fail "a look" "it counts"
hand_in "$out/good.json"
judged "a good program passes" passed
curl -s "$api/progress" | jq -e '.tracks[] | select(.slug == "messenger") | .passed == ["echo"]' >/dev/null && ok "and is progress" || fail "progress" "$(curl -s "$api/progress" | head -c 300)"
curl -s "$api/submissions?track=messenger&task=echo" | jq -e '[.submissions[].verdict] == ["passed", "passed", "failed"]' >/dev/null && ok "all of them are listed, the newest first" || fail "list" "$(curl -s "$api/submissions")"
mkdir "$out/unpacked"
curl -s "$api/submissions/$id/archive?format=tar.gz" | tar -xz -C "$out/unpacked" && cmp -s "$out/unpacked"/*/main.py "$out/good/main.py" &&
    (cd "$out/unpacked"/*/ && EDDY_STATE=$out/other "$OLDPWD/$eddy" learn task >/dev/null 2>"$out/said") && ok "an archive is a folder for eddy learn" || fail "archive" "$(cat "$out/said" 2>/dev/null)"

in_the_middle "$out/good.json"
killed=$(workers | head -n 1)
kill -9 "$killed"
judged "a worker that is killed in the middle is started again, and judges it" passed

in_the_middle "$out/good.json"
kill -9 "$server"
wait "$server" 2>/dev/null
until_true nobody_works && ok "workers end with a server that is killed" || fail "workers" "they outlive the server"
start
judged "what was in the middle then is judged after the restart" passed

in_the_middle "$out/long.json" # it is not over before the server is asked to end
kill -TERM "$server"
wait "$server"
ended=$?
[ "$ended" -eq 0 ] && nobody_works && ok "it ends when asked, with its workers" || fail "it ends when asked" "status $ended, workers: $(workers | tr '\n' ' ')"
start --workers 0
[ "$(state)" = queued ] && nobody_works && ok "what it judged went back to the queue; without workers it waits there" || fail "the queue" "$(state)"
curl -s -X DELETE -H 'X-Eddy: 1' "$api/submissions/$id" | jq -e '.state == "cancelled" and .verdict == null' >/dev/null && ok "and can be taken back" || fail "taking back" "$(state)"
follow
grep -q '^event: over' "$out/events" || fail "the stream of what was taken back" "$(cat "$out/events")"
kill -TERM "$server"
wait "$server"
server=

# A machine without namespaces: within one that may make none.
weak() { # [OPTION]...: a server with accounts there; $cookie is the first admin's
    rm -f "$out/weak.db"* "$out/log"
    unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' weak "$eddy" serve --listen 127.0.0.1:0 --db "$out/weak.db" \
        --data "$out/data" --languages python --accounts "$@" >"$out/pipe" 2>"$out/log" &
    server=$!
    read -r url <"$out/pipe" || { fail "it starts on a weak machine" "$(cat "$out/log")"; return 1; }
    api=${url}api/v1
    invitation=$(sed -n 's|.*sign-up?invitation=\([A-Za-z0-9_-]*\).*|\1|p' "$out/log")
    cookie=$(curl -s -o /dev/null -D - -X POST -H 'X-Eddy: 1' -H 'Content-Type: application/json' "$api/users" \
        --data "{\"name\": \"root\", \"password\": \"correct horse\", \"invitation\": \"$invitation\"}" | sed -n 's/^[Ss]et-[Cc]ookie: \([^;]*\).*/\1/p')
}
submit_as() { curl -s -o "$out/answer" -w '%{http_code}' -X POST -H 'X-Eddy: 1' -H "Cookie: $cookie" -H 'Content-Type: application/json' --data-binary "@$out/good.json" "$api/submissions"; }
end_weak() { kill -TERM "$server"; wait "$server"; server=; }
if [ -z "$database" ] && unshare -Ur true 2>/dev/null; then
    weak && {
        got=$(submit_as)
        [ "$got" = 503 ] && jq -r .detail "$out/answer" | grep -q 'too weak for other people.s programs' && nobody_works && ok "with accounts a weak sandbox takes nothing, and says why" || fail "a weak sandbox" "$got $(cat "$out/answer")"
        end_weak
    }
    weak --allow-level off && {
        got=$(submit_as)
        [ "$got" = 202 ] && ok "unless its level is allowed by name" || fail "a level that is allowed" "$got $(cat "$out/answer")"
        end_weak
    }
fi
[ -z "$database" ] || { exec 3>&-; wait "$database"; database=; }
exit $bad
