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

# Unit tests of one build: cmocka prints a line "[       OK ] name" or "[  FAILED  ] name" for each.
# What failing tests printed comes last, since that is what is shown of a group.
units() {
    build=$1
    bad=0
    : >"$out/broken"
    for test in $(find "$build/tests" -type f -name '*_test' | sort); do
        unit=$(basename "$test")
        "$test" >"$out/unit" 2>&1
        ended=$?
        sed -n "s/^\[       OK \] /ok $unit: /p" "$out/unit"
        if [ "$ended" -ne 0 ] || ! grep -q '^\[  PASSED  \]' "$out/unit"; then
            bad=1
            sed -n "s/^\[  FAILED  \] \([a-z]\)/FAIL $unit: \1/p" "$out/unit" | sort -u
            grep -q '^\[  FAILED  \]' "$out/unit" || echo "FAIL $unit: it ended with status $ended"
            tail -n 30 "$out/unit" >>"$out/broken"
        fi
    done
    cat "$out/broken"
    return $bad
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

# What a failing script printed comes last, since that is what is shown of a group.
planted() {
    bad=0
    : >"$out/unfound"
    for script in tests/planted/*.sh; do
        bug=$(basename "$script" .sh)
        sh "$script" >"$out/planted" 2>&1
        ended=$?
        if [ "$ended" -eq 0 ]; then
            cat "$out/planted"
            grep -q '^ok ' "$out/planted" || echo "ok planted $bug"
        else
            bad=1
            grep -q '^FAIL ' "$out/planted" || echo "FAIL planted $bug: it ended with status $ended"
            tail -n 30 "$out/planted" >>"$out/unfound"
        fi
    done
    cat "$out/unfound"
    return $bad
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
    group "build: clang, sanitizers" build BUILD=build/clang-asan CC=clang SAN=1
    group "planted bugs" planted
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
