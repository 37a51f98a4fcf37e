#!/bin/sh
# bugs.sh [NAME...] - every planted bug of tests/bugs/cases.txt, or those whose name contains a NAME: how
# many seeds the search needs until it finds it, and how long that takes. Minutes for all of them.
set -eu
cd "$(dirname "$0")/.."
make -s all nodes
make -s -C tests/bugs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
bad=0

wanted() { # NAME PATTERN...
    name=$1
    shift
    [ $# -gt 0 ] || return 0
    for pattern in "$@"; do
        case "$name" in *"$pattern"*) return 0 ;; esac
    done
    return 1
}

echo "$(uname -sr), $(nproc) processors ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), load $(cut -d' ' -f1 /proc/loadavg)"
echo
printf '%-30s %6s %8s  %s\n' bug seeds seconds kind
grep -v -e '^#' -e '^ *$' tests/bugs/cases.txt >"$work/rows"
while IFS= read -r row; do
    name=$(printf '%s\n' "$row" | sed 's/ *|.*//; s/^\* *//')
    wanted "$name" "$@" || continue
    sh tests/bugs/find.sh "$row" "$work/run" </dev/null >"$work/line"
    awk -F '\t' '{ printf "%-30s %6s %8.1f  %s\n", $1, $2, $4, $3 }' "$work/line"
    [ "$(cut -f 2 "$work/line")" != - ] || bad=1
    rm -rf "$work/run"
done <"$work/rows"
exit $bad
