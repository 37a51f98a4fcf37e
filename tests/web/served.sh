# served.sh - to be read in by the tests here that need a server with workers: $eddy, the program under test (EDDY), a folder $out
# that goes when the test ends, $db (a file, or a server of PostgreSQL if $1 is --postgresql), start() and until_true(). $what stands before
# the name of each check.
eddy=${EDDY:-build/eddy}
[ -x "$eddy" ] || make -s "$eddy" || exit 1
out=$(mktemp -d)
server= database=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null; [ -z "$database" ] || kill "$database" 2>/dev/null; rm -rf "$out"' EXIT
bad=0

ok() { echo "ok $what: $1"; }
fail() {
    echo "FAIL $what: $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c 1-600)"
    bad=1
}

export EDDY_STATE="$out/state" EDDY_HOME="$PWD"
unset EDDY_DB DISPLAY WAYLAND_DISPLAY
db=$out/course.db
if [ "${1:-}" = --postgresql ]; then
    mkfifo "$out/orders" "$out/answers"
    sh tests/postgres.sh <"$out/orders" >"$out/answers" 2>/dev/null &
    database=$!
    exec 3>"$out/orders" 4<"$out/answers"
    read -r ready address <&4
    [ "$ready" = ready ] || { fail "PostgreSQL starts" "$ready $address"; exit 1; }
    db="${address}postgres"
fi

mkfifo "$out/pipe"
start() { # [OPTION]...: $server, $url and $api
    "$eddy" serve --listen 127.0.0.1:0 --db "$db" --data "$out/data" --languages python "$@" >"$out/pipe" 2>>"$out/log" 5>&- &
    server=$!
    read -r url <"$out/pipe" || { fail "it starts" "$(cat "$out/log")"; exit 1; }
    api=${url}api/v1
}

# Until COMMAND says yes; ten minutes are for ever here.
until_true() {
    n=0
    until "$@"; do
        n=$((n + 1))
        [ $n -lt 12000 ] || return 1
        sleep 0.05
    done
}
