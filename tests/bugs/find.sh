#!/bin/sh
# find.sh ROW FOLDER [SEED] - searches for one planted bug, from that seed or 1 on: ROW is a line of
# cases.txt. Leaves the search's --json in FOLDER/json and the run that failed in FOLDER/store, and prints, with tabs between:
# name, seeds until it was found ("-" if it was not), its kind, seconds.
# EDDY (build/eddy) is the program under test, NODES (build/nodes) has the programs in C, BUGS
# (build/bugs) those in other languages.
set -u
row=$1
folder=$2
seed=${3:-1}
faults="--nemesis partition,kill,pause,clock,loss,duplicate,reorder,slow"

field() { printf '%s\n' "$row" | cut -d '|' -f "$1" | sed 's/^[* ]*//; s/ *$//'; }
name=$(field 1)
options=$(field 2 | sed "s/FAULTS/$faults/")
program=$(field 3)
kind=$(field 4)

case "$program" in
bugs/*) bin=${BUGS:-build/bugs}/${program#bugs/} ;;
*) bin=${NODES:-build/nodes}/$program ;;
esac
mkdir -p "$folder"
# shellcheck disable=SC2086
"${EDDY:-build/eddy}" test --time-limit 10 --seed "$seed" --seeds 500 $options --store "$folder/store" --json \
    --bin $bin >"$folder/json" 2>"$folder/err"
status=$?
if [ "$status" -eq 1 ]; then
    jq -r --arg name "$name" --arg kind "$kind" '
        (.groups | map(select(."valid?" == false)) | min_by(.seed)) as $g |
        [$name, if $g.kind | startswith($kind) then $g.seed - ."first-seed" + 1 else "-" end, $g.kind, .seconds] | @tsv
    ' "$folder/json"
elif [ "$status" -le 2 ]; then
    jq -r --arg name "$name" '[$name, "-", "nothing in \(.done) seeds", .seconds] | @tsv' "$folder/json"
else
    printf '%s\t-\t%s\t0\n' "$name" "$(tr '\n\t' '  ' <"$folder/err")"
fi
