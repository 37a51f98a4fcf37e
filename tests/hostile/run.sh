#!/bin/sh
# run.sh [--quick] - hostile programs against the sandbox, at every level that this machine offers: those of run/ as nodes of a
# run (attacks.txt says what must become of each), sources and compilers (compile.txt), the same without root, and what is left
# when eddy itself is killed. Prints "ok NAME", "skip NAME: why" and "FAIL NAME: why". --quick: the best level alone.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
EDDY=${EDDY:-$BUILD/eddy}
for program in "$EDDY" "$BUILD/tests/hostile" "$BUILD/tests/hostile_compile"; do
    [ -x "$program" ] || make -s BUILD="$BUILD" "$program" || exit 1
done
programs=build/hostile
out=$(mktemp -d)
chmod 755 "$out"
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
failed=0

ok() { echo "ok $1"; }
fail() { # NAME WHY
    echo "FAIL $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c 1-600)"
    failed=1
}

# The attacks, each linked with the honest part.
mkdir -p $programs
object=$programs/hostile.o
if [ ! -e $object ] || [ tests/hostile/hostile.c -nt $object ] || [ tests/hostile/hostile.h -nt $object ]; then
    gcc -std=c17 -Wall -Wextra -O1 -D_GNU_SOURCE -c -o $object tests/hostile/hostile.c || exit 1
fi
for source in tests/hostile/run/*.c; do
    program=$programs/$(basename "$source" .c)
    [ -e "$program" ] && [ "$program" -nt "$source" ] && [ "$program" -nt $object ] && continue
    gcc -std=c17 -Wall -Wextra -O1 -D_GNU_SOURCE -Itests/hostile -o "$program" "$source" $object -lpthread || exit 1
done

# Whoever may not enter our folder has a copy to run.
cp -r $programs "$out/attacks"
chmod -R go+rX "$out/attacks"
cp "$BUILD/tests/hostile" "$BUILD/tests/hostile_compile" tests/hostile/attacks.txt tests/hostile/compile.txt \
    tests/hostile/hostile.lua "$out"

best=$("$EDDY" doctor --json | jq -r .level)
case "$best" in
[ABCD]) ok "eddy doctor tells the level: $best" ;;
*) fail "eddy doctor tells the level" "$best" ;;
esac
levels="A B C D"
[ "${1:-}" = --quick ] && levels=$best

for level in $levels; do
    timeout 6000 "$out/hostile" "$level" "$out/attacks.txt" "$out/attacks" "$out/hostile.lua" || failed=1
done
# What compilers are made to eat ends by the same limits at every level: B to D have two examples.
for level in $levels; do
    some="46 47 48 49 52a 53 54a 54d 55 56 77"
    [ "$level" = "$best" ] && some=
    # shellcheck disable=SC2086
    timeout 6000 "$out/hostile_compile" "$level" "$out/compile.txt" "$out/attacks" $some || failed=1
done

# Without root: the best level that nobody has, and C.
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
if [ "$(id -u)" -ne 0 ] || ! as_nobody true 2>/dev/null; then
    echo "skip without root: this user cannot become another"
elif [ "${1:-}" != --quick ]; then
    for level in auto C; do
        as_nobody timeout 6000 "$out/hostile" $level "$out/attacks.txt" "$out/attacks" "$out/hostile.lua" >"$out/log" 2>&1 || failed=1
        sed 's/^\([a-zA-Z]*\) /\1 without root, /' "$out/log"
    done
fi

# Ids that only sandboxes have, of the process with this number (sandbox_launch.c).
ids_of() { echo "$((1073741824 + ($1 % 4194304) * 256))"; }
left_of() { # PID: processes and cgroups
    first=$(ids_of "$1")
    ps -eo uid= | awk -v first="$first" '$1 >= first && $1 < first + 256' | wc -l
    find /sys/fs/cgroup -type d -name "eddy-$1" 2>/dev/null | wc -l
}

# 45: eddy is killed in mid-run. The node would go on for ever.
for level in $levels; do
    [ "$level" \< "$best" ] && continue
    "$EDDY" test -w echo --bin "$programs/14-ignores-signals" --node-count 2 --time-limit 60 --clock real \
        --sandbox "$level" --store "$out/store" >"$out/log" 2>&1 &
    eddy=$!
    tries=0
    until [ "$(ps -eo comm= | grep -c '^14-ignores-sign')" -ge 2 ] || [ $tries -ge 6000 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    kill -9 $eddy
    wait $eddy 2>/dev/null
    left=
    tries=0
    until left=$(left_of $eddy | tr '\n' ' ') && [ "$left" = "0 0 " ] || [ $tries -ge 6000 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    if [ "$left" = "0 0 " ]; then
        ok "45-supervisor-killed at $level: nothing is left"
    else
        fail "45-supervisor-killed at $level" "left: $left (processes, cgroups); $(cat "$out/log")"
    fi
done

# 57: what a terminal would obey does not come out.
"$EDDY" test --scenario tests/hostile/hostile.lua --bin "$programs/57-escapes" --sandbox "$best" --store "$out/store" >"$out/log" 2>&1
if grep -q "status 3" "$out/log" && ! LC_ALL=C grep -q "$(printf '\033')" "$out/log"; then
    ok "57-escapes: the terminal gets no control characters"
else
    fail "57-escapes: the terminal gets no control characters" "$(cat -v "$out/log")"
fi

# 76: what a scenario reads and writes in a node's folder, with our rights, does not leave it.
target=/tmp/eddy-hostile-target
echo secret >$target
"$EDDY" test --scenario tests/hostile/links.lua --bin "$programs/76-links-out" --sandbox "$best" --store "$out/store" >"$out/log" 2>&1
status=$?
if [ $status -eq 0 ] && [ "$(cat $target)" = secret ]; then
    ok "76-links-out: nothing outside of the folder was read or written"
else
    fail "76-links-out: nothing outside of the folder was read or written" "status $status, $(cat $target): $(cat "$out/log")"
fi
rm -f $target

# The level stands with the verdict, and a replay has it too.
dir=$out/store/hostile/latest
if [ "$(jq -r .run.sandbox "$dir/results.json")" = "$best" ] && [ "$(jq -r .sandbox "$dir/run.json")" = "$best" ]; then
    ok "the level stands with the verdict"
else
    fail "the level stands with the verdict" "$(jq -c .run "$dir/results.json")"
fi

# A level that the machine does not offer is the machine's fault: status 3 or above, a sentence, and nothing runs.
as_nobody "$EDDY" test -w echo --bin "$out/attacks/00-honest" --sandbox A --store "$out/nobody" >"$out/log" 2>&1
status=$?
if [ "$(id -u)" -ne 0 ]; then
    echo "skip a level that is not there: needs root to become another"
elif [ $status -ge 3 ]; then
    ok "a level that is not there is no verdict"
else
    fail "a level that is not there is no verdict" "status $status: $(cat "$out/log")"
fi
exit $failed
