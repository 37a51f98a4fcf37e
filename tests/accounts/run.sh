#!/bin/sh
# eddy serve --accounts over real sockets: the first admin, people, cookies, hosts, proxies, a provider of OpenID
# Connect, and eddy accounts. EDDY=PROGRAM tests another build (the planted bugs do so).
set -u
cd "$(dirname "$0")/../.." || exit 1
eddy=${EDDY:-build/eddy}
[ -x "$eddy" ] || make -s "$eddy" || exit 1
out=$(mktemp -d)
server=
provider=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; [ -z "$provider" ] || kill "$provider" 2>/dev/null; rm -rf "$out"' EXIT
bad=0

ok() { echo "ok accounts: $1"; }
fail() {
    echo "FAIL accounts: $1: $2"
    bad=1
}

export EDDY_STATE="$out/state" EDDY_HOME="$PWD" EDDY_DB="$out/eddy.db"
unset DISPLAY WAYLAND_DISPLAY

# The provider: its first line says where it is.
mkfifo "$out/provider" "$out/hold"
python3 tests/accounts/provider.py <"$out/hold" >"$out/provider" &
provider=$!
exec 9>"$out/hold"
read -r _ port <"$out/provider"
[ -n "$port" ] || {
    fail "the provider starts" "tests/accounts/provider.py said nothing"
    exit 1
}
printf 's3cr&t of=eddy\n' >"$out/secret"

# start OPTION...: the server; its address in $url, what it says in $out/log.
start() {
    rm -f "$out/pipe"
    mkfifo "$out/pipe"
    # shellcheck disable=SC2086
    "$eddy" serve --listen 127.0.0.1:0 --workers 0 --accounts --url https://eddy.test --proxy 127.0.0.1 \
        --oidc "good=http://127.0.0.1:$port/good,eddy,$out/secret" \
        --oidc "bad=http://127.0.0.1:$port/wrong-nonce,eddy,$out/secret" "$@" >"$out/pipe" 2>"$out/log" &
    server=$!
    read -r url <"$out/pipe" || {
        fail "it starts" "$(cat "$out/log")"
        exit 1
    }
}
stop() {
    kill "$server" && wait "$server" 2>/dev/null
    server=
}

# ask METHOD PATH [BODY [CURL OPTION]...]: the status; body and header in $out/body and $out/head.
ask() {
    method=$1 path=$2 body=${3:-}
    [ $# -lt 3 ] && shift 2 || shift 3
    [ -z "$body" ] || set -- "$@" -H 'Content-Type: application/json' --data-binary "$body"
    curl -s --max-time 300 -o "$out/body" -D "$out/head" -w '%{http_code}' -X "$method" -H "Host: ${host:-eddy.test}" -H "X-Eddy: ${meant:-1}" "$@" "${url%/}$path"
}
# wants NAME STATUS METHOD PATH [BODY [CURL OPTION]...]
wants() {
    name=$1 status=$2
    shift 2
    got=$(ask "$@")
    if [ "$got" = "$status" ]; then ok "$name"; else fail "$name" "$got and not $status: $(head -c 300 "$out/body")"; fi
}
cookie() { sed -n 's/^[Ss]et-[Cc]ookie: \('"$1"'=[^;]*\).*/\1/p' "$out/head" | tr -d '\r'; }
invitation() { sed -n 's|.*https://eddy.test/sign-up?invitation=\([A-Za-z0-9_-]*\).*|\1|p' "$1"; }

# ---- options that make no sense ----
for options in "--url https://eddy.test" "--accounts --url eddy.test" "--accounts --sign-up maybe" "--accounts --proxy 127.0.0.1" \
    "--accounts --url https://eddy.test --proxy here" "--accounts --oidc x=https://a.example,b," \
    "--accounts --url https://eddy.test --oidc x" "--accounts --listen 0.0.0.0:0"; do
    # shellcheck disable=SC2086
    "$eddy" serve $options >"$out/said" 2>&1
    [ $? -eq 3 ] || fail "eddy serve $options" "not refused: $(cat "$out/said")"
done
ok "options that make no sense are refused"

# ---- the first admin ----
start
first=$(invitation "$out/log")
[ -n "$first" ] && ok "the first admin's link is told" || fail "the first admin's link is told" "$(cat "$out/log")"
stop
start
second=$(invitation "$out/log")
sign_up() { printf '{"name":"%s","password":"correct horse","invitation":"%s"}' "$1" "$2"; }
wants "a link of an earlier start is over" 403 POST /api/v1/users "$(sign_up root "$first")"
wants "the first admin signs up" 201 POST /api/v1/users "$(sign_up root "$second")"
grep -q '"role":"admin"' "$out/body" || fail "the first admin signs up" "$(cat "$out/body")"
root=$(cookie eddy_session)
grep -i '^set-cookie: eddy_session=' "$out/head" | grep -i 'httponly' | grep -i 'samesite=lax' | grep -iq 'secure' &&
    ok "the cookie is HttpOnly, SameSite and Secure" || fail "the cookie" "$(grep -i set-cookie "$out/head")"
wants "the link is good once" 403 POST /api/v1/users "$(sign_up eve "$second")"
stop
start
[ -z "$(invitation "$out/log")" ] && ok "with an admin no link is told" || fail "with an admin no link is told" "$(cat "$out/log")"
wants "sessions outlive the server" 200 GET /api/v1/me '' -H "Cookie: $root"

# ---- who may ask ----
host=evil.example
wants "another host is refused" 421 GET /
host=localhost
wants "this machine's own name is refused, too" 421 GET /
host= meant=0
wants "without X-Eddy nothing changes" 403 DELETE /api/v1/session '' -H "Cookie: $root"
meant=
wants "another site's page changes nothing" 403 DELETE /api/v1/session '' -H 'Origin: https://evil.example' -H "Cookie: $root"
wants "who has not signed in is nobody" 401 GET /api/v1/me
wants "a session that was made up is nobody's" 401 GET /api/v1/me '' -H "Cookie: eddy_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

# ---- people ----
wants "an admin invites" 201 POST /api/v1/invitations '{"role":"teacher"}' -H "Cookie: $root"
wants "a teacher signs up" 201 POST /api/v1/users "$(sign_up tea "$(invitation "$out/body")")"
tea=$(cookie eddy_session)
wants "a teacher is no admin" 403 GET /api/v1/admin/users '' -H "Cookie: $tea"
wants "signing in" 200 POST /api/v1/session '{"name":"tea","password":"correct horse"}'
wants "a wrong password" 401 POST /api/v1/session '{"name":"tea","password":"wrong horse"}'
cp "$out/body" "$out/wrong"
wants "a name that does not exist" 401 POST /api/v1/session '{"name":"nobody","password":"wrong horse"}'
cmp -s "$out/body" "$out/wrong" && ok "both look alike" || fail "both look alike" "$(cat "$out/body")"

# ---- a proxy: what it says of who asks, and nothing that somebody put before that ----
tries=0
while [ $tries -lt 60 ] && [ "$(ask POST /api/v1/session "{\"name\":\"n$tries\",\"password\":\"x\"}" -H "X-Forwarded-For: 10.0.0.$tries, 192.0.2.1")" = 401 ]; do
    tries=$((tries + 1))
done
[ $tries -lt 60 ] && [ "$(ask POST /api/v1/session '{"name":"x","password":"x"}' -H 'X-Forwarded-For: 192.0.2.1')" = 429 ] &&
    ok "guessing from one address is held back" || fail "guessing from one address is held back" "$tries tries went through"
grep -qi '^retry-after: [1-9]' "$out/head" || fail "Retry-After" "it is not there"
wants "another address is not" 200 POST /api/v1/session '{"name":"tea","password":"correct horse"}' -H 'X-Forwarded-For: 192.0.2.2'
stop

# ---- a provider ----
start --sign-up open
# away NAME [NEXT]: the browser is sent to the provider, and comes back with $query; its cookie is $flow.
away() {
    got=$(ask GET "/auth/$1?next=${2:-/progress}")
    flow=$(cookie eddy_flow)
    location=$(sed -n 's/^[Ll]ocation: //p' "$out/head" | tr -d '\r')
    query=$(curl -s -H 'Accept: application/json' "$location" | sed 's/.*"code": "\([^"]*\)".*"state": "\([^"]*\)".*/code=\1\&state=\2/')
}
# back NAME: and here again; the status in $got.
back() { got=$(ask GET "/auth/$1/callback?$query" '' -H "Cookie: $flow"); }

away good
back good
ada=$(cookie eddy_session)
[ "$got" = 303 ] && grep -qi '^location: /progress' "$out/head" && [ -n "$ada" ] &&
    ok "one signs up at a provider" || fail "one signs up at a provider" "$got: $(head -c 300 "$out/body")"
wants "the provider's name is the person's" 200 GET /api/v1/me '' -H "Cookie: $ada"
grep -q '"name":"ada.lovelace"' "$out/body" || fail "the provider's name is the person's" "$(cat "$out/body")"
back good
[ "$got" = 403 ] && ok "a callback is good once" || fail "a callback is good once" "$got"
first_flow=$flow
away good
flow=$first_flow
back good
[ "$got" = 403 ] && ok "a callback in another browser is refused" || fail "a callback in another browser is refused" "$got"
away good
back good
wants "the second time it is the same person" 200 GET /api/v1/me '' -H "Cookie: $(cookie eddy_session)"
grep -q '"name":"ada.lovelace"' "$out/body" || fail "the second time it is the same person" "$(cat "$out/body")"
away bad
back bad
[ "$got" = 403 ] && [ -z "$(cookie eddy_session)" ] && ok "a token of another sign-in lets nobody in" || fail "a token of another sign-in lets nobody in" "$got"
away good //evil.example
back good
grep -qi '^location: /.$' "$out/head" && ok "nobody is sent to another site" || fail "nobody is sent to another site" "$(grep -i location "$out/head")"
wants "a provider that there is not" 404 GET /auth/none

# ---- eddy accounts, while the server runs ----
"$eddy" accounts list >"$out/list" 2>&1
grep -q '^admin  *open  *root' "$out/list" && grep -q '^learner  *open  *ada.lovelace' "$out/list" &&
    ok "eddy accounts list" || fail "eddy accounts list" "$(cat "$out/list")"
link=$("$eddy" accounts password tea --url https://eddy.test | sed -n 's|^https://eddy.test/new-password?link=||p')
wants "a new password by a link of eddy accounts" 200 POST /api/v1/password "{\"link\":\"$link\",\"password\":\"another horse\"}"
wants "the new one is good" 200 POST /api/v1/session '{"name":"tea","password":"another horse"}'
wants "sessions from before are over" 401 GET /api/v1/me '' -H "Cookie: $tea"
"$eddy" accounts role root learner >"$out/said" 2>&1
[ $? -eq 3 ] && grep -q 'last admin' "$out/said" && ok "the last admin stays" || fail "the last admin stays" "$(cat "$out/said")"
"$eddy" accounts role tea admin && "$eddy" accounts role root learner && ok "roles are changed" || fail "roles are changed" "see above"
wants "at once" 403 GET /api/v1/admin/users '' -H "Cookie: $root"
"$eddy" accounts admin --url https://eddy.test | grep -q '^https://eddy.test/sign-up?invitation=' && ok "eddy accounts admin" || fail "eddy accounts admin" "no link"
for words in "" "nothing" "password" "password nobody" "role tea king" "list more"; do
    # shellcheck disable=SC2086
    "$eddy" accounts $words >/dev/null 2>&1
    [ $? -eq 3 ] || fail "eddy accounts $words" "not refused"
done
ok "what eddy accounts does not know is refused"

# ---- what is secret is nowhere in clear ----
stop
if strings -a "$EDDY_DB" "$EDDY_DB"-wal 2>/dev/null | grep -qF -e "${root#*=}" -e "${ada#*=}" -e "$link" -e "$second" -e 'correct horse' -e 'another horse' ||
    grep -qF -e "${ada#*=}" -e 'horse' -e 's3cr' "$out/log"; then
    fail "what is secret is nowhere in clear" "found in the database or the log"
else
    ok "what is secret is nowhere in clear"
fi
exit $bad
