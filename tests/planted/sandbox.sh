#!/bin/sh
# The tests of the sandbox must find each protection that -DPLANT_SANDBOX=n leaves out (enum plant_sandbox in
# src/cage/sandbox_parts.h). Attacks that would harm this machine without the protection are not the ones that look for it.
# Usage: tests/planted/sandbox.sh, from the root of the source.
set -u
build=${BUILD:-build}
out=$build/planted/sandbox
mkdir -p "$out"
failed=0
found=0
make -s BUILD="$build" "$build/libeddy.a" "$build/obj/src/base/test_main.o" "$build/eddy" || exit 3
level=$("$build/eddy" doctor --json | jq -r .level)
if [ "$level" != A ]; then
    echo "ok planted sandbox: left out, since this machine offers level $level and not A"
    exit 0
fi

flags="-std=c17 -Wall -Wextra -O0 -g -D_GNU_SOURCE -Isrc"
libs=$(sed -n "s/^LDLIBS := //p" Makefile)
cc=${CC:-gcc}

# Attacks that are needed, with the honest part; to be read by everybody.
attacks=$(mktemp -d)
chmod 755 "$attacks"
trap 'rm -rf "$attacks"' EXIT
for name in 00-honest 02-thread-bomb 04a-memfd-bomb 08-sparse-file 09-stdout-flood 15-secrets 21-environment 22-network \
    23b-lists-sockets 36b-x32-calls 39-limits 50a-locks 64-fills-its-data 69-untraced-child; do
    $cc -std=c17 -O0 -D_GNU_SOURCE -Itests/hostile -o "$attacks/$name" "tests/hostile/run/$name.c" tests/hostile/hostile.c -lpthread ||
        exit 3
done
$cc $flags -c -o "$out/hostile.o" tests/hostile.c || exit 3
$cc $flags -c -o "$out/hostile_compile.o" tests/hostile_compile.c || exit 3
$cc $flags -c -o "$out/sandbox_test.o" src/cage/sandbox_test.c || exit 3

# link PROGRAM [OBJECT...]: those objects instead of the library's.
link() {
    program=$1
    shift
    extra=
    [ "$program" = sandbox_test ] && extra="$build/obj/src/base/test_main.o"
    # shellcheck disable=SC2086
    $cc -o "$out/$program" "$out/$program.o" "$@" $extra "$build/libeddy.a" -lcmocka $libs || exit 3
}

# try PROGRAM NAME: its lines
try() {
    case $1 in
    hostile) timeout 600 "$out/hostile" A tests/hostile/attacks.txt "$attacks" tests/hostile/hostile.lua "$2" ;;
    hostile_compile) timeout 600 "$out/hostile_compile" A tests/hostile/compile.txt "$attacks" "$2" ;;
    sandbox_test) timeout 600 "$out/sandbox_test" "$2" ;;
    esac
}

# expect_found BUG WHAT PROGRAM NAME FILE...
expect_found() {
    bug=$1
    what=$2
    program=$3
    name=$4
    shift 4
    objects=
    for file in "$@"; do
        $cc $flags "-DPLANT_SANDBOX=$bug" -c -o "$out/$file.o" "src/cage/$file.c" || exit 3
        objects="$objects $out/$file.o"
    done
    # shellcheck disable=SC2086
    link "$program" $objects
    try "$program" "$name" >"$out/log" 2>&1
    if grep -q '^FAIL \|FAILED' "$out/log"; then
        found=$((found + 1))
    else
        echo "FAIL planted sandbox $bug: $what was not found by $program $name"
        tail -n 3 "$out/log"
        failed=1
    fi
}

for program in hostile hostile_compile sandbox_test; do # without a bug they pass
    link $program
done
for name in 00 02 04a 08 09 15 21 22 23b 36b 39 50a 64 69; do
    try hostile $name
done >"$out/log" 2>&1
try hostile_compile 46 >>"$out/log" 2>&1
try sandbox_test each_wall_stands >>"$out/log" 2>&1
if grep -q '^FAIL \|FAILED' "$out/log"; then
    grep '^FAIL \|FAILED' "$out/log"
    exit 3
fi

expect_found 1 "no seccomp" hostile 22-network sandbox_filter
expect_found 2 "no pid namespace" sandbox_test each_wall_stands sandbox_launch
expect_found 3 "no network namespace" hostile 23b-lists-sockets sandbox_launch
expect_found 4 "no private root" hostile 15-secrets sandbox_root sandbox_landlock sandbox_run
expect_found 5 "a writable root" sandbox_test each_wall_stands sandbox_root sandbox_landlock
expect_found 6 "memory without limit" hostile 04a-memfd-bomb sandbox_cgroup sandbox_launch sandbox_watch
expect_found 7 "tasks without limit" hostile 02-thread-bomb sandbox_cgroup sandbox_launch
expect_found 8 "capabilities kept" sandbox_test each_wall_stands sandbox_launch
expect_found 9 "descriptors kept" sandbox_test each_wall_stands sandbox_run
expect_found 10 "the environment kept" hostile 21-environment spawn
expect_found 11 "processor time without limit" sandbox_test limits_end_it_and_are_named sandbox_launch sandbox_watch
expect_found 12 "output without limit" hostile 09-stdout-flood node
expect_found 13 "files without limit" hostile 08-sparse-file sandbox_launch
expect_found 14 "links are followed" hostile_compile 46-link-as-result sandbox_collect
expect_found 15 "no rlimits" hostile 39-limits sandbox_launch
expect_found 16 "cgroups stay" hostile 00-honest sandbox_cgroup
expect_found 17 "other architectures" hostile 36b-x32-calls sandbox_filter
expect_found 18 "locks" hostile 50a-locks sandbox_filter
expect_found 19 "data without limit" hostile 64-fills-its-data sandbox_disk
expect_found 20 "children that no tracer sees" hostile 69-untraced-child sandbox_filter
link hostile
try hostile 00-honest >/dev/null # sweeps what bug 16 has left
[ $failed -eq 0 ] && echo "ok planted sandbox: all $found protections that were left out were missed"
exit $failed
