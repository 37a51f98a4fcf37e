#!/bin/sh
# postgres.sh [SETTING=VALUE...] - a server of PostgreSQL for tests: in a temporary folder, on a Unix socket, of
# nobody else's. Says "ready ADDRESS" (a prefix to which the name of a database is added), then obeys lines of its
# standard input: "crash" (immediate stop and start, as after a power cut), "stop", "start", "freeze", "thaw"; each
# is answered with "done". At the end of its input the server is stopped and all is removed.
set -u
tools=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
if [ -z "$tools" ]; then
    echo "there is no PostgreSQL; scripts/install.sh test installs it"
    exit 1
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/eddy-pg-XXXXXX") || exit 1
as= # PostgreSQL refuses to run as root
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$dir"
    as="runuser -u postgres --"
fi

# all SIGNAL: to every process of the server.
all() {
    main=$(head -n 1 "$dir/data/postmaster.pid" 2>/dev/null) && kill "$1" "$main" $(pgrep -P "$main") 2>/dev/null
}

finish() {
    all -CONT # a test that failed may have left it frozen
    $as "$tools/pg_ctl" -D "$dir/data" -m immediate -w -t 600 stop >/dev/null 2>&1
    cd / && rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

start() {
    $as "$tools/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 600 start >/dev/null 2>&1 </dev/null || {
        echo "PostgreSQL does not start: $(tail -n 3 "$dir/log" | tr '\n' ' ')"
        exit 1
    }
}

cd "$dir" || exit 1
$as "$tools/initdb" -D "$dir/data" -U eddy -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb" 2>&1 || {
    echo "initdb failed: $(tail -n 3 "$dir/initdb" | tr '\n' ' ')"
    exit 1
}
{
    echo "listen_addresses = ''"
    echo "unix_socket_directories = '$dir'"
    echo "fsync = off" # a crash of the server loses nothing by it; a power cut is not tested here
    echo "shared_buffers = 16MB"
    for setting in "$@"; do echo "${setting%%=*} = '${setting#*=}'"; done
} >>"$dir/data/postgresql.conf"
start
echo "ready postgresql://eddy@/?host=$dir&dbname="
while read -r order; do
    case "$order" in
    crash) $as "$tools/pg_ctl" -D "$dir/data" -m immediate -w -t 600 stop >/dev/null 2>&1; start ;;
    stop) $as "$tools/pg_ctl" -D "$dir/data" -m fast -w -t 600 stop >/dev/null 2>&1 ;;
    start) start ;;
    freeze) all -STOP ;;
    thaw) all -CONT ;;
    *) echo "no such order: $order" && continue ;;
    esac
    echo "done"
done
