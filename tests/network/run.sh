#!/bin/sh
# run.sh [--quick] - sockets in virtual time (network.lua), against a server that gives bytes back
# (tests/nodes/tcp_echo.c): right it must pass, and be the same when replayed; each of its mistakes must
# fail in the step that is there for it. Prints "ok NAME" or "FAIL NAME: why".
set -u
cd "$(dirname "$0")/../.." || exit 1
EDDY=${EDDY:-build/eddy}
NODES=${NODES:-build/nodes}
[ -x "$EDDY" ] || make -s all || exit 1
[ -x "$NODES/tcp_crowd" ] || make -s nodes || exit 1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
failed=0

fail() { # NAME WHY
    echo "FAIL $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c 1-900)"
    failed=1
}

# story MODE PART SEED: its output in $out/log; the exit status is eddy's
story() {
    "$EDDY" test --scenario tests/network/network.lua --part "$2" --seed "$3" --store "$out/store" \
        --bin "$NODES/tcp_echo" "$1" >"$out/log" 2>&1
}

for part in bytes silence outwards restart; do
    if story sound "$part" 1; then echo "ok sound, $part"; else fail "sound, $part" "$(cat "$out/log")"; fi
done

# caught MODE PART STEP
caught() {
    story "$1" "$2" 1
    status=$?
    if [ "$status" -eq 1 ] && grep -q "INVALID: step \"$3\"" "$out/log"; then
        echo "ok $1 fails in: $3"
    else
        fail "$1" "status $status: $(cat "$out/log")"
    fi
}

caught short-write bytes "ten megabytes in one go"
caught lost-tail bytes "whatever is sent comes back, 2 ms later"
caught slow bytes "whatever is sent comes back, 2 ms later"
caught one-at-a-time bytes "split at every byte"

# Ten thousand connections at once, which take some 20,000 descriptors in two processes.
crowd() {
    "$EDDY" test --scenario tests/network/crowd.lua --seed 1 --store "$out/store" --bin "$NODES/tcp_crowd" "$1" >"$out/log" 2>&1
}
descriptors=$(ulimit -H -n)
if [ "$descriptors" != unlimited ] && [ "$descriptors" -lt 10100 ]; then
    echo "ok ten thousand connections: left out, as this machine allows $descriptors descriptors"
else
    if crowd right; then echo "ok ten thousand connections"; else fail "ten thousand connections" "$(cat "$out/log")"; fi
    crowd select
    if grep -q 'INVALID: step "each gets its own bytes back, a round trip later"' "$out/log"; then
        echo "ok ten thousand connections, a server with select"
    else
        fail "ten thousand connections, a server with select" "$(cat "$out/log")"
    fi
fi

# HTTP/2, against a server of another make.
http2() {
    "$EDDY" test --scenario tests/network/http2.lua --seed 1 --store "$out/store" \
        --bin tests/network/h2_server.js "$@" >"$out/log" 2>&1
}
if http2; then echo "ok http2"; else fail "http2" "$(cat "$out/log")"; fi
http2 late
if grep -q 'INVALID: step "the server sends no more than the windows allow"' "$out/log"; then
    echo "ok http2, a late server"
else
    fail "http2, a late server" "$(cat "$out/log")"
fi

# TLS, likewise; a server that accepts every certificate must be noticed, and the same seed gives the same keys.
tls() {
    "$EDDY" test --scenario tests/network/tls.lua --seed 1 --store "$out/store" \
        --bin tests/network/tls_server.js "$@" >"$out/log" 2>&1
}
tls blind
if grep -q 'INVALID: step "a client must show papers where the server wants them"' "$out/log"; then
    echo "ok tls, a blind server"
else
    fail "tls, a blind server" "$(cat "$out/log")"
fi
if tls; then echo "ok tls"; else fail "tls" "$(cat "$out/log")"; fi
"$EDDY" replay "$out/store/tls/latest" --store "$out/store" >"$out/log" 2>&1
if grep -q "^identical: [0-9]* lines" "$out/log"; then
    echo "ok a replay of handshakes is identical"
else
    fail "a replay of handshakes is identical" "$(cat "$out/log")"
fi

# Two thousand events at sockets, and the same again.
story sound bytes 5
"$EDDY" replay "$out/store/network/latest" --store "$out/store" >"$out/log" 2>&1
if grep -q "^identical: [0-9]* lines" "$out/log"; then
    echo "ok a replay is identical"
else
    fail "a replay is identical" "$(cat "$out/log")"
fi

# Two runs at the same time have the same ports, each in its own network.
story sound bytes 1 &
first=$!
"$EDDY" test --scenario tests/network/network.lua --part bytes --seed 2 --store "$out/other" \
    --bin "$NODES/tcp_echo" >"$out/log2" 2>&1
second=$?
if wait $first && [ "$second" -eq 0 ]; then
    echo "ok two runs at once"
else
    fail "two runs at once" "$(cat "$out/log" "$out/log2")"
fi

# Without `network = true` a scenario that wants sockets is broken, and says so.
sed 's/network = [a-z{][^,]*,//' tests/network/network.lua >"$out/plain.lua"
"$EDDY" test --scenario "$out/plain.lua" --part restart --store "$out/store" --bin "$NODES/tcp_echo" >"$out/log" 2>&1
status=$?
if [ "$status" -ge 3 ] && grep -q "plain.lua:[0-9]*: this part has no network" "$out/log"; then
    echo "ok sockets without a network"
else
    fail "sockets without a network" "status $status: $(cat "$out/log")"
fi
exit $failed
