#!/bin/sh
# queue.sh [JOBS] - how many jobs a second the queue alone moves (put, taken, finished), on PostgreSQL as Debian
# sets it up (every commit on the disk) and on a file of SQLite. Wanted: 400 on PostgreSQL.
set -eu
cd "$(dirname "$0")/.."
jobs=${1:-3000}
make -s build/bench/queue_bench
dir=$(mktemp -d)
orders=
trap 'exec 3>&- || true; wait; rm -rf "$dir"' EXIT
mkfifo "$dir/orders"
sh tests/postgres.sh fsync=on shared_buffers=128MB <"$dir/orders" >"$dir/answers" &
exec 3>"$dir/orders"
while ! grep -q '^ready' "$dir/answers"; do
    kill -0 $! || { cat "$dir/answers"; exit 1; }
    sleep 0.1
done
address=$(sed -n 's/^ready //p' "$dir/answers")

row() { # TITLE DB TAKERS PUTTERS EVENTS
    # shellcheck disable=SC2046
    printf '%-34s %8d %8d %8d %10s %12s\n' "$1" "$3" "$4" "$5" $(build/bench/queue_bench "$2" "$jobs" "$3" "$4" "$5")
}

echo "$(uname -sr), $(nproc) processors ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), load $(cut -d' ' -f1 /proc/loadavg), $jobs jobs each"
echo
printf '%-34s %8s %8s %8s %10s %12s\n' "" takers putters events jobs/s "CPU ms a job"
n=0
for set in "8 4 0" "4 2 0" "4 2 3" "1 1 0"; do
    # shellcheck disable=SC2086
    set -- $set
    n=$((n + 1))
    psql -q "${address}postgres" -c "CREATE SCHEMA b$n"
    row "PostgreSQL" "${address}postgres&options=-csearch_path%3Db$n" "$1" "$2" "$3"
done
row "SQLite" "$dir/a.db" 1 1 0
row "SQLite" "$dir/b.db" 4 2 0
row "SQLite" "$dir/c.db" 1 1 3
