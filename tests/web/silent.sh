#!/bin/sh
# silent.sh - eddy serve on a PostgreSQL that falls silent: all of its processes are stopped, so it takes connections and says
# nothing. Pages that need no database are there all the same, the others say 503 at once but for the first, and when it answers
# again all goes on by itself and nothing is lost. Nothing here depends on speed: what must not wait is asked for so often that
# waiting would take an hour. EDDY=PROGRAM tests another build.
set -u
cd "$(dirname "$0")/../.." || exit 1
what=web
set -- --postgresql
. tests/web/served.sh
order() { echo "$1" >&3 && read -r said <&4 && [ "$said" = "done" ] || fail "PostgreSQL obeys" "$1: $said"; }
ask() { curl -s --max-time 1200 -H "Cookie: $cookie" -H 'X-Eddy: 1' -H 'Content-Type: application/json' "$@"; } # [CURL OPTION]... URL
status() { ask -o "$out/answer" -w '%{http_code}' "$@"; }
is_there() { [ "$(status "$url")" = 200 ]; }
is_begun() { grep -qs '^event: step' "$out/events"; } # its worker knows by now that it has it; else only its lease would end that
verdict() { sed -n '/^event: over/{n;s/^data: //p;}' "$1" | jq -r .verdict; }

cookie=
start --accounts --allow-level D
invitation=$(sed -n 's|.*sign-up?invitation=\([A-Za-z0-9_-]*\).*|\1|p' "$out/log")
cookie=$(ask -o /dev/null -D - "$api/users" --data "{\"name\": \"root\", \"password\": \"correct horse\", \"invitation\": \"$invitation\"}" |
    sed -n 's/^[Ss]et-[Cc]ookie: \([^;]*\).*/\1/p')
files='[]'
for f in tests/kits/messenger/python/*; do
    files=$(printf '%s' "$files" | jq -c --arg name "$(basename "$f")" --rawfile text "$f" '. + [{name: $name, text: $text}]')
done
printf '%s' "$files" | jq -c '{track: "messenger", task: "echo", language: "python", kind: "submit", files: .}' >"$out/good.json"
hand_in() { ask "$api/submissions" --data-binary "@$out/good.json" | jq -r .id; }

first=$(hand_in)
ask -N --max-time 3000 "$api/submissions/$first/events" >"$out/events" &
watcher=$!
until_true is_begun || fail "a worker takes it" "$(cat "$out/events") $(tail -n 3 "$out/log")"
order freeze
got=$(status "$url")
[ "$got" = 503 ] && grep -q 'The database is not to be reached just now' "$out/answer" && ok "a database that falls silent is told as 503, with a sentence" ||
    fail "a silent database" "$got: $(head -c 300 "$out/answer")"
got=$(status "$api/submissions" --data-binary "@$out/good.json")
[ "$got" = 503 ] && jq -e '.status == 503 and (.detail | length > 0)' "$out/answer" >/dev/null && ok "also to who hands in" || fail "handing in meanwhile" "$got: $(head -c 300 "$out/answer")"
n=0
while [ $n -lt 300 ]; do
    n=$((n + 1))
    printf 'url = "%s"\noutput = /dev/null\n' "${url}docs/protocol" "${url}search?q=partition" "${url}progress" "$api/submissions/$first"
done >"$out/urls"
ask -K "$out/urls" -w '%{http_code}\n' >"$out/codes"
got=$(sort "$out/codes" | uniq -c | tr -s ' \n' ' ')
[ "$got" = " 600 200 600 503 " ] && ok "whoever needs no database has his page meanwhile, and nobody waits" || fail "pages meanwhile" "$got"
order thaw
until_true is_there && ok "when it answers again, all is as before" || fail "it comes back" "$(tail -n 5 "$out/log")"
wait "$watcher"
ids=$(sed -n 's/^id: //p' "$out/events")
[ "$(verdict "$out/events")" = passed ] && [ "$ids" = "$(seq "$(printf '%s\n' "$ids" | wc -l)")" ] &&
    ok "a stream that was open tells every step to the end" || fail "the stream" "$(tail -c 400 "$out/events")"
[ "$(ask "$api/submissions" | jq '.submissions | length')" = 1 ] && ok "what was refused is not there, what was taken is" || fail "submissions" "$(ask "$api/submissions" | head -c 500)"
second=$(hand_in)
ask -N --max-time 3000 "$api/submissions/$second/events" >"$out/events"
[ "$(verdict "$out/events")" = passed ] && ok "and the next one is judged" || fail "the next one" "$(tail -c 400 "$out/events")"
[ "$(grep -c 'is not to be reached' "$out/log")" -lt 30 ] && ok "the log is not flooded" || fail "the log" "$(grep -c 'is not to be reached' "$out/log") lines"
order freeze
kill -TERM "$server"
wait "$server"
[ $? -eq 0 ] && ok "it ends when asked while the database is silent" || fail "the end" "$(tail -n 3 "$out/log")"
server=
order thaw
exit $bad
