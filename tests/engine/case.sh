#!/bin/sh
# case.sh JOB - one case of run.sh, which sets EDDY, NODES, ASAN and OUT.
# JOB is "odd NAME", or "row" or "asan" and a row of cases.txt.
set -u

trim() { sed 's/^ *//; s/ *$//'; }
field() { printf '%s\n' "$row" | cut -d '|' -f "$1" | trim; }

fail() {
    printf 'FAIL %s: %s\n' "$name" "$(printf '%s' "$1" | tr '\n' ' ' | cut -c 1-700)"
    exit 1
}

kind=${1%% *}
row=${1#* }
if [ "$kind" = odd ]; then
    exec sh tests/engine/odd.sh "$row"
fi

name=$(field 1)
options=$(field 2)
program=$(field 3)
want_status=$(field 4)
want_text=$(field 5 | tr '!' '|')
want_json=$(field 6-) # it may have bars of its own
[ "$kind" = asan ] && EDDY=$ASAN && name="$name, sanitizers"

dir=$OUT/$(printf '%s' "$name" | tr -c 'a-zA-Z0-9_.-' '-')
mark=$(basename "$OUT")-$$
mkdir -p "$dir"

# A program with a slash is a file of the tree, others are test nodes.
case "$program" in
*/*) bin=$program ;;
*) bin=$NODES/$program ;;
esac
# Defaults of all rows; a later option beats an earlier one.
set -- --node-count 3
case " $options" in *" --nodes "*) set -- ;; esac
# shellcheck disable=SC2086
set -- "$@" --time-limit 3 --rate 100 --recovery 1 --nemesis-interval 0.5 --seed 1 $options \
    --store "$dir/store" --bin $bin

env EDDY_TEST_MARK="$mark" timeout -k 5 1200 "$EDDY" test "$@" >"$dir/out" 2>"$dir/err"
status=$?
said=$(cat "$dir/out" "$dir/err")
results=$dir/store/latest/results.json
repeat="[repeat: $(printf '%s' "$EDDY test $*" | sed "s#$(pwd)/##g; s#--store [^ ]*##")]"

[ "$status" -eq "$want_status" ] || fail "expected exit status $want_status, saw $status: $said $repeat"
if [ -n "$want_text" ]; then
    printf '%s\n' "$said" | grep -qE -e "$want_text" ||
        { [ -f "$results" ] && grep -qE -e "$want_text" "$results"; } ||
        fail "expected to read \"$want_text\", saw: $said $repeat"
fi
if [ "$status" -le 2 ]; then
    [ -f "$results" ] || fail "expected $results, there is none $repeat"
    verdict=$(jq -r '."valid?"' "$results" 2>&1)
    case "$status $verdict" in
    "0 true" | "1 false" | "2 unknown") ;;
    *) fail "exit status $status, but results.json says valid? $verdict $repeat" ;;
    esac
    if [ -n "$want_json" ]; then
        jq -e "$want_json" "$results" >/dev/null 2>&1 ||
            fail "not true of results.json: $want_json; net: $(jq -c .net "$results") $repeat"
    fi
fi
left=$(grep -l -a -e "EDDY_TEST_MARK=$mark" /proc/[0-9]*/environ 2>/dev/null)
[ -z "$left" ] || fail "processes are left: $left $repeat"
echo "ok $name"
[ -n "${KEEP:-}" ] || rm -rf "$dir"
