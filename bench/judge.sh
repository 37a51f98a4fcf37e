#!/bin/sh
# judge.sh [COUNT [EACH]] - from submission to verdict, with `eddy worker` on a database of its own (SQLite): how long it takes in each
# language with an empty queue, and how many submissions in C two processors judge in an hour. No program comes out of the cache.
# The submissions are tasks 1 to 5 of the track messenger (tests/kits/messenger). Other load on the machine counts in the times,
# not in the processor time.
set -eu
cd "$(dirname "$0")/.."
count=${1:-60}
each=${2:-10}
make -s build/eddy build/bench/judge_bench build/tests/judge_one
folder=$(mktemp -d)
chmod 755 "$folder"
worker=
trap '[ -z "$worker" ] || kill -TERM "$worker" 2>/dev/null; wait; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

export EDDY_HOME="${EDDY_HOME:-$(pwd)}"
for task in lines init echo errors loop; do
    for lang in $(sed -n 's/^language: //p' kits/languages.txt); do
        (cd "tests/kits/messenger/$lang" && ls) |
            build/tests/judge_one --text messenger $task "$lang" "tests/kits/messenger/$lang" >"$folder/$lang-$task.json"
    done
done
build/eddy worker --db "$folder/eddy.db" --folder "$folder/worker" --jobs 2 2>"$folder/log" &
worker=$!
until grep -q 'languages: ' "$folder/log"; do
    kill -0 "$worker" 2>/dev/null || { cat "$folder/log"; worker=; exit 1; }
    sleep 0.2
done
grep 'languages: ' "$folder/log"
uptime

for lang in $(sed -n 's/.*languages: //p' "$folder/log" | tr ',' ' '); do
    printf '%-11s ' "$lang"
    build/bench/judge_bench "$folder/eddy.db" one "$each" "$folder/$lang"-*.json
done
printf '%-11s ' "c, all"
build/bench/judge_bench "$folder/eddy.db" many "$count" "$folder"/c-*.json
uptime
