#!/bin/sh
# web.sh [SECONDS [READERS [LIVE]]] - how long a page takes while the judge works: `eddy serve --accounts` on a database of its own (SQLite),
# READERS (500) connections of wrk that open any page of the course, and LIVE (50) people with a submission waiting or running each, watched
# over a stream that is open to its end, and followed by the next one. Readers are signed in as these people: each page asks who they are and
# what they have passed. One reads 2 s a page, or, to see where the server ends, not at all. People sign up before anything is measured.
# Everything runs on this machine: what wrk and the watchers take, server and judge do not have. Exit status 1 if a submission got
# lost, a stream did not tell everything in order, a page failed, or the 99th percentile of a page that is read is over 50 ms.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-30}
readers=${2:-500}
live=${3:-50}
target=50
for tool in wrk curl jq node; do
    command -v $tool >/dev/null 2>&1 || { echo "bench/web.sh needs $tool (apt-get install wrk curl jq nodejs)" >&2; exit 1; }
done
make -s build/eddy
ulimit -n "$(ulimit -Hn)"
out=$(mktemp -d)
chmod 755 "$out"
server=
trap '[ -z "$server" ] || kill -TERM "$server" 2>/dev/null; wait; rm -rf "$out"' EXIT
trap 'exit 130' INT TERM

export EDDY_STATE="$out/state" EDDY_HOME="${EDDY_HOME:-$PWD}"
unset EDDY_DB DISPLAY WAYLAND_DISPLAY
mkfifo "$out/pipe"
build/eddy serve --listen 127.0.0.1:0 --languages c,python --accounts --url https://eddy.test --proxy 127.0.0.1 --allow-level D \
    >"$out/pipe" 2>"$out/log" &
server=$!
read -r url <"$out/pipe" || { cat "$out/log"; exit 1; }
export EDDY_HOST=eddy.test PEOPLE="$out/people"
node bench/web_people.js "$url" "$live" "$(sed -n 's|.*sign-up?invitation=\([A-Za-z0-9_-]*\).*|\1|p' "$out/log")" >"$PEOPLE"

export PAGES="$out/pages" FIGURES="$out/figures"
{
    printf '/\n/progress\n/docs\n/docs/protocol\n/search?q=partition\n'
    curl -s -H "Host: $EDDY_HOST" "${url}api/v1/tracks" |
        jq -r '.tracks[] | select(.state == "written") | .slug as $t | "/tracks/\($t)", (.tasks[] | "/tracks/\($t)/\(.slug)")'
} >"$PAGES"

cpu() { awk '{print ($14 + $15) * 10}' "/proc/$server/stat"; } # ms of the server's own process
bad=0

# readers NAME PAUSE_MS: a row of the table.
read_pages() {
    before=$(cpu)
    PAUSE_MS=$2 wrk -t2 -c"$readers" -d"${seconds}s" --timeout 30s -s bench/web_readers.lua "$url" >"$out/wrk" 2>&1 || { cat "$out/wrk"; exit 1; }
    after=$(cpu)
    read -r count rate p50 p95 p99 worst errors <"$FIGURES"
    printf '%-34s %7s %9s %9s %9s %9s %7s %8s\n' "$1" "$rate" "$p50" "$p95" "$p99" "$worst" "$errors" "$(((after - before) * 1000 / count))"
    [ "$errors" -eq 0 ] || bad=1
    [ "$2" -eq 0 ] || awk -v a="$p99" -v b=$target 'BEGIN { exit a > b }' || bad=1
}

uptime
echo "$readers readers, $(wc -l <"$PAGES") pages, $seconds s a row; times in ms; target: 99 % of the pages that are read within $target ms"
printf '%-34s %7s %9s %9s %9s %9s %7s %8s\n' "" "pages/s" "median" "95 %" "99 %" "worst" "errors" "us CPU"
read_pages "reading 2 s a page" 2000
read_pages "without a pause" 0

node bench/web_runs.js "$url" "$PEOPLE" "$out/stop" 0 c=tests/kits/messenger/c python=tests/kits/messenger/python >"$out/runs" 2>"$out/watchers" &
watchers=$!
until grep -q '^judging$' "$out/watchers"; do
    kill -0 $watchers 2>/dev/null || { cat "$out/watchers"; exit 1; }
    sleep 0.2
done
read_pages "reading, $live live runs" 2000
read_pages "without a pause, $live live runs" 0
: >"$out/stop"
wait $watchers || bad=1
grep -v '^judging$' "$out/watchers" | head -n 5
read -r put passed wrong lost whole broken resumed events first50 wait50 wait99 <"$out/runs"
echo "submissions of $live people: $put handed in, $passed passed, $wrong with another verdict, $lost lost"
echo "streams: $whole told every event in order to the end ($events events), $broken did not, $resumed were cut off and taken up again"
echo "until the first step: $first50 ms in the median; until the verdict: $wait50 ms in the median, $wait99 ms at 99 %"
uptime
exit $bad
