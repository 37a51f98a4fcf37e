#!/bin/sh
# determinism.sh [N [LANG...]] - N runs (default 100) of one seed in each language, under partitions,
# kills and loss: how many journals were the same to the byte. Wanted: at least 99 of 100.
# Exit status 1: some language had less.
set -eu
cd "$(dirname "$0")/.."
count=${1:-100}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- c cpp go java javascript python rust typescript
make -s all
make -s -C tests/consensus "$@" 2>&1 | grep -e "^left out" -e "error:" || true

echo "$(uname -sr), $(nproc) processors ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), load $(cut -d' ' -f1 /proc/loadavg)"
echo
printf '%-12s %14s %10s   %s\n' language "identical of $count" seconds "the last difference"
bad=0
for lang; do
    [ -x "build/consensus/$lang" ] || continue
    line=$(sh tests/consensus/repeat.sh "$lang" "$count") || true
    rest=${line#* }
    same=${line%% *}
    printf '%-12s %14s %10s   %s\n' "$lang" "$same" "${rest%% *}" "${rest#* }"
    [ $((same * 100)) -ge $((count * 99)) ] || bad=1
done
exit $bad
