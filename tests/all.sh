#!/bin/sh
# all.sh [--quick] - runs every group of tests and adds up. Each group prints lines "ok NAME" and
# "FAIL NAME: why"; anything else it prints is shown only if it fails.
# --quick leaves out the other compiler, the sanitizers, the planted bugs and the long tables
# (`make check`).
set -u
cd "$(dirname "$0")/.." || exit 1

quick=
[ "${1:-}" = --quick ] && quick=1
jobs=$(nproc)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0
failed=0

# group NAME COMMAND...: runs it, counts its lines; a command that fails without a FAIL line counts as one.
group() {
    name=$1
    shift
    began=$(date +%s)
    "$@" >"$out/log" 2>&1
    status=$?
    good=$(grep -c '^ok ' "$out/log")
    bad=$(grep -c '^FAIL ' "$out/log")
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    elif [ "$status" -eq 0 ] && [ $((good + bad)) -eq 0 ]; then
        good=1 # a step such as a build: it succeeded
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    printf '%-28s %5d passed %3d failed  %4d s\n' "$name" "$good" "$bad" $(($(date +%s) - began))
    if [ "$bad" -gt 0 ]; then
        grep '^FAIL ' "$out/log" || true
        [ "$status" -eq 0 ] || tail -n 40 "$out/log"
    fi
}

# each WORK ITEM...: calls WORK ITEM FOLDER for every item, as many at a time as there are processors. Then shows what each
# said, and last what it left in FOLDER/broken, since the end is what is shown of a group. Fails if one of them did.
each() {
    work=$1
    shift
    rm -rf "$out/each"
    mkdir "$out/each"
    worker=0
    while [ $worker -lt "$jobs" ]; do
        for item in "$@"; do
            place=$out/each/$(echo "$item" | tr / _)
            mkdir "$place" 2>/dev/null || continue
            "$work" "$item" "$place" >"$place/said" 2>&1 || echo >"$place/bad"
        done &
        worker=$((worker + 1))
    done
    wait
    for last in said broken; do
        for item in "$@"; do
            cat "$out/each/$(echo "$item" | tr / _)/$last" 2>/dev/null
        done
    done
    ! ls "$out"/each/*/bad >/dev/null 2>&1
}

# cmocka prints a line "[       OK ] name" or "[  FAILED  ] name" for each test.
unit() { # PROGRAM FOLDER
    name=$(basename "$1")
    "$1" >"$2/log" 2>&1
    ended=$?
    sed -n "s/^\[       OK \] /ok $name: /p" "$2/log"
    if [ "$ended" -ne 0 ] || ! grep -q '^\[  PASSED  \]' "$2/log"; then
        sed -n "s/^\[  FAILED  \] \([a-z]\)/FAIL $name: \1/p" "$2/log" | sort -u
        grep -q '^\[  FAILED  \]' "$2/log" || echo "FAIL $name: it ended with status $ended"
        tail -n 30 "$2/log" >"$2/broken"
        return 1
    fi
}

units() { # BUILD
    # shellcheck disable=SC2046
    each unit $(find "$1/tests" -type f -name '*_test' | sort)
}

build() {
    make -s -j"$jobs" "$@" all tests programs
}

fuzzers() {
    bad=0
    for fuzzer in "$1"/tests/fuzz_*; do
        [ -x "$fuzzer" ] || continue
        case "$fuzzer" in *.d) continue ;; esac
        if "$fuzzer" $2; then
            echo "ok $(basename "$fuzzer")"
        else
            echo "FAIL $(basename "$fuzzer"): see above"
            bad=1
        fi
    done
    return $bad
}

bug() { # SCRIPT FOLDER
    sh "$1" >"$2/log" 2>&1
    ended=$?
    name=$(basename "$1" .sh)
    if [ "$ended" -eq 0 ]; then
        cat "$2/log"
        grep -q '^ok ' "$2/log" || echo "ok planted $name"
    else
        grep '^ok ' "$2/log"
        grep '^FAIL ' "$2/log" || echo "FAIL planted $name: it ended with status $ended"
        grep -v -e '^ok ' -e '^FAIL ' "$2/log" | tail -n 30 >"$2/broken"
        return 1
    fi
}

# Two scripts may want the same file made; make itself does not expect another one beside it.
planted() {
    mkdir "$out/bin"
    printf '#!/bin/sh\nexec flock "%s" "%s" "$@"\n' "$out/making" "$(command -v make)" >"$out/bin/make"
    chmod +x "$out/bin/make"
    PATH="$out/bin:$PATH" each bug tests/planted/*.sh
}

group "tidy" sh tests/tidy.sh
group "build: gcc" make -s -j"$jobs" all tests programs nodes
group "unit tests" units build
group "fuzzers" fuzzers build ""
for suite in tests/*/run.sh; do
    [ -x "$suite" ] || continue
    group "$(basename "$(dirname "$suite")")" "$suite" ${quick:+--quick}
done
if [ -z "$quick" ]; then
    group "build: gcc, sanitizers" build BUILD=build/asan SAN=1
    group "unit tests, sanitizers" units build/asan
    group "fuzzers, sanitizers" fuzzers build/asan 20000
    group "build: clang" build BUILD=build/clang CC=clang
    group "unit tests, clang" units build/clang
    group "planted bugs" planted
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
