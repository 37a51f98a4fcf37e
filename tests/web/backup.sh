#!/bin/sh
# Backup and restore of a database in a file, as docs/operating.md says: a copy is made over HTTP while the server runs, more is
# done, the server is killed, the copy put in its place; what was done before the copy is there, and nothing of after.
# EDDY=PROGRAM tests another build.
set -u
cd "$(dirname "$0")/../.." || exit 1
eddy=${EDDY:-build/eddy}
[ -x "$eddy" ] || make -s "$eddy" || exit 1
out=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$out"' EXIT
bad=0

ok() { echo "ok backup: $1"; }
fail() {
    echo "FAIL backup: $1: $2"
    bad=1
}

export EDDY_STATE="$out/state" EDDY_HOME="$PWD"
unset EDDY_DB DISPLAY WAYLAND_DISPLAY
db=$out/data/eddy.db

start() {
    rm -f "$out/pipe"
    mkfifo "$out/pipe"
    "$eddy" serve --listen 127.0.0.1:0 --workers 0 --db "$db" >"$out/pipe" 2>"$out/log" &
    server=$!
    read -r url <"$out/pipe" || {
        fail "it starts" "$(cat "$out/log")"
        exit 1
    }
    url=${url%/}
}

stop() {
    kill -"$1" "$server"
    wait "$server" 2>/dev/null
    server=
}

# api METHOD PATH [BODY]: the status; the answer in $out/answer
api() {
    curl -s --max-time 300 -o "$out/answer" -w '%{http_code}' -X "$1" -H 'X-Eddy: 1' -H 'Content-Type: application/json' ${3:+--data "$3"} "$url/api/v1$2"
}

draft() { # TEXT VERSION
    [ "$(api PUT /drafts/messenger/echo/python "{\"version\":$2,\"files\":[{\"name\":\"main.py\",\"text\":\"$1\"}]}")" = 200 ] ||
        fail "a draft" "$(cat "$out/answer")"
}

start
draft before 0
[ "$(api POST /admin/backups)" = 201 ] || fail "a backup is made" "$(cat "$out/answer")"
name=$(jq -r .name "$out/answer")
copy=$out/data/backups/$name
[ "$(stat -c %a "$copy" 2>/dev/null)" = 600 ] && ok "a backup is made while the server runs, for its owner alone" || fail "a backup is made" "no file $copy with mode 600"
draft after 1

curl -s -o "$out/downloaded" -D "$out/head" "$url/api/v1/admin/backups/$name"
if cmp -s "$out/downloaded" "$copy" && grep -qi "^content-disposition: attachment; filename=\"\{0,1\}$name" "$out/head"; then ok "it can be downloaded"; else fail "it can be downloaded" "$(head -n 3 "$out/head")"; fi
for path in ../eddy.db ..%2feddy.db eddy.db "$name.new" "%2e%2e/eddy.db" eddy-00000000-000000.db; do
    got=$(curl -s --path-as-is -o "$out/answer" -w '%{http_code}' "$url/api/v1/admin/backups/$path")
    [ "$got" = 404 ] || fail "no other file is a backup" "$got for $path"
done
ok "no other file is a backup"

stop KILL
# As docs/operating.md says.
install -m 600 "$copy" "$db"
rm -f "$db-wal" "$db-shm"
start
api GET /drafts/messenger/echo/python >/dev/null
[ "$(jq -r '.files[0].text' "$out/answer")" = before ] && ok "restored: what was before the copy is there, what came after is not" || fail "restored" "$(cat "$out/answer")"
draft again 1
[ "$(api DELETE "/admin/backups/$name")" = 200 ] && [ ! -e "$copy" ] && ok "a backup can be removed" || fail "a backup can be removed" "$(cat "$out/answer")"
stop TERM
exit $bad
