#!/bin/sh
# live.sh - many people at once, each with a submission that runs and a stream that is open to its end, and readers beside them:
# every submission is judged, every stream tells every event in order, every page is there. Without a word about speed, which
# bench/web.sh measures. EDDY=PROGRAM tests another build, PEOPLE=2 with less of a crowd.
set -u
cd "$(dirname "$0")/../.." || exit 1
what=web
set --
. tests/web/served.sh
people=${PEOPLE:-8}
export EDDY_HOST=eddy.test
start --accounts --url https://eddy.test --proxy 127.0.0.1 --allow-level D
node bench/web_people.js "$url" $people "$(sed -n 's|.*sign-up?invitation=\([A-Za-z0-9_-]*\).*|\1|p' "$out/log")" >"$out/people" 2>"$out/said" ||
    fail "people sign up" "$(cat "$out/said" "$out/log")"
[ "$(wc -l <"$out/people")" -eq $people ] && ok "people sign up" || fail "people sign up" "$(cat "$out/people")"

for path in '' tracks/messenger tracks/messenger/echo progress docs 'search?q=partition' api/v1/tracks; do
    printf 'url = "%s"\noutput = /dev/null\n' "$url$path"
done >"$out/urls"
cookie=$(head -n 1 "$out/people" | cut -d ' ' -f 1)
while [ ! -e "$out/stop" ]; do
    curl -s --max-time 1200 -K "$out/urls" -H "Host: $EDDY_HOST" -H "Cookie: $cookie" -w '%{http_code}\n'
    sleep 0.5 # somebody reads
done >"$out/codes" &
readers=$!
node bench/web_runs.js "$url" "$out/people" "$out/never" 1 python=tests/kits/messenger/python >"$out/runs" 2>"$out/said"
ended=$?
: >"$out/stop"
wait $readers
read -r put passed wrong lost whole broken resumed _ <"$out/runs"
if [ "$ended" -eq 0 ] && [ "$put $passed $wrong $lost" = "$people $people 0 0" ]; then ok "every submission of $people people at once is judged"; else fail "submissions" "$put $passed $wrong $lost: $(cat "$out/said")"; fi
[ "$whole $broken $resumed" = "$people 0 0" ] && ok "every stream tells every event in order to its end" || fail "streams" "$whole $broken $resumed: $(cat "$out/said")"
got=$(sort -u "$out/codes" | tr '\n' ' ')
[ "$got" = "200 " ] && ok "every page is there meanwhile" || fail "pages" "$got"
kill -TERM "$server"
wait "$server" || fail "the end" "$(tail -n 3 "$out/log")"
server=
exit $bad
