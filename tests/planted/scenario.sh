#!/bin/sh
# Builds the tests of the scenario language with each planted bug (a changed line of Lua, or
# PLANT_SCRIPT=n in the sources) and expects that the named test fails; without one all must pass.
# Use: tests/planted/scenario.sh   (from the root of the repository, after make; CC is honoured)
set -eu

CC=${CC:-gcc}
build=$(realpath "${BUILD:-build}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
libs=$(sed -n 's/^LDLIBS := //p' Makefile)
[ -f "$build/libeddy.a" ] || make -s BUILD="$build" all
flags="-std=c17 -D_GNU_SOURCE -O1 -I/usr/include/lua5.4"

compile() { # SOURCE OUTPUT [FLAG]
    # shellcheck disable=SC2086
    $CC $flags ${3:-} -c -o "$2" "$1"
}
compile src/base/test_main.c "$work/main.o"
for t in step member rule load task observe script; do
    compile "src/script/${t}_test.c" "$work/${t}_test.o"
done

# link TEST OBJECT...: an object given by name goes before the one of the same name in the archive.
link() {
    test=$1
    shift
    $CC -o "$work/test" "$work/${test}_test.o" "$work/main.o" "$@" "$build/libeddy.a" -lcmocka $libs
}

# verdict WHAT NAME: the test program must fail in the test called NAME.
verdict() {
    if "$work/test" >"$work/log" 2>&1; then
        echo "FAIL planted scenario: not found: $1"
        failures=1
    elif grep -q "FAILED.*$2" "$work/log"; then
        echo "ok planted scenario: $1"
    else
        echo "FAIL planted scenario: $1: something else failed: $(grep FAILED "$work/log" | head -n 3 | tr '\n' ' ')"
        failures=1
    fi
}

# lua WHAT FILE SED TEST NAME: that line of src/script/FILE.lua is another one.
lua() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree/src/script" "$work/tree/workloads"
    cp src/script/*.lua "$work/tree/src/script/"
    cp workloads/*.lua "$work/tree/workloads/"
    sed "$3" "src/script/$2.lua" >"$work/tree/src/script/$2.lua"
    if cmp -s "src/script/$2.lua" "$work/tree/src/script/$2.lua"; then
        echo "FAIL planted scenario: $1: the line to be changed is not there"
        failures=1
        return
    fi
    (cd "$work/tree" && sh "$OLDPWD/src/base/embed.sh" src/script/*.lua workloads/*.lua) >"$work/embedded.c"
    compile "$work/embedded.c" "$work/embedded.o" -Isrc/base
    link "$4" "$work/embedded.o"
    verdict "$1" "$5"
}

# c WHAT FILE PLANT TEST NAME: src/script/FILE.c with PLANT_SCRIPT=PLANT.
c() {
    compile "src/script/$2.c" "$work/planted.o" "-DPLANT_SCRIPT=$3"
    link "$4" "$work/planted.o"
    verdict "$1" "$5"
}

for t in step member rule load task observe script; do
    link "$t"
    if ! "$work/test" >"$work/log" 2>&1; then
        echo "FAIL planted scenario: $t fails without a planted bug: $(grep FAILED "$work/log" | tr '\n' ' ')"
        failures=1
    fi
done

lua "expect never fails" step 's/if same(seen, wanted) then return seen end/if true then return seen end/' \
    step expect_compares_as_json
lua "expect takes any list for any other of its length" step 's/if not same(a\[i\], b\[i\]) then return false end//' \
    step expect_compares_as_json
lua "a member too many is not seen" step 's/if a\[k\] == nil then return false end//' step expect_compares_as_json
lua "expect_near forgets the lower bound" step 's/(low == nil or seen >= low) and//' step expect_near_and_between
lua "expect_between takes what is no number" step 's/= type(seen) == "number" and (low/= type(seen) ~= "number" or (low/' \
    step expect_near_and_between
lua "await returns early" step 's/            if last then break end/            do return true end/' \
    step await_does_not_return_early_or_late
lua "await does not hear events" step 's/if asks < ASKS_MAX and not last then sys.await_event(next_ns)/if false then sys.await_event(next_ns)/' \
    step await_gives_what_it_waited_for
lua "await asks without end in one instant" step 's/EVERY_MIN_NS, EVERY_PARTS, ASKS_MAX = MS, 5000, 16/EVERY_MIN_NS, EVERY_PARTS, ASKS_MAX = MS, 5000, 300/' \
    step time_goes_on_while_awaiting_by_calls
lua "a failed step is passed over" step 's/    sys.fail(f.what.*/    do return end/' step the_first_failure_ends_the_story
lua "ask takes any answer" client 's/if reply ~= nil and reply.type == wanted then/if reply ~= nil then/' \
    member ask_wants_the_right_type_in_time
lua "refused takes any error" client 's/ and env.same(reply.code, code) then/ then/' member refused_wants_the_code
lua "an answer goes to the newest call" client 's/if call.reply == nil then found = call end//' member ids_set_by_hand_and_equal_ids
lua "an answer is kept once only" client 's/    call.replies\[#call.replies + 1\] = m/    call.replies[1] = m/' \
    member calls_in_flight_are_seen_from_outside
lua "a peer that waits holds up the others" client 's/sys.spawn(play, member, m)/member.state.busy = (member.state.busy or 0) + 1 if member.state.busy == 1 then sys.spawn(play, member, m) end/' \
    member peers_answer_as_they_are_played
lua "a rule drops the one after that which it names" net 's/if r.nth and rule.matched ~= r.nth/if r.nth and rule.matched ~= r.nth + 1/' \
    rule a_rule_drops_the_one_that_it_names
lua "a rule does not ask" net 's/if r.where and not r.where(m) then return false end//' rule a_rule_drops_the_one_that_it_names
lua "a swap holds every message" net 's/rule.waiting = not rule.waiting/rule.waiting = true/' rule two_messages_change_places
lua "a cut goes both ways" net 's/sys.cut(member(self, a, "w:cut"), member(self, b, "w:cut"), true)/sys.cut(a, b, true) sys.cut(b, a, true)/' \
    rule partitions_and_cuts
lua "a model is asked nothing" model 's/if not env.same(seen, wanted) then/if false then/' load a_model_is_compared_step_by_step
lua "a subset is the first operations" model 's/asked\[#asked + 1\] = place + 1/asked[#asked + 1] = #asked + 1/' \
    load a_subset_asks_the_same_operations
lua "rivals hear each other" rivals 's/sys.cut(pair\[1\], pair\[2\], true)//' script witnesses_forget
lua "rivals die as well" rivals 's/if witness == node then return node end/if true then return node end/' script witnesses_forget
lua "any answer is news" faults 's/sys.await_news(move.answers, move.nth,/sys.await_news(move.answers, 1,/' script \
    who_says_something_new_is_cut_off
c "a rule for one receiver is for all" rule 1 rule a_rule_drops_the_one_that_it_names
c "a message that was held is forgotten" rule 2 rule two_messages_change_places
c "bytes are not counted" observe 3 observe counts_are_those_of_a_recount
c "a copy that is lost undoes one that arrived" observe 4 observe one_copy_that_arrives_is_an_arrival
c "a failure belongs to the first step" step 5 step the_first_failure_ends_the_story

exit $failures
