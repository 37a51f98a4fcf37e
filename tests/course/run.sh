#!/bin/sh
# run.sh [--quick] [NAME...] - the course as authors and learners use it: whole commands on a small track.
# Prints "ok NAME" or "FAIL NAME: why". NAME picks cases whose name contains it; --quick leaves out the languages
# but C and Python. EDDY (build/eddy) is the program under test.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$(pwd)
EDDY=$(realpath "${EDDY:-build/eddy}")
[ -x "$EDDY" ] || make -s all || exit 1
out=$(mktemp -d)
watcher=
trap '[ -z "$watcher" ] || kill -TERM "$watcher" 2>/dev/null; rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
failed=0
quick=
[ "${1:-}" = --quick ] && quick=1 && shift
patterns=$*
export EDDY_STATE="$out/state" EDDY_HOME="$out/home"
unset NO_COLOR

wanted() { # NAME
    [ -n "$patterns" ] || return 0
    for pattern in $patterns; do
        case "$1" in *"$pattern"*) return 0 ;; esac
    done
    return 1
}

fail() { # NAME WHY
    echo "FAIL $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c 1-900)"
    failed=1
}

# is NAME STATUS TEXT: the last command's exit status, and a text that its output has.
is() {
    if [ "$status" -ne "$2" ]; then
        fail "$1" "expected exit status $2, saw $status: $(cat "$out/log")"
    elif ! grep -qF -- "$3" "$out/log"; then
        fail "$1" "expected \"$3\" in: $(cat "$out/log")"
    else
        return 0
    fi
    return 1
}

run() { # COMMAND...: its output is in $out/log, its exit status in $status
    timeout 3000 "$@" >"$out/log" 2>&1 </dev/null
    status=$?
}

# A home with the tiny track; DIR defaults to $EDDY_HOME.
make_home() {
    rm -rf "$EDDY_HOME"
    mkdir -p "$EDDY_HOME/course"
    cp -r tests/course/tracks/01-tiny "$EDDY_HOME/course"
    ln -s "$top/kits" "$EDDY_HOME/kits"
    ln -s "$top/docs" "$EDDY_HOME/docs"
}

# ---- authors ----

sound_track() {
    make_home
    run "$EDDY" course check --seeds 3 --json
    if is course-sound 0 '"valid?": true'; then
        caught=$(jq -c '[.tasks[] | [.["seeds-passed"], .["mistakes-caught"], .mistakes]]' "$out/log")
        if [ "$caught" = '[[3,2,2],[3,3,3]]' ]; then
            echo "ok course-sound"
        else
            fail course-sound "unexpected table: $caught"
        fi
    fi
}

broken_tracks() {
    sed 's/ *| */|/g' tests/course/broken.txt >"$out/broken"
    while IFS='|' read -r name task file program text; do
        case "$name" in '' | '#'*) continue ;; esac
        wanted "course-$name" || continue
        make_home
        path=$EDDY_HOME/course/01-tiny/$file
        if [ "$program" = - ]; then
            rm "$path"
        else
            cp "$path" "$out/before"
            sed -i -E "$program" "$path"
            cmp -s "$path" "$out/before" && fail "course-$name" "the sed program changes nothing" && continue
        fi
        few="--seeds 2"
        case "$name" in pages-*) few=--pages ;; esac
        run "$EDDY" course check "tiny/$task" $few
        is "course-$name" 1 "$text" && echo "ok course-$name"
    done <"$out/broken"
}

odd_requests() {
    make_home
    run "$EDDY" course check nothing
    is course-no-such-track 3 'there is no track "nothing"; there are: 01-tiny' && echo "ok course-no-such-track"
    run "$EDDY" course check tiny/7
    is course-no-such-task 3 'there is no task "7"; there are: 01-echo, 02-sum' && echo "ok course-no-such-task"
    run "$EDDY" course check --seeds 0
    is course-odd-seeds 3 'is not a whole number from 1 to 1000' && echo "ok course-odd-seeds"
    run env EDDY_HOME=/nonexistent "$EDDY" course list
    is course-no-home 3 'there is no folder course in it' && echo "ok course-no-home"
}

# ---- bad programs ----

# Nothing of a learner's folder may still run.
none_left() { # NAME DIR
    left=
    for process in /proc/[0-9]*; do
        if [ "$(readlink "$process/cwd" 2>/dev/null | cut -c "1-${#2}")" = "$2" ] &&
            ! grep -q '^State:.*zombie' "$process/status" 2>/dev/null; then
            left="$left $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)"
        fi
    done
    [ -z "$left" ] && return 0
    fail "$1" "still running:$left"
    return 1
}

bad_programs() {
    make_home
    run "$EDDY" learn start tiny --lang python "$out/bad"
    cp tests/course/bad/answers.py "$out/bad"
    sed 's/ *| */|/' tests/course/bad/cases.txt >"$out/cases"
    while IFS='|' read -r name text; do
        case "$name" in '' | '#'*) continue ;; esac
        wanted "bad-$name" || continue
        cp "tests/course/bad/$name.py" "$out/bad/main.py"
        code=1
        [ "$name" = right ] && code=0
        # What the shell has set must not change a verdict: unflushed.py would pass with it.
        run env -C "$out/bad" PYTHONUNBUFFERED=1 "$EDDY" learn check 1 --seeds 1
        is "bad-$name" "$code" "$text" && none_left "bad-$name" "$out/bad" && echo "ok bad-$name"
    done <"$out/cases"
}

# ---- a learner ----

# What solves task 2, by language: a sed program for the starter's main file is too fine a thing, so each is whole.
learner() { # LANGUAGE MAIN
    name=learner-$1
    dir=$out/learn-$1
    wanted "$name" || return 0
    make_home
    rm -rf "$EDDY_STATE"
    run "$EDDY" learn start tiny --lang "$1" "$dir"
    is "$name" 0 'eddy learn check' || return 0
    run env -C "$dir" "$EDDY" learn check
    is "$name" 0 'Next: task 2, sum' || return 0
    run env -C "$dir" "$EDDY" learn task
    is "$name" 0 'A node that keeps a total' || return 0
    grep -q 'lives as long as the process' "$out/log" && fail "$name" "the task shows its hints" && return 0
    run env -C "$dir" "$EDDY" learn check
    is "$name" 1 'the total grows by each amount' || return 0
    is "$name" 1 'eddy learn check sum --seed 0 --seeds 1' || return 0
    for hint in 'Where does a node keep' 'lives as long as' 'then reply with it' 'then reply with it'; do
        run env -C "$dir/kit" "$EDDY" learn hint
        is "$name" 0 "$hint" || return 0
    done
    run env -C "$dir" "$EDDY" learn solution
    is "$name" 3 'it asks before it shows anything' || return 0
    run env -C "$dir" "$EDDY" learn solution --yes --copy inside
    is "$name" 3 'lies in this folder' || return 0
    [ ! -e "$dir/inside" ] || fail "$name" "a refused copy left a folder"
    rm -rf "$out/solution"
    run env -C "$dir" "$EDDY" learn solution --yes --copy ../solution
    is "$name" 0 'The solution is in' || return 0
    [ -s "$out/solution/tiny.c" ] && [ -s "$out/solution/kit/node.c" ] || fail "$name" "the copy is not whole"
    cp "tests/course/solved/$2" "$dir/$2"
    run env -C "$dir" "$EDDY" learn check
    is "$name" 0 'All 2 are passed: well done' || return 0
    run env -C "$dir" "$EDDY" learn check --all --json
    is "$name" 0 '"passed": true' || return 0
    [ "$(jq -r '[.tasks[].task] | join(" ")' "$out/log")" = "echo sum" ] || fail "$name" "--all graded something else"
    run env -C "$dir" "$EDDY" learn status
    is "$name" 0 '3 checks, 3 hints' || return 0
    is "$name" 0 'Both of them  2 of 2 passed' || return 0
    run "$EDDY" learn
    is "$name" 0 '2 tasks, all passed' || return 0
    run env -C "$dir" "$EDDY" learn check
    is "$name" 3 'all tasks of tiny are passed' || return 0
    echo "ok $name"
}

# A program that does not build is told in the compiler's words, with the file's name.
not_built() { # LANGUAGE MAIN
    name=not-built-$1
    wanted "$name" || return 0
    make_home
    dir=$out/broken-$1
    run "$EDDY" learn start tiny --lang "$1" "$dir"
    is "$name" 0 'eddy learn check' || return 0
    printf '\n)) this is no program ((\n' >>"$dir/$2"
    run env -C "$dir" "$EDDY" learn check
    is "$name" 1 'The program does not build' || return 0
    is "$name" 1 "$2" || return 0
    grep -q "$dir/" "$out/log" && fail "$name" "paths are not shortened: $(cat "$out/log")" && return 0
    echo "ok $name"
}

# until FILE TEXT: waits until the file has the text; ten minutes end a hang.
until_has() {
    tries=0
    until grep -qF -- "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 6000 ] || return 1
        sleep 0.1
    done
}

watching() {
    wanted watch || return 0
    make_home
    dir=$out/watched
    run "$EDDY" learn start tiny --lang python "$dir"
    (cd "$dir" && exec "$EDDY" learn watch) >"$out/watch" 2>&1 </dev/null &
    watcher=$!
    if ! until_has "$out/watch" 'watching; Ctrl-C ends' || ! grep -q 'Next: task 2' "$out/watch"; then
        fail watch "the first check: $(cat "$out/watch")"
    else
        : >"$out/watch"
        echo 'not a source' >"$dir/notes.txt"
        cp tests/course/bad/syntax.py "$dir/new.py" && mv "$dir/new.py" "$dir/main.py"
        # A check may begin between the two commands; the one after it sees the broken file.
        if ! until_has "$out/watch" 'does not build'; then
            fail watch "after a save that breaks the build: $(cat "$out/watch")"
        else
            cp tests/course/solved/main.py "$dir/main.py"
            if ! until_has "$out/watch" 'well done'; then
                fail watch "after a good save: $(cat "$out/watch")"
            else
                wait "$watcher"
                status=$?
                watcher=
                [ "$status" -eq 0 ] && echo "ok watch" || fail watch "exit status $status"
            fi
        fi
    fi
    [ -z "$watcher" ] || kill -TERM "$watcher"
    watcher=
}

# Ctrl-C ends a check, and leaves nothing behind.
interrupted() {
    wanted ctrl-c || return 0
    make_home
    dir=$out/interrupted
    run "$EDDY" learn start tiny --lang python "$dir"
    cp tests/course/bad/answers.py "$dir"
    cp tests/course/bad/spin.py "$dir/main.py"
    (cd "$dir" && exec "$EDDY" learn check --seeds 1) >"$out/log" 2>&1 </dev/null &
    watcher=$!
    until_has "$out/log" 'built in'
    tries=0
    until [ -n "$(find "$dir/eddy-report" -name 'run-0' 2>/dev/null)" ] || [ "$tries" -gt 6000 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    kill -TERM "$watcher"
    wait "$watcher"
    status=$?
    watcher=
    if is ctrl-c 2 'stopped by a signal' && none_left ctrl-c "$dir"; then
        if [ -n "$(find "$dir/eddy-report" -name '.runs-*')" ]; then
            fail ctrl-c "folders of runs are left"
        else
            echo "ok ctrl-c"
        fi
    fi
}

# Two checks in one folder wait for each other; a folder may be called as it likes.
at_once() {
    make_home
    dir="$out/Übung \$1 \`x\` \"'q"
    run "$EDDY" learn start tiny --lang python "$dir"
    is learn-at-once 0 'eddy learn check' || return 0
    (cd "$dir" && exec "$EDDY" learn check 1 --seeds 1) >"$out/other" 2>&1 </dev/null &
    other=$!
    run env -C "$dir" "$EDDY" learn check 1 --seeds 1
    wait "$other" || fail learn-at-once "the other check: $(cat "$out/other")"
    is learn-at-once 0 'Passed, on 1 seed' && grep -q 'Passed, on 1 seed' "$out/other" &&
        is learn-at-once 0 '/%C3%9Cbung%20%241%20%60x%60%20%22%27q/eddy-report/' && echo "ok learn-at-once"
}

odd_learners() {
    make_home
    run env -C "$out" "$EDDY" learn check
    is learn-no-folder 3 'this is no folder of the course' && echo "ok learn-no-folder"
    run "$EDDY" learn start tiny --lang cobol "$out/cobol"
    is learn-no-language 3 'there is no language "cobol"; there are' && echo "ok learn-no-language"
    run "$EDDY" learn start tiny --lang python "$out/twice"
    run "$EDDY" learn start tiny --lang python "$out/twice"
    is learn-twice 3 'is there already' && echo "ok learn-twice"
    run env -C "$out/twice" "$EDDY" learn check 9
    is learn-no-task 3 'there is no task "9"' && echo "ok learn-no-task"
    run env -C "$out/twice" "$EDDY" learn next
    is learn-next 0 'Task 2, sum' && echo "ok learn-next"
    run env -C "$out/twice" "$EDDY" learn next
    is learn-next-end 0 'There is no task behind the last one' && echo "ok learn-next-end"
    run env -C "$out/twice" "$EDDY" learn next 1
    is learn-next-back 0 'Task 1, echo' && echo "ok learn-next-back"
    run env -C "$out" "$EDDY" learn start tiny ''
    is learn-nameless 3 'the folder needs a name' && echo "ok learn-nameless"
    run env -C "$out" -u EDDY_STATE -u XDG_DATA_HOME HOME= "$EDDY" learn
    is learn-homeless 3 'set EDDY_STATE to a folder' && echo "ok learn-homeless"
    run env EDDY_STATE=/proc/none "$EDDY" learn
    is learn-no-state 4 'EDDY_STATE may name another folder' && echo "ok learn-no-state"
    cp "$out/twice/.eddy" "$out/eddy.good"
    for damage in 's/.*//|does not say track' 's/python/cobol/|.eddy: there is no language' \
        's/tiny/huge/|.eddy: there is no track' 's/task: .*/task: 50/|it says task 50, and the last of tiny is 2'; do
        sed "${damage%|*}" "$out/eddy.good" >"$out/twice/.eddy"
        run env -C "$out/twice" "$EDDY" learn check
        is learn-damaged 3 "${damage##*|}" || break
    done && echo "ok learn-damaged"
    head -c 9000 /dev/zero >"$out/twice/.eddy"
    run env -C "$out/twice" "$EDDY" learn status
    is learn-long-state 3 'does not say track' && echo "ok learn-long-state"
    cp "$out/eddy.good" "$out/twice/.eddy"
    rm "$out/twice/main.py"
    run env -C "$out/twice" "$EDDY" learn check
    is learn-no-main 1 'there is no main.py in this folder' && echo "ok learn-no-main"
    mkdir -p "$out/newer"
    run env EDDY_STATE="$out/newer" "$EDDY" learn
    printf '\377\377\377' | dd of="$out/newer/progress.db" bs=1 seek=61 conv=notrunc 2>/dev/null
    run env EDDY_STATE="$out/newer" "$EDDY" learn
    is learn-newer-database 3 'was changed by a newer eddy' && echo "ok learn-newer-database"
    run "$EDDY" learn sing
    is learn-no-subcommand 3 'there is no subcommand "sing"' && echo "ok learn-no-subcommand"
}

# Terminals and disks as people have them.
odd_places() {
    make_home
    dir=$out/odd-place
    run "$EDDY" learn start tiny --lang python "$dir"
    run env -C "$dir" sh -c '"$1" learn status >/dev/full' - "$EDDY"
    is place-full-output 4 'cannot write to the standard output' && echo "ok place-full-output"
    run env -C "$dir" sh -c '"$1" learn check 1 --seeds 1 <&- >&-' - "$EDDY"
    is place-closed-output 4 'cannot write to the standard output' && echo "ok place-closed-output"
    if command -v script >/dev/null 2>&1; then
        run env -C "$dir" TERM=dumb script -qec "'$EDDY' learn check 1 --seeds 1" /dev/null
        if is place-dumb-terminal 0 'Passed, on 1 seed'; then
            grep -q "$(printf '\033')" "$out/log" && fail place-dumb-terminal "escape sequences: $(cat -v "$out/log")" ||
                echo "ok place-dumb-terminal"
        fi
    fi
    as=
    [ "$(id -u)" -ne 0 ] || as="setpriv --reuid 65534 --clear-groups"
    mkdir -p "$out/others" && chmod 755 "$out" && chmod 777 "$out/others" && chmod -R a+rX "$dir" "$EDDY_HOME" && chmod a-w "$dir"
    if $as test -x "$EDDY" && $as test -r "$EDDY_HOME/kits/languages.txt" && $as test -r "$dir/.eddy"; then
        run $as env -C "$dir" EDDY_STATE="$out/others" "$EDDY" learn check
        is place-read-only 4 'where the program is built and reports are kept: Permission denied' && echo "ok place-read-only"
    fi
    chmod u+w "$dir"
}

# Tracks of the course that are written, with few seeds; `make course` takes 20.
written_tracks() {
    for track in course/[0-9][0-9]-*/; do
        name=track-$(basename "$track")
        wanted "$name" || continue
        run env -u EDDY_HOME "$EDDY" course check "$(basename "$track")" --seeds 3 ${quick:+--pages}
        is "$name" 0 '0 faults' && echo "ok $name"
    done
}

wanted course-sound && sound_track
broken_tracks
wanted course-odd && odd_requests
bad_programs
learner c main.c
learner python main.py
not_built c main.c
not_built python main.py
if [ -z "$quick" ]; then
    not_built cpp main.cpp
    not_built go main.go
    not_built java Main.java
    not_built javascript main.js
    not_built rust main.rs
fi
watching
interrupted
wanted learn-at-once && at_once
wanted learn-odd && odd_learners
wanted places && odd_places
written_tracks
exit $failed
