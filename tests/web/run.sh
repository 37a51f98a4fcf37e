#!/bin/sh
# eddy serve over real sockets: every address, every link, HEAD, gzip, limits, slow and broken clients.
# EDDY=PROGRAM tests another build (the planted bugs do so).
set -u
cd "$(dirname "$0")/../.." || exit 1
eddy=${EDDY:-build/eddy}
[ -x "$eddy" ] || make -s "$eddy" || exit 1
out=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$out"' EXIT
bad=0

ok() { echo "ok web: $1"; }
fail() {
    echo "FAIL web: $1: $2"
    bad=1
}

export EDDY_STATE="$out/state" EDDY_HOME="$PWD"
unset EDDY_DB DISPLAY WAYLAND_DISPLAY

# The address is the first line; a pipe waits for it without a clock.
mkfifo "$out/pipe"
"$eddy" serve --listen 127.0.0.1:0 --workers 0 --patience 2s --open >"$out/pipe" 2>"$out/log" &
server=$!
read -r url <"$out/pipe" || {
    fail "it starts" "$(cat "$out/log")"
    exit 1
}
ok "it starts and says where: $(echo "$url" | sed 's/:[0-9]*\/$/:PORT\//')"

# get PATH [CURL OPTION]...: the status; body and header in $out/body and $out/head.
get() {
    path=$1
    shift
    curl -s --max-time 300 --path-as-is -o "$out/body" -D "$out/head" -w '%{http_code}' "$@" "${url%/}$path"
}
has_header() { grep -qi "^$1" "$out/head"; }
# wants NAME STATUS PATH [CURL OPTION]...
wants() {
    name=$1 status=$2
    shift 2
    got=$(get "$@")
    if [ "$got" = "$status" ]; then ok "$name"; else fail "$name" "$got and not $status for $1"; fi
}

# Every route of the table, with words that exist put in.
static=$(curl -s "$url" | grep -o '/static/style[^"]*')
# (a backup must be made first: tests/web/backup.sh; what there is only with accounts: tests/accounts/run.sh)
sed -n 's/^    {"GET", "\([^"]*\)".*/\1/p' src/web/routes.c | grep -vE ':backup$|^/auth/|^/(sign-|new-password|join|account|classes|teach|admin/people)|^/api/v1/(me|classes|invitations|admin/users)' >"$out/routes"
[ -s "$out/routes" ] || fail "routes" "none found in src/web/routes.c"
while read -r route; do
    case $route in */:id*) continue ;; esac # there is none; below there will be
    path=$(echo "$route" | sed "s|^/static/.*|$static|; s|/docs/:name|/docs/protocol|; s|:track|messenger|; s|:task|echo|; s|:workload|broadcast|; s|:number|1|; s|:language|python|; s|/solution|/solution?confirm=1|; s|/starter|/starter?language=go|")
    wants "GET $route" 200 "$path"
    for header in "Content-Security-Policy: default-src 'self'" 'X-Content-Type-Options: nosniff' 'Referrer-Policy:' 'Cache-Control:' 'Content-Type:'; do
        has_header "$header" || fail "headers of $route" "no $header"
    done
    length=$(sed -n 's/^[Cc]ontent-[Ll]ength: \([0-9]*\).*/\1/p' "$out/head")
    head_length=$(curl -sI "${url%/}$path" | sed -n 's/^[Cc]ontent-[Ll]ength: \([0-9]*\).*/\1/p')
    [ "$length" = "$head_length" ] && [ "$length" = "$(wc -c <"$out/body")" ] || fail "HEAD $route" "Content-Length $head_length, GET has $length"
    [ "$(get "$path" -X OPTIONS)" = 405 ] && has_header 'Allow: .*GET, HEAD' || fail "OPTIONS $route" "not refused with 405 and Allow"
    sed 's|<script\( type="module"\)\{0,1\} src="/static/[a-z.0-9]*"></script>||g' "$out/body" | grep -Eq '<script|<style| style=| on[a-z]+=' && fail "markup of $route" "scripts or styles stand in the page"
done <"$out/routes"
ok "headers, HEAD and a wrong method of every route"

for path in / /tracks/messenger /tracks/messenger/echo; do
    size=$(curl -s --compressed -o /dev/null -w '%{size_download}' "${url%/}$path")
    [ "$size" -lt 40000 ] || fail "size of $path" "$size bytes with gzip"
done
ok "pages are small"

# Nothing below the tree, however it is written.
secret=$(sed -n 2p Makefile | cut -c1-30)
for path in /../Makefile /static/../Makefile /static/..%2fMakefile /static/%2e%2e/Makefile /docs/../Makefile /docs/..%2f..%2fMakefile \
    /docs/protocol.md /docs/%70rotocol '/docs/protocol%00' /tracks/../../Makefile /tracks/messenger/../../../Makefile //etc/passwd /static/style.css '/tracks/messenger/echo/' '/api/v1/tracks/..' '/.git/config'; do
    got=$(get "$path")
    case $got in
    404) grep -qF "$secret" "$out/body" && fail "traversal" "$path shows a file" ;;
    *) fail "traversal" "$got for $path" ;;
    esac
done
ok "no path leads out"

wants "an unknown address of the API" 404 /api/v1/nope
has_header 'Content-Type: application/problem+json' && jq -e '.status == 404 and (.detail | length > 0)' "$out/body" >/dev/null || fail "problem+json" "$(cat "$out/body")"
wants "text of a query is no markup" 200 '/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E'
grep -q '<script>' "$out/body" && fail "escaping" "a script of the query is in the page"
for q in '%' '%zz' '%00' "$(printf 'a%.0s' $(seq 1 3000))" '%ff%fe' '+++' 'q=1&q=2'; do
    [ "$(get "/search?q=$q")" = 200 ] || fail "odd queries" "$q"
done
wants "a host that is not this machine" 421 / -H 'Host: evil.example'
wants "a body that is too long" 413 / -X GET -H 'Content-Length: 99999999'
wants "a header that is too long" 431 / -H "X-Long: $(printf 'a%.0s' $(seq 1 30000))"

get "$static" >/dev/null
has_header 'Cache-Control: public, max-age=31536000, immutable' || fail "static files are kept" "$(grep -i cache "$out/head")"
get "$static" -H 'Accept-Encoding: gzip' >/dev/null
has_header 'Content-Encoding: gzip' && gzip -dc <"$out/body" | cmp -s - ui/style.css && ok "gzip" || fail "gzip" "not the style sheet"
get "$static" -H 'Accept-Encoding: gzip;q=0' >/dev/null
has_header 'Content-Encoding' && fail "gzip" "sent to one who does not take it"
get / >/dev/null
etag=$(sed -n 's/^ETag: \(.*\)\r/\1/p' "$out/head")
wants "a page that is known already" 304 / -H "If-None-Match: $etag"

# What `eddy learn` notes shows at once.
curl -s "${url}progress" | grep -q 'Nothing is begun so far' || fail "progress" "there is some before anything was done"
"$eddy" learn start messenger --lang python "$out/work" >/dev/null 2>&1 || fail "progress" "eddy learn start failed"
if curl -s "${url}progress" | grep -q '1 of\|begun'; then ok "progress of eddy learn is seen"; else fail "progress" "what was begun is not shown"; fi

python3 tests/web/clients.py "$url" || bad=1

for listen in 0.0.0.0:0 '[::]:0' nonsense 127.0.0.1 127.0.0.1:70000; do
    "$eddy" serve --listen "$listen" >/dev/null 2>"$out/said" </dev/null
    [ $? -eq 3 ] && [ -s "$out/said" ] || fail "eddy serve --listen $listen" "$(cat "$out/said")"
done
ok "it listens to its own machine only"
port=${url##*:}
"$eddy" serve --listen "127.0.0.1:${port%/}" >/dev/null 2>"$out/said"
[ $? -eq 4 ] && grep -q 'port 0' "$out/said" && ok "a port that is taken" || fail "a port that is taken" "$(cat "$out/said")"

kill -TERM "$server"
wait "$server"
ended=$?
server=
[ "$ended" -eq 0 ] && ok "it ends when asked" || fail "it ends when asked" "status $ended: $(tail -n 3 "$out/log")"
sh tests/web/backup.sh || bad=1
sh tests/web/judged.sh || bad=1
[ "${1:-}" = --quick ] || sh tests/web/judged.sh --postgresql || bad=1
[ "${1:-}" = --quick ] || EDDY="$eddy" sh tests/web/play.sh || bad=1
[ "${1:-}" = --quick ] || EDDY="$eddy" sh tests/web/silent.sh || bad=1
[ "${1:-}" = --quick ] || EDDY="$eddy" sh tests/web/live.sh || bad=1
exit $bad
