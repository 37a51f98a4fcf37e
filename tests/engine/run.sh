#!/bin/sh
# run.sh [--quick] [NAME...] - whole runs of `eddy test` with programs whose verdict is known.
#
# Two kinds of cases, several at a time, one line of output each ("ok NAME", "FAIL NAME: why"):
#   cases.txt     a row a case: options, program, expected exit status, sentence and result
#   odd.sh        what a row cannot say: signals, bad options, strange folders
# NAME picks cases whose name contains it. --quick takes the rows marked with a star and the odd
# cases, in under half a minute.
#
# EDDY (build/eddy) is the program under test, NODES (build/nodes) has the test nodes; a sample runs
# with build/asan/eddy as well if that was built. JOBS (6) run at the same time: they mostly wait.
# KEEP=1 leaves all outputs in a folder and says where.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$(pwd)

absolute() {
    case "$1" in /*) echo "$1" ;; *) echo "$top/$1" ;; esac
}
EDDY=$(absolute "${EDDY:-build/eddy}")
NODES=$(absolute "${NODES:-build/nodes}")
ASAN=$(absolute build/asan/eddy)
OUT=$(mktemp -d)
export EDDY NODES ASAN OUT
[ -n "${KEEP:-}" ] || trap 'rm -rf "$OUT"' EXIT
trap 'exit 130' INT TERM

quick=
if [ "${1:-}" = --quick ]; then
    quick=1
    shift
fi
[ -x "$EDDY" ] || make -s all || exit 1
[ -x "$NODES/echo" ] || make -s nodes || exit 1

wanted() { # NAME PATTERN...: no pattern, or one that the name contains
    name=$1
    shift
    [ $# -gt 0 ] || return 0
    for pattern in "$@"; do
        case "$name" in *"$pattern"*) return 0 ;; esac
    done
    return 1
}

# One job a line: "row LINE", "asan LINE", "odd NAME". Rows of the table keep its order.
jobs_of() {
    for name in $(sh tests/engine/odd.sh --list); do
        wanted "$name" "$@" && echo "odd $name"
    done
    grep -v -e '^#' -e '^ *$' tests/engine/cases.txt | while IFS= read -r row; do
        name=$(printf '%s\n' "$row" | sed 's/ *|.*//; s/^\* *//')
        wanted "$name" "$@" || continue
        case "$row" in
        "*"*)
            printf 'row %s\n' "${row#\*}"
            [ ! -x "$ASAN" ] || [ "$EDDY" = "$ASAN" ] || [ -n "$quick" ] || printf 'asan %s\n' "${row#\*}"
            ;;
        *) [ -n "$quick" ] || printf 'row %s\n' "$row" ;;
        esac
    done
}

jobs_of "$@" >"$OUT/jobs"
tr '\n' '\0' <"$OUT/jobs" | xargs -0 -P "${JOBS:-6}" -n 1 sh tests/engine/case.sh | tee "$OUT/lines"
if [ -n "${KEEP:-}" ]; then
    echo "outputs: $OUT" >&2
fi
[ "$(grep -c '^ok ' "$OUT/lines")" -eq "$(wc -l <"$OUT/jobs")" ]
