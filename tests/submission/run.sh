#!/bin/sh
# run.sh [--quick] [LANG...] - submissions of tasks of the track messenger, from their text to the verdict: right, wrong and
# broken ones in every language, several files, hostile names and includes, a damaged cache, two at once, a machine that refuses.
# Prints "ok NAME" or "FAIL NAME: why". --quick: C and Python only. JUDGE is the program under test, LEVEL the sandbox's (auto).
set -u
cd "$(dirname "$0")/../.." || exit 1
JUDGE=$(realpath "${JUDGE:-build/tests/judge_one}")
LEVEL=${LEVEL:-auto}
[ -x "$JUDGE" ] || make -s build/tests/judge_one || exit 1
table=kits/languages.txt
failed=0
export EDDY_HOME="${EDDY_HOME:-$(pwd)}"

out=$(mktemp -d)
chmod 755 "$out"
listener=
trap '[ -z "$listener" ] || kill "$listener"; rm -rf "$out"' EXIT
trap 'exit 130' INT TERM

quick=
[ "${1:-}" = --quick ] && quick=1 && shift
if [ -n "$quick" ]; then
    set -- c python
elif [ $# -eq 0 ]; then
    # shellcheck disable=SC2046
    set -- $(sed -n 's/^language: //p' $table)
fi

fail() { # NAME WHY
    echo "FAIL $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c 1-900)"
    failed=1
}

key() { # LANG KEY
    awk -v lang="$1" -v key="$2: " '
        /^language: / { here = $2 == lang }
        here && index($0 " ", key) == 1 { print substr($0, length(key) + 1) }' $table
}

# text LANG TASK DIR: the submission of all files in DIR
text() {
    (cd "$3" && find . -type f | sed 's#^\./##' | sort) | "$JUDGE" --text messenger "$2" "$1" "$3" 2>"$out/err"
}

# judged FOLDER LANG: $out/in, a submission, gives $out/result, $out/events and $status
judged() {
    timeout 3000 "$JUDGE" "$out/$1" "$LEVEL" "$2" "$out/report" <"$out/in" >"$out/result" 2>"$out/events"
    status=$?
}

# is NAME STATUS JQ-TEST: how it ended, and what the result says
is() {
    if [ "$status" -ne "$2" ]; then
        fail "$1" "expected status $2, saw $status: $(jq -c '[.sentence, .build.text]' "$out/result") $(tail -n 3 "$out/events")"
    elif ! jq -e "$3" "$out/result" >/dev/null 2>&1; then
        fail "$1" "not true: $3 in $(jq -c 'del(.parts)' "$out/result")"
    else
        return 0
    fi
    return 1
}

good() { # NAME ...: is, and says so
    is "$@" && echo "ok $1"
}

no_path() { # NAME: nothing that the learner reads names a folder of ours
    if jq -r '.sentence, .build.text' "$out/result" | grep -q "$out"; then
        fail "$1" "a path of ours is in $(jq -c '[.sentence, .build.text]' "$out/result")"
        return 1
    fi
}

language() {
    main=$(key "$1" main)
    dir=$out/$1
    mkdir -p "$dir"
    cp tests/kits/messenger/"$1"/* "$dir"
    text "$1" echo "$dir" >"$out/in"
    judged work "$1"
    if [ "$status" -eq 3 ]; then
        echo "left out: $1: $(tail -n 1 "$out/events")"
        return
    fi
    good "$1-right" 0 '.verdict == "passed" and .build.cached == false and (.parts[0].steps | length) > 2 and .runs == 3' || return
    [ -s "$out/report/report.html" ] || fail "$1-report" "there is no report.html"
    grep -q '"event":"step".*"passed":true' "$out/events" || fail "$1-events" "no steps: $(cat "$out/events")"
    judged work "$1"
    good "$1-cached" 0 '.verdict == "passed" and .build.cached'

    # what the kit's starter does is no solution of task 1
    mkdir -p "$dir-wrong"
    cp "kits/$1/starter/$main" "$dir-wrong"
    text "$1" lines "$dir-wrong" >"$out/in"
    judged work "$1"
    good "$1-wrong" 1 '.verdict == "failed" and .build.built and (.sentence | length) > 20 and .step != "" and
        ([.parts[].steps[] | select(.failure)] | length) == 1 and (.report.files | map(.name) | index("report.html"))'

    cp -r "$dir" "$dir-broken"
    printf '\n)) this is no program ((\n' >>"$dir-broken/$main"
    text "$1" echo "$dir-broken" >"$out/in"
    judged work "$1"
    is "$1-broken" 1 '.verdict == "failed" and (.build.built | not) and (.sentence | startswith("the program does not build"))' &&
        no_path "$1-broken" &&
        { jq -r .build.text "$out/result" | grep -q "$main" || fail "$1-broken" "$main is not named in $(jq .build.text "$out/result")"; } &&
        echo "ok $1-broken"

    # the learner's own kit: as ours, but for a line at its end
    mkdir -p "$dir/kit"
    for file in $(key "$1" library); do
        cp "kits/$1/$file" "$dir/kit"
    done
    text "$1" echo "$dir" >"$out/in"
    judged work "$1"
    good "$1-kit" 0 '.verdict == "passed"'
    first=$(key "$1" library | cut -d' ' -f1)
    case "$1" in python) mark='#' ;; *) mark=// ;; esac
    printf '\n%s mine\n' "$mark" >>"$dir/kit/$first"
    text "$1" echo "$dir" >"$out/in"
    judged work "$1"
    good "$1-own-kit" 0 '.verdict == "passed" and .build.cached == false'
    printf '\n)) mine ((\n' >>"$dir/kit/$first"
    text "$1" echo "$dir" >"$out/in"
    judged work "$1"
    good "$1-broken-kit" 1 '.build.built | not'
}

# ---- attacks in other languages than C (those in C are in tests/hostile) ----

# Somebody who listens on this machine, outside of every sandbox; $port.
listen() {
    python3 -c '
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    s.accept()
' >"$out/port" &
    listener=$!
    until [ -s "$out/port" ]; do
        kill -0 "$listener" || exit 1
        sleep 0.01
    done
    port=$(cat "$out/port")
}

# A node that has computed for 2 s lets the others go on, so on a slow machine any of them may be the first that breaks a limit;
# the sentence says which.
told='(.limit.node as $node | .sentence | contains($node + " was stopped: "))'

# What must come of each: a limit by its name, or for those who look around the status of one who found nothing.
expected() { # ATTACK
    case "$1" in
    memory) echo '.limit.name == "memory" or (.sentence | test("status|signal|memory"))' ;;
    processes) echo '(.limit.name // "" | test("tasks|memory|cpu")) or (.sentence | test("status|signal|init"))' ;;
    flood) echo '(.limit.name == "output") or (.sentence | test("line"))' ;;
    disk) echo ".limit.name == \"disk\" and .limit.bound == 268435456 and $told" ;;
    *) echo '.sentence | test("status 5")' ;;
    esac
}

attacks() { # LANG
    [ -d "tests/submission/attacks/$1" ] || return
    for source in "tests/submission/attacks/$1"/*; do
        attack=$(basename "$source" ".$(key "$1" extension)")
        mkdir -p "$out/attack-$1-$attack"
        sed "s#@HOME@#$EDDY_HOME#; s#@PORT@#$port#" "$source" >"$out/attack-$1-$attack/$(key "$1" main)"
        text "$1" echo "$out/attack-$1-$attack" >"$out/in"
        SECRET=mine judged work "$1"
        good "$1-attack-$attack" 1 ".verdict == \"failed\" and .build.built and (.sandbox > \"B\" or ($(expected "$attack")))"
    done
}

# ---- in C alone ----

# one NAME CONTENT: a folder with this main.c
one() {
    mkdir -p "$out/one-$1"
    printf '%s\n' "$2" >"$out/one-$1/main.c"
    text c echo "$out/one-$1" >"$out/in"
    judged work c
}

secrets() {
    one shadow '#include "/etc/shadow"'
    good include-secret 1 '(.build.built | not) and (.build.text | contains("root:") | not)'
    one passwd "#include \"$(pwd)/course/01-messenger/03-echo.lua\""
    good include-grader 1 '(.build.built | not) and (.build.text | contains("No such file"))'
    one incbin '__asm__(".incbin \"/etc/hostname\""); int main(void) { return 0; }'
    good incbin 1 '.verdict == "failed"'
}

long_words() {
    {
        i=0
        while [ $i -lt 400 ]; do
            echo "int f$i(void) { return undeclared_$i; }"
            i=$((i + 1))
        done
    } >"$out/words"
    one words "$(cat "$out/words")"
    good long-words 1 '(.build.text | split("\n") | length) < 40 and (.build.text | test("and [0-9]+ more lines"))'
}

# A line of the compiler's that is cut in the middle of a character is UTF-8 all the same.
umlauts() {
    line=$(awk 'BEGIN { for (i = 0; i < 300; i++) printf "ü" }')
    one umlauts "int x = y; /*$line*/"
    good umlauts 1 '.build.text | contains("ü") and (length < 2000)'
    one umlauts-2 "int  x = y; /*$line*/"
    good umlauts-2 1 '.build.text | contains("ü")'
}

libraries() {
    one libraries '#include <jansson.h>
#include <openssl/sha.h>
int main(void) { return json_object() == NULL || SHA256((const unsigned char *)"", 0, NULL) == NULL; }'
    good libraries 1 '.build.built' # it builds; a node that ends at once fails
}

# A limit that ends a node is named with its figure and the node.
memory() {
    one memory '#include <stdlib.h>
#include <string.h>
int main(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }'
    good memory 1 ".build.built and (.sandbox != \"A\" or
        (.limit.name == \"memory\" and .limit.bound == 268435456 and $told and
        (.sentence | test(\"was stopped: .*256 MiB memory\"))))"
}

names() {
    for name in ../x.c /etc/x.c a/../../x.c .eddy 'a b.c' '-o' 'x;id.c' node node_modules/x.js; do
        printf '{"track":"messenger","task":"echo","language":"c","files":[{"name":"%s","text":""}]}' "$name" >"$out/in"
        judged work c
        if [ "$status" -ne 3 ] || ! grep -q 'the file name' "$out/events"; then
            fail names "$name: status $status, $(cat "$out/events")"
            return
        fi
    done
    echo "ok names"
}

unknown() {
    for words in '"nowhere","task":"echo","language":"c"' '"messenger","task":"nothing","language":"c"' \
        '"messenger","task":"echo","language":"cobol"'; do
        printf '{"track":%s,"files":[{"name":"main.c","text":""}]}' "$words" >"$out/in"
        judged work c
        is unknown 2 '.verdict == "not judged" and (.sentence | length) > 10' || return
    done
    echo "ok unknown"
}

# An entry whose program was changed is not used, and is made again.
damaged() {
    judged other c
    for node in "$out"/other/cache/*/*/files/node; do
        printf 'x' | dd of="$node" bs=1 seek=5000 conv=notrunc 2>/dev/null
    done
    judged other c
    is damaged 0 '.verdict == "passed" and .build.cached == false' || return
    judged other c
    good damaged 0 '.build.cached'
}

# Two judge the same in one fresh cache at once.
together() {
    "$JUDGE" "$out/two" "$LEVEL" c "$out/report-1" <"$out/in" >"$out/result-1" 2>/dev/null &
    first=$!
    judged two c
    wait "$first"
    if [ $? -ne 0 ] || [ "$(jq .verdict "$out/result-1")" != '"passed"' ]; then
        fail together "the other one: $(cat "$out/result-1")"
    else
        good together 0 '.verdict == "passed"'
    fi
}

# A machine that has no place for its work gives no verdict at all.
machine() {
    echo file >"$out/taken"
    judged taken c
    if [ "$status" -ne 3 ] || grep -q verdict "$out/result"; then
        fail machine "status $status: $(cat "$out/result")"
    else
        echo "ok machine"
    fi
}

listen
for lang in "$@"; do
    language "$lang"
    attacks "$lang"
done
secrets
long_words
umlauts
libraries
memory
names
unknown
text c echo tests/kits/messenger/c >"$out/in"
damaged
together
machine
exit $failed
