#!/bin/sh
# run.sh [WORD] - runs the cases of cases.txt (those whose line holds WORD) and compares verdicts.
# Wants to stand in the project's folder, with `make all nodes` done. Exit status 1: a verdict differed.
# BUILD: where the programs are [build]. MORE: further options of eddy test for every case.
set -u
build=${BUILD:-build}
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT
grep -v '^#' tests/nodes/cases.txt | grep -e "${1:-}" > "$store/cases"
differing=0
while read -r want workload node mode options; do
    # Without quotes on purpose: options are words.
    said=$("$build/eddy" test -w "$workload" --bin "$build/nodes/$node" "$mode" $options ${MORE:-} \
        --store "$store" 2>"$store/errors" </dev/null)
    case $? in
    0) got=valid ;;
    1) got=invalid ;;
    2) got=unknown ;;
    *) got=failed; said="$said $(tail -n 1 "$store/errors")" ;;
    esac
    [ "$got" = "$want" ] && mark=ok || { mark=DIFFERS; differing=$((differing + 1)); }
    printf '%-8s %-8s %-16s %s %s: %s\n' "$mark" "$got" "$workload" "$node" "$mode" \
        "$(printf '%s' "$said" | tr '\n' ' ' | cut -c 1-160)"
done <"$store/cases"
echo "$differing verdicts differ"
[ "$differing" -eq 0 ]
