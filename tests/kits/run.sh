#!/bin/sh
# run.sh [--quick] [LANG...] - every kit of kits/languages.txt: its own tests, the workloads in virtual time (echo by the starter,
# the others by kits/LANG/workloads), and tasks 1 to 5 of the track messenger (drive.py). Folders as a
# learner has them are made in build/kits/LANG/PROGRAM; a program is built again only when something in them changed.
# A language without its tools is left out with a line that says so. --quick: C, Python and Go only.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$(pwd)
table=kits/languages.txt
EDDY=${EDDY:-build/eddy}
export EDDY
[ -x "$EDDY" ] || make -s all || exit 1

if [ "${1:-}" = --quick ]; then
    shift
    set -- c python go
elif [ $# -eq 0 ]; then
    # shellcheck disable=SC2046
    set -- $(sed -n 's/^language: //p' $table)
fi

store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT

# key LANG KEY: its value in the table
key() {
    awk -v lang="$1" -v key="$2: " '
        /^language: / { here = $2 == lang }
        here && index($0 " ", key) == 1 { print substr($0, length(key) + 1) }' $table
}

# build LANG FOLDER: the commands of the table, unless what the folder holds is what was built. What a preparation fetches
# goes to the folder above, where all programs of the language find it.
build() {
    (
        cd "$2" || exit 1
        now=$(find . -type f ! -path './node*' ! -path '*/__pycache__/*' ! -name .built | sort | xargs cat | cksum)
        [ -x node ] && [ "$now" = "$(cat .built 2>/dev/null)" ] && exit 0
        put="s#{out}#'$top/$2/node'#g; s#{dir}#'$top/$2'#g"
        for file in $(cd "$top" && [ -z "$(key "$1" prepare)" ] || key "$1" starter); do
            [ -f "../$file" ] || cp "$file" ..
        done
        prepare=$(cd "$top" && key "$1" prepare)
        build=$(cd "$top" && key "$1" build)
        [ -z "$prepare" ] || (cd .. && sh -c "$(printf '%s' "$prepare" | sed "$put")") || exit 1
        sh -c "$(printf '%s' "$build" | sed "$put")" || exit 1
        echo "$now" >.built
    )
}

# folder LANG PROGRAM SOURCE...: a learner's folder with the kit, the starter's other files, and these sources
folder() {
    dir=build/kits/$1/$2
    lang=$1
    shift 2
    rm -rf "$dir/kit" "$dir"/*."$(key "$lang" extension)"
    mkdir -p "$dir/kit"
    for file in $(key "$lang" library); do
        cp "kits/$lang/$file" "$dir/kit/"
    done
    for file in $(key "$lang" starter); do
        cp "kits/$lang/starter/$file" "$dir/"
    done
    case "$1" in
    */messenger/*) cp "$@" "$dir/" ;;
    *) cp "$1" "$dir/$(key "$lang" main)" ;;
    esac
}

# made LANG PROGRAM SOURCE...: folder and build; without a complaint of the compiler
made() {
    folder "$@"
    if build "$1" "$dir" >"$store/said-$1" 2>&1 && [ ! -s "$store/said-$1" ]; then
        return 0
    fi
    echo "FAIL $1 $2: it does not build: $(head -c 700 "$store/said-$1" | tr '\n' ' ')"
    return 1
}

# run LANG PROGRAM OPTIONS...
run() {
    program=$top/build/kits/$1/$2/node
    name="$1 $2"
    [ "$3" != -w ] || name="$1 $4"
    shift 2
    if said=$("$EDDY" test --bin "$program" --store "$store" "$@" 2>&1); then
        echo "ok $name"
    else
        echo "FAIL $name: $(printf '%s' "$said" | tr '\n' ' ' | cut -c 1-700)"
    fi
}

# ask LANG PROGRAM SCRIPT: a script of this folder talks to the program and prints lines of its own
ask() {
    python3 "tests/kits/$3" "build/kits/$1/$2/node" >"$store/said-$1" 2>&1
    status=$?
    sed "s/^\(ok\|FAIL\) /\1 $1 $2 /" "$store/said-$1"
    [ $status -eq 0 ] || grep -q '^FAIL ' "$store/said-$1" || echo "FAIL $1 $2: $3 ended with status $status"
}

language() {
    ext=$(key "$1" extension)
    for tool in $(key "$1" tools); do
        command -v "$tool" >/dev/null 2>&1 || {
            echo "left out: $1, for want of $tool (Debian: $(key "$1" package))"
            return
        }
    done
    if [ -f "kits/$1/tests/Makefile" ]; then
        if make -s -C "kits/$1/tests" check OUT="$top/build/kits/$1/tests" >"$store/said-$1" 2>&1; then
            echo "ok $1: the kit's own tests"
        else
            echo "FAIL $1: the kit's own tests: $(tail -c 700 "$store/said-$1" | tr '\n' ' ')"
        fi
    fi
    if [ -f "kits/$1/tests/json_lines.$ext" ]; then
        made "$1" json "kits/$1/tests/json_lines.$ext" &&
            ask "$1" json json_cases.py
    fi
    made "$1" echo "kits/$1/starter/$(key "$1" main)" &&
        run "$1" echo -w echo --node-count 3 --time-limit 2 --rate 200
    made "$1" broadcast "kits/$1/workloads/broadcast.$ext" &&
        run "$1" broadcast -w broadcast --node-count 5 --time-limit 5 --rate 50 --latency 20 --nemesis partition
    made "$1" lin_kv "kits/$1/workloads/lin-kv.$ext" &&
        run "$1" lin_kv -w lin-kv --node-count 3 --time-limit 3 --rate 100 --concurrency 4n --latency 5 --nemesis partition
    # what the playground begins with, on calm links
    for workload in unique-ids g-set g-counter pn-counter kafka txn-list-append txn-rw-register; do
        case $workload in
        pn-counter) program=g-counter ;;
        txn-rw-register) program=txn-list-append ;;
        *) program=$workload ;;
        esac
        [ $program != $workload ] || made "$1" "$program" "kits/$1/workloads/$program.$ext" || continue
        run "$1" "$program" -w "$workload" --node-count 3 --time-limit 3 --rate 50 --concurrency 2n --latency 5 --recovery 2
    done
    made "$1" messenger tests/kits/messenger/"$1"/* &&
        ask "$1" messenger drive.py
}

# Two languages at a time; each prints its lines together. Who makes the folder of a language's name first has it: two
# shells that read names from one open file would take letters from each other.
work() {
    worker=$1
    shift
    for taken in "$@"; do
        mkdir "$store/taken-$taken" 2>/dev/null || continue
        language "$taken" >"$store/lines-$worker" 2>&1
        cat "$store/lines-$worker"
    done
}
{
    work 1 "$@" &
    work 2 "$@" &
    wait
} >"$store/all"
cat "$store/all"
! grep -q '^FAIL ' "$store/all"
