#!/bin/sh
# odd.sh --list | NAME - cases of run.sh that no row can say. Each is a function case_NAME that runs
# in its own folder $dir, calls fail on the first thing that is not as it must be, and returns.
set -u

name=$1
if [ "$name" = --list ]; then
    sed -n 's/^case_\([a-z0-9_]*\)().*/\1/p' "$0"
    exit 0
fi
dir=$OUT/$name
mark=$(basename "$OUT")-$name
mkdir -p "$dir"

fail() {
    printf 'FAIL %s: %s\n' "$name" "$(printf '%s' "$1" | tr '\n' ' ' | cut -c 1-700)"
    exit 1
}

# eddy OPTION...: `eddy test`, to its end; status, said. Its processes carry the mark.
eddy() {
    env EDDY_TEST_MARK="$mark" timeout -k 5 900 "$EDDY" test --store "$dir/store" "$@" \
        >"$dir/out" 2>"$dir/err"
    status=$?
    said=$(cat "$dir/out" "$dir/err")
    return 0
}

# begin OPTION...: the same in the background, once the first request is answered; pid.
# (A shell without job control starts background processes deaf to Ctrl-C, hence env.)
begin() {
    env --default-signal=INT EDDY_TEST_MARK="$mark" "$EDDY" test --store "$dir/store" --log-net-recv "$@" \
        >"$dir/out" 2>"$dir/err" &
    pid=$!
    until_true 600 grep -q '"echo_ok"' "$dir/err" || fail "no node answered: $(tail -n 3 "$dir/err")"
}

# until_true SECONDS COMMAND...: true as soon as the command is.
until_true() {
    tries=$(($1 * 20))
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}

marked() { grep -l -a -e "EDDY_TEST_MARK=$mark" /proc/[0-9]*/environ 2>/dev/null; }
none_marked() { [ -z "$(marked)" ]; }
ended() { ! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"; }

expect_status() { [ "$status" -eq "$1" ] || fail "expected exit status $1, saw $status: $said"; }
expect_text() { printf '%s\n' "$said" | grep -qE -e "$1" || fail "expected to read \"$1\", saw: $said"; }
expect_result() { # JQ_CONDITION [RESULTS]
    file=${2:-$dir/store/latest/results.json}
    jq -e "$1" "$file" >/dev/null 2>&1 || fail "not true of $file: $1"
}

# A node in plain shell: answers init and echo. N1_DOES: what n1 does after init.
shell_node() { # FILE
    cat >"$1" <<'NODE'
#!/bin/sh
number() { printf '%s' "$line" | sed "s/.*\"$1\":\([0-9]*\).*/\1/"; }
text() { printf '%s' "$line" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
read -r line
me=$(text node_id)
printf '{"src":"%s","dest":"%s","body":{"type":"init_ok","in_reply_to":%s}}\n' "$me" "$(text src)" "$(number msg_id)"
[ "$me" != n1 ] || [ -z "${N1_DOES:-}" ] || eval "$N1_DOES"
while read -r line; do
    printf '{"src":"%s","dest":"%s","body":{"type":"echo_ok","in_reply_to":%s,"echo":"%s"}}\n' \
        "$me" "$(text src)" "$(number msg_id)" "$(text echo)"
done
NODE
    chmod +x "$1"
}

# ---- what cannot be done is refused, and why

case_bad_options_are_refused_with_a_sentence() {
    grep -v '^#' tests/engine/options.txt >"$dir/options"
    while IFS= read -r row; do
        options=$(printf '%s' "${row%%|*}" | sed "s#ECHO#$NODES/echo#g")
        text=$(printf '%s' "${row#*|}" | sed 's/^ *//')
        # shellcheck disable=SC2086
        eddy $options </dev/null
        [ "$status" -eq 3 ] && printf '%s\n' "$said" | grep -qE -e "^eddy test: .*$text" ||
            fail "eddy test $options: expected status 3 and \"$text\", saw $status: $said"
    done <"$dir/options" || exit 1
}

case_a_script_whose_interpreter_is_missing() {
    printf '#!/no/such/interpreter\n' >"$dir/node"
    chmod +x "$dir/node"
    eddy -w echo --bin "$dir/node" --node-count 1 --time-limit 1
    expect_status 3
    expect_text "$dir/node.*(interpreter|No such file)"
}

# As execvp(3) and the JVM do; some languages' tools rely on such a first line.
case_a_text_without_a_first_line_is_read_by_the_shell() {
    printf '///usr/bin/env "%s" "$@"; exit $?\npublic class Echo {}\n' "$NODES/echo" >"$dir/Echo.java"
    chmod +x "$dir/Echo.java"
    eddy -w echo --bin "$dir/Echo.java" right --node-count 2 --time-limit 1
    expect_status 0
    eddy -w echo --bin "$dir/Echo.java" changed-text --node-count 1 --time-limit 1
    expect_status 1
    printf 'import sys\nprint("hello")\n' >"$dir/node.py"
    chmod +x "$dir/node.py"
    eddy -w echo --bin "$dir/node.py" --node-count 1 --time-limit 1
    expect_status 1
    expect_text "$dir/node.py has no #! line, so /bin/sh reads it; .*python3"
}

case_a_broken_scenario_is_named_with_its_line() {
    printf -- '-- a comment\nreturn workload {\n' >"$dir/half.lua"
    eddy -w "$dir/half.lua" --bin "$NODES/echo" --node-count 1
    expect_status 3
    expect_text "half.lua:[23]:"
    printf 'return workload { name = "x", summary = "y", requests = {}, check = { "echo" },\n
        op = function(w)\n return w.nothing.here\n end, invoke = function() end }\n' >"$dir/fails.lua"
    eddy -w "$dir/fails.lua" --bin "$NODES/echo" --node-count 1 --time-limit 1
    expect_status 3
    expect_text "fails.lua:4:.*nothing"
}

case_a_store_that_cannot_be_written() {
    [ "$(id -u)" -ne 0 ] || command -v setpriv >/dev/null || return 0
    mkdir -p "$dir/store"
    chmod 555 "$dir/store"
    chmod 711 "$OUT"
    # Root may write everywhere; as somebody else it shows.
    as=
    [ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
    said=$($as "$EDDY" test -w echo --bin "$NODES/echo" --node-count 1 --time-limit 1 --store "$dir/store" 2>&1)
    status=$?
    expect_status 4
    expect_text "eddy test: .*$dir/store.*(Permission denied|Read-only)"
}

case_a_full_disk() {
    mkdir -p "$dir/small"
    mount -t tmpfs -o size=128k none "$dir/small" 2>/dev/null || return 0 # not allowed to mount here
    env EDDY_TEST_MARK="$mark" timeout -k 5 900 "$EDDY" test -w echo --bin "$NODES/echo" --node-count 1 \
        --time-limit 4 --rate 2000 --store "$dir/small" >"$dir/out" 2>"$dir/err"
    status=$?
    said=$(cat "$dir/out" "$dir/err")
    umount "$dir/small"
    expect_status 4
    expect_text "No space left on device"
}

# ---- stopping

case_ctrl_c_ends_the_run_and_keeps_its_results() {
    begin -w echo --bin "$NODES/breaker" grandchild-session --node-count 3 --time-limit 100000
    [ "$(marked | wc -l)" -ge 6 ] || fail "3 nodes and 3 grandchildren should run, saw: $(marked)"
    kill -INT "$pid"
    until_true 60 ended "$pid" || fail "it does not stop"
    wait "$pid"
    status=$?
    said=$(cat "$dir/out" && tail -n 3 "$dir/err")
    expect_status 2
    expect_text "the run was stopped before its end"
    expect_result '."valid?" == "unknown" and .run.stopped and .stats."ok-count" > 0'
    none_marked || fail "processes are left: $(marked)"
}

case_a_run_that_was_stopped_is_not_blamed_for_what_it_lacks() {
    begin -w echo --bin "$NODES/breaker" late-reply --node-count 1 --time-limit 100000 --availability total
    until_true 600 grep -q '"msg_id":50,' "$dir/err" || fail "the 50th request never came"
    kill -TERM "$pid"
    wait "$pid"
    status=$?
    said=$(cat "$dir/out")
    expect_status 2
    expect_text "the run was stopped before its end"
    expect_result '.availability."ok-fraction" < 1 and .availability."valid?" == "unknown"'
}

case_terminate_ends_the_run_as_ctrl_c_does() {
    begin -w echo --bin "$NODES/echo" --node-count 2 --time-limit 100000
    kill -TERM "$pid"
    wait "$pid"
    status=$?
    said=$(cat "$dir/out")
    expect_status 2
    expect_result '.run.stopped'
    none_marked || fail "processes are left: $(marked)"
}

case_nothing_survives_when_eddy_itself_is_killed() {
    begin -w echo --bin "$NODES/breaker" grandchild-session --node-count 3 --time-limit 100000
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    until_true 600 none_marked || fail "processes are left: $(marked)"
    [ -s "$dir/store/latest/journal.jsonl.zst" ] || true # what was written until then may be short
}

case_a_crash_ends_the_run_at_once() {
    eddy -w echo --bin "$NODES/breaker" crash-later --node-count 3 --time-limit 50 --rate 100
    expect_status 1
    expect_result '(.run."end-ns" < 10e9) and (.sentence | test("signal 11"))'
    for file in history.jsonl journal.jsonl.zst messages.svg timeline.html node-logs/n0.log; do
        [ -s "$dir/store/latest/$file" ] || fail "expected $file beside the results"
    done
}

case_a_grandchild_that_holds_stdout_does_not_hold_up_the_end() {
    eddy -w echo --bin "$NODES/breaker" grandchild-session --node-count 2 --time-limit 2
    expect_status 0
    expect_result '.run.cost."wall-ns" < 60e9'
    none_marked || fail "processes are left: $(marked)"
}

# ---- the network

# Times of delivery of what goes between nodes, as "src dest sent_ns received_ns" lines.
hops() {
    zstdcat "$dir/store/latest/journal.jsonl.zst" | jq -r -n '
        reduce inputs as $l ({}; if $l.e == "send" then .[$l.id | tostring] = $l
            elif $l.e == "recv" then .[$l.id | tostring].at //= $l.t else . end)
        | .[] | select(.src and .at and (.src | test("^n")) and (.dest | test("^n")))
        | "\(.src) \(.dest) \(.t) \(.at)"'
}

case_latency_of_microseconds_is_kept() {
    eddy -w broadcast --bin "$NODES/broadcast" right --node-count 3 --time-limit 1 --rate 50 --recovery 2 --latency 250us
    expect_status 0
    hops >"$dir/hops"
    [ "$(wc -l <"$dir/hops")" -gt 20 ] || fail "too few messages between nodes: $(wc -l <"$dir/hops")"
    odd=$(awk '$4 - $3 != 250000' "$dir/hops" | head -n 1)
    [ -z "$odd" ] || fail "a message took another time than 250 us: $odd"
}

case_a_slow_message_does_not_hold_up_those_behind_it() {
    eddy -w broadcast --bin "$NODES/broadcast" right --node-count 3 --time-limit 2 --rate 200 --recovery 2 \
        --latency 40 --latency-dist exponential
    expect_status 0
    hops | sort -k1,1 -k2,2 -k3,3n >"$dir/hops"
    overtaken=$(awk '$1 == s && $2 == d && $4 < at { n++ } { s = $1; d = $2; at = $4 } END { print n + 0 }' "$dir/hops")
    [ "$overtaken" -gt 10 ] || fail "only $overtaken of $(wc -l <"$dir/hops") messages overtook another"
}

case_messages_of_one_latency_keep_their_order() {
    eddy -w broadcast --bin "$NODES/broadcast" right --node-count 3 --time-limit 1 --rate 200 --recovery 2 --latency 40
    expect_status 0
    hops | sort -s -k1,1 -k2,2 -k3,3n >"$dir/hops"
    overtaken=$(awk '$1 == s && $2 == d && $4 < at { n++ } { s = $1; d = $2; at = $4 } END { print n + 0 }' "$dir/hops")
    [ "$overtaken" -eq 0 ] || fail "$overtaken messages overtook another"
}

case_a_node_that_does_not_read_blocks_nobody_else() {
    shell_node "$dir/node"
    N1_DOES='while :; do sleep 1000; done'
    export N1_DOES
    eddy -w echo --bin "$dir/node" --node-count 3 --concurrency 3n --time-limit 3 --rate 30
    expect_status 0
    expect_result '.stats."info-count" >= 1 and .stats."ok-count" >= 20'
    for node in n0 n2; do
        grep -q "\"type\":\"ok\".*\"$node\"" "$dir/store/latest/history.jsonl" || fail "$node answered nothing"
    done
    none_marked || fail "processes are left: $(marked)"
}

case_an_answer_without_in_reply_to_is_noted() {
    shell_node "$dir/node"
    N1_DOES='while read -r line; do printf "{\"src\":\"n1\",\"dest\":\"%s\",\"body\":{\"type\":\"echo_ok\",\"echo\":\"%s\"}}\n" "$(text src)" "$(text echo)"; done'
    export N1_DOES
    eddy -w echo --bin "$dir/node" --node-count 3 --time-limit 2 --rate 30
    expect_result '.run.notes | map(test("n1 sent c[0-9]+ a message without \"in_reply_to\"")) | any'
}

# ---- places and names

case_two_runs_at_once_in_one_store() {
    for i in 1 2; do
        env EDDY_TEST_MARK="$mark" timeout 900 "$EDDY" test -w echo --bin "$NODES/echo" --node-count 2 --time-limit 2 \
            --store "$dir/store" >"$dir/out$i" 2>&1 &
        eval "pid$i=$!"
    done
    # shellcheck disable=SC2154
    wait "$pid1" || fail "the first: $(cat "$dir/out1")"
    # shellcheck disable=SC2154
    wait "$pid2" || fail "the second: $(cat "$dir/out2")"
    runs=$(find "$dir/store/echo" -mindepth 2 -name results.json | wc -l)
    [ "$runs" -eq 2 ] || fail "expected the results of 2 runs, saw $runs"
    expect_result '."valid?"'
    expect_result '."valid?"' "$dir/store/echo/latest/results.json"
    expect_result '."valid?"' "$dir/store/current/results.json"
}

case_paths_with_blanks_and_words_that_begin_with_a_dash() {
    mkdir -p "$dir/my programs"
    printf '#!/bin/sh\nprintf "%%s\\n" "$@" >&2\nexec "%s"\n' "$NODES/echo" >"$dir/my programs/my node"
    chmod +x "$dir/my programs/my node"
    eddy -w echo --time-limit 1 --node-count 1 --store "$dir/my store" --bin "$dir/my programs/my node" \
        first -- --second 'third word'
    expect_status 0
    expect_result '."valid?"' "$dir/my store/latest/results.json"
    printf '%s\n' first --second 'third word' | cmp -s - "$dir/my store/latest/node-logs/n0.log" ||
        fail "the program's arguments: $(cat "$dir/my store/latest/node-logs/n0.log")"
}

case_a_program_of_the_search_path() {
    command -v python3 >/dev/null || return 0
    eddy -w echo --time-limit 1 --node-count 1 --bin python3 tests/nodes/python/echo.py
    expect_status 0
}

case_nodes_have_the_names_they_are_given() {
    eddy -w broadcast --bin "$NODES/broadcast" right --nodes "alpha, beta-2,gamma.3" --time-limit 1 --recovery 2 --rate 50
    expect_status 0
    expect_result '.run.nodes == ["alpha", "beta-2", "gamma.3"]'
    grep -q '"node":"beta-2"' "$dir/store/latest/history.jsonl" || fail "no operation at beta-2"
}

case_the_result_for_programs_is_the_file_of_results() {
    eddy -w echo --bin "$NODES/echo" --node-count 1 --time-limit 1 --json
    expect_status 0
    jq -S . "$dir/out" >"$dir/printed" 2>/dev/null || fail "not JSON: $said"
    jq -S . "$dir/store/latest/results.json" | cmp -s - "$dir/printed" || fail "--json and results.json differ"
}

# Scripts around Maelstrom read these files by eye, grep and line number, and the last line of what is printed.
case_scripts_written_for_maelstrom_find_what_they_look_for() {
    eddy -w broadcast --bin "$NODES/broadcast" right --node-count 3 --time-limit 2 --rate 20 --seed 1
    expect_status 0
    files=$dir/store/broadcast/latest
    tail -n 1 "$files/jepsen.log" | grep -q '^Everything looks good!' || fail "the last line of jepsen.log"
    tail -n 1 "$dir/out" | grep -q '^Everything looks good!' || fail "the last line of the output: $said"
    grep -q '^ :valid? true}$' "$files/results.edn" || fail "no :valid? true} in results.edn"
    sed -n 30p "$files/results.edn" | grep -q '^ *:msgs-per-op [0-9.]*},$' || fail "line 30 of results.edn"
    grep -q ':stable-latencies {0 [0-9]*, 0.5 [0-9]*, 0.95 ' "$files/results.edn" || fail "no :stable-latencies"
    ! grep -q -e :run -e :sentence "$files/results.edn" || fail "results.edn has what Maelstrom has not"
    eddy -w echo --bin "$NODES/echo" changed-text --node-count 1 --time-limit 1 --seed 1
    expect_status 1
    tail -n 1 "$dir/out" | grep -q '^Analysis invalid!' || fail "the last line of the output: $said"
    grep -q '^ :valid? false}$' "$dir/store/latest/results.edn" || fail "no :valid? false} in results.edn"
}

case_the_same_seed_asks_the_same() {
    for i in 1 2; do
        eddy -w echo --bin "$NODES/echo" --node-count 2 --time-limit 1 --rate 50 --seed 77
        expect_status 0
        jq -r 'select(.type == "invoke") | "\(.process) \(.value)"' "$dir/store/latest/history.jsonl" >"$dir/asked$i"
    done
    # Under the real clock the last operations may differ.
    head -n 20 "$dir/asked1" | sort >"$dir/a"
    head -n 20 "$dir/asked2" | sort | cmp -s - "$dir/a" || fail "other operations with the same seed"
    expect_text "seed +77"
}

case_what_nodes_say_is_shown_on_request() {
    eddy -w echo --bin "$NODES/breaker" crash-later --node-count 1 --time-limit 3 --rate 50 --log-stderr --log-net-send
    expect_text "^n0: about to do something foolish"
    expect_text '^send n0 -> c[0-9]+ .*echo_ok'
}

command -v "case_$name" >/dev/null || fail "there is no such case"
"case_$name"
echo "ok $name"
[ -n "${KEEP:-}" ] || rm -rf "$dir"
