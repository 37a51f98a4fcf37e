/* Steps, expecting, awaiting, failing, checking, telling; and what authors get wrong with them. */
#include "task_story.h"

#define RIGHT(body) CHECK_TEXT(stage_try(body), "")
#define WRONG(body, words) CHECK_HAS(stage_try(body), words)

/* ---- steps ---- */

TEST(steps_are_listed_with_their_times)
{
    struct stage s = {.seed = 1};
    const struct script_step *steps;
    uint32_t count;

    stage_play(&s, "run = function(w)\n"
                   "w:step('first', function() w:sleep('5ms') end)\n"
                   "w:step('second', function() end) end");
    CHECK_TEXT(stage_said(&s), "");
    CHECK(script_is_task(s.script));
    CHECK_TEXT(script_name(s.script), "task");
    steps = script_steps(s.script, &count);
    CHECK_INT(count, 3);
    CHECK_TEXT(steps[0].name, "the nodes start");
    CHECK_TEXT(steps[1].name, "first");
    CHECK(steps[1].passed && !steps[1].failed && steps[1].from_ns == 0 &&
          steps[1].to_ns == 5000000);
    CHECK(steps[2].passed && steps[2].from_ns == 5000000);
    CHECK_HAS(s.told.data, "step begin first\nstep passed first\nstep begin second\n");
    stage_close(&s);
}

TEST(the_first_failure_ends_the_story)
{
    struct stage s = {.seed = 1};
    const struct script_failure *f;
    uint32_t count;

    stage_play(&s,
               "run = function(w)\n"
               "w:step('first', function() w:spawn(function() w:sleep(2) w:expect('b', 1, 2) end)\n"
               "w:sleep(1) w:expect('a', 1, 2) error('on') end)\n"
               "w:step('second', function() end) end");
    f = script_failure(s.script);
    CHECK(f != NULL);
    CHECK_TEXT(stage_said(&s), "first: a: expected 2, saw 1");
    CHECK_INT(f->at_ns, 1000000000);
    CHECK(script_steps(s.script, &count)[1].failed && count == 2);
    stage_close(&s);
}

TEST(a_failure_in_any_strand_belongs_to_the_open_step)
{
    WRONG("w:spawn(function() w:sleep('1ms') w:expect('inner', 1, 2) end) w:sleep(1)",
          "it: inner: expected 2, saw 1");
    WRONG("w:all({ 1, 2, 3 }, function(i) w:sleep(i) w:expect('i', i < 3, true) end)",
          "it: i: expected true, saw false");
    WRONG("w:play('n2', function(m) w:expect('x', m.body.x, 1) end)\n"
          "w:client():send('n2', { type = 'a', x = 2 }) w:sleep(1)",
          "it: x: expected 1, saw 2");
    /* Where no strand can wait. */
    WRONG("w:sent { where = function() w:expect('x', 1, 2) end }", "it: x: expected 2, saw 1");
    WRONG("table.sort({ 3, 2, 1 }, function() w:fail('in a comparison') end)",
          "it: in a comparison");
    /* An author's pcall does not catch it. */
    WRONG("pcall(function() w:expect('x', 1, 2) end) error('went on')", "it: x: expected 2, saw 1");
}

TEST(a_failure_outside_of_steps_is_the_storys)
{
    struct stage s = {.seed = 1};

    stage_play(&s, "run = function(w) w:expect('x', 1, 2) end");
    CHECK_TEXT(stage_said(&s), "the story: x: expected 2, saw 1");
    stage_close(&s);
}

TEST(wrong_uses_of_steps)
{
    WRONG("w:step('inner', function() end)",
          "course/task.lua:2: w:step \"inner\" inside of \"it\"");
    WRONG("w.step_name = nil w:step(7, function() end)",
          "w:step: the name must be a string, not 7");
    WRONG("w.step_name = nil w:step('x')", "w:step: the second argument must be a function");
}

TEST(the_limit_ends_a_story_that_hangs)
{
    struct stage s = {.seed = 1};

    stage_play(&s,
               "limit = '7s', run = function(w) w:step('wait', function() w:sleep('1h') end) end");
    CHECK_TEXT(
        stage_said(&s),
        "wait: the story ends in time: expected the whole story within 7s of virtual time, saw "
        "\"wait\" was still at work");
    CHECK_INT(world_now(s.world), 7000000000);
    stage_close(&s);
}

TEST(a_broken_promise_is_what_the_open_step_saw)
{
    struct stage s = {.seed = 1};
    const struct script_failure *f;

    stage_play(&s,
               "run = function(w) w:step('it', function() w:client():ask('n0', { type = 'echo' })\n"
               "w:blame('n0', 'n0 did what must not be') end) end");
    f = script_failure(s.script);
    CHECK_HAS(stage_said(&s), "it: n0 keeps its promises: expected the node runs until");
    CHECK_HAS(stage_said(&s), "saw n0 did what must not be");
    CHECK_TEXT(f->node, "n0");
    CHECK_INT(f->trail_len, 4); /* init, init_ok, echo, echo_ok */
    stage_close(&s);
}

TEST(a_node_that_does_not_answer_init_fails_the_start)
{
    struct stage s = {.seed = 1, .mute_init = true};

    stage_play(&s, "run = function(w) end");
    CHECK_HAS(stage_said(&s), "the nodes start: n0 keeps its promises");
    CHECK_HAS(stage_said(&s), "did not answer init within 10 s");
    stage_close(&s);
}

/* ---- expect ---- */

TEST(expect_compares_as_json)
{
    RIGHT("w:expect('n', 1, 1.0) w:expect('n', 1e3, 1000) w:expect('s', 'a', 'a')");
    RIGHT("w:expect('t', { a = { 1, 2 }, b = null }, { b = null, a = array { 1, 2 } })");
    RIGHT("w:expect('e', array {}, {}) w:expect('e', {}, {}) w:expect('nil', nil, nil)");
    RIGHT("if w:expect('gives', 5, 5) ~= 5 then error('no') end");
    WRONG("w:expect('n', 1, 2)", "it: n: expected 2, saw 1");
    WRONG("w:expect('n', '1', 1)", "it: n: expected 1, saw \"1\"");
    WRONG("w:expect('n', nil, null)", "it: n: expected null, saw nothing");
    WRONG("w:expect('n', null, nil)", "it: n: expected nothing, saw null");
    WRONG("w:expect('n', false, nil)", "it: n: expected nothing, saw false");
    WRONG("w:expect('l', { 1, 2 }, { 1, 2, 3 })", "it: l: expected [1,2,3], saw [1,2]");
    WRONG("w:expect('l', { 1, 2, 3 }, { 1, 2 })", "it: l: expected [1,2], saw [1,2,3]");
    WRONG("w:expect('l', { 2, 1 }, { 1, 2 })", "it: l: expected [1,2], saw [2,1]");
    WRONG("w:expect('o', { a = 1, b = 2 }, { a = 1 })", "it: o: expected {\"a\":1}");
    WRONG("w:expect('o', { a = 1 }, { a = 1, b = 2 })", "saw {\"a\":1}");
    WRONG("w:expect('e', { a = 1 }, {})", "saw {\"a\":1}");
    WRONG("w:expect('e', array {}, { a = 1 })", "saw []");
    WRONG("w:expect('e', {}, array {})", "expected [], saw {}");
    WRONG("w:expect(7, 7)", "course/task.lua:2: w:expect: it begins with a text");
}

TEST(large_values_are_told_by_where_they_differ)
{
    WRONG("local a, b = {}, {} for i = 1, 500 do a[i], b[i] = i, i end b[300] = { x = 1 }\n"
          "a[300] = { x = 2 } w:expect('list', { deep = a }, { deep = b })",
          "at .deep[299].x: 2");
    WRONG("w:expect('text', ('a'):rep(5000) .. 'b', ('a'):rep(5001))",
          "5001 bytes of text, different from byte 5001 on");
    WRONG("w:expect('missing', { text = ('a'):rep(500) }, { text = ('a'):rep(500), more = 1 })",
          "at .more: nothing");
}

TEST(expect_near_and_between)
{
    RIGHT(
        "w:expect_near('t', 10, 9, 1) w:expect_near('t', 8, 9, 1) w:expect_between('t', 5, 5, 6)\n"
        "w:expect_between('t', 5, nil, 5) w:expect_between('t', 5, 5) w:expect_at_most('t', 3, 3)\n"
        "w:expect_at_least('t', 3, 3)");
    WRONG("w:expect_near('t', 10.001, 9, 1)", "it: t: expected 9, give or take 1, saw 10.001");
    WRONG("w:expect_near('t', 7.9, 9, 1)", "saw 7.9");
    WRONG("w:expect_near('t', nil, 9, 1)", "saw nothing");
    WRONG("w:expect_near('t', '9', 9, 1)", "saw \"9\"");
    WRONG("w:expect_between('t', 4, 5, 6)", "it: t: expected between 5 and 6, saw 4");
    WRONG("w:expect_between('t', 7, 5, 6)", "saw 7");
    WRONG("w:expect_at_most('t', 4, 3)", "it: t: expected at most 3, saw 4");
    WRONG("w:expect_at_least('t', 2, 3)", "it: t: expected at least 3, saw 2");
    WRONG("w:expect_between('t', 0 / 0, 5, 6)", "expected between 5 and 6");
    WRONG("w:expect_between('t', 4)", "course/task.lua:2: w:expect_between: at least one bound");
    WRONG("w:expect_near('t', 4, 'x', 1)", "w:expect_near: \"x\" is no number");
}

TEST(fail_in_general_and_in_a_sentence)
{
    WRONG("w:fail('no leader')", "it: no leader");
    WRONG("w:fail { what = 'w', expected = { 1 }, seen = 2, node = 'n1' }",
          "it: w: expected [1], saw 2");
    WRONG("w:fail(7)", "course/task.lua:2: w:fail: its argument must be a table");
}

/* ---- which messages led there ---- */

static uint32_t trail_of(const char *body, json_t *list)
{
    struct stage s = {.seed = 1};
    struct buf fields = {0};
    uint32_t len;

    buf_addf(&fields, "run = function(w) w:step('it', function()\n%s\nend) end", body);
    stage_play(&s, fields.data);
    CHECK(script_failure(s.script) != NULL);
    if (script_failure(s.script) == NULL)
        printf("%s\n", stage_said(&s));
    script_trail_json(s.script, list);
    len = (uint32_t)json_array_size(list);
    stage_close(&s);
    buf_release(&fields);
    return len;
}

TEST(a_failed_expectation_names_the_call_before_it)
{
    json_t *list = json_array();
    const json_t *m;

    CHECK_INT(trail_of("local c = w:client() c:ask('n1', { type = 'echo', echo = 1 })\n"
                       "w:expect('x', c:ask('n0', { type = 'echo', echo = 2 }).echo, 3)",
                       list),
              2);
    m = json_array_get(list, 0);
    CHECK_TEXT(json_string_value(json_object_get(m, "to")), "n0");
    CHECK_TEXT(json_string_value(json_object_get(m, "type")), "echo");
    CHECK_INT(json_integer_value(json_object_get(json_object_get(m, "body"), "echo")), 2);
    CHECK_INT(json_integer_value(json_object_get(m, "received-ns")), 0);
    CHECK_TEXT(json_string_value(json_object_get(json_array_get(list, 1), "type")), "echo_ok");
    json_decref(list);
}

TEST(what_the_node_did_meanwhile_is_in_the_trail_up_to_a_bound)
{
    json_t *list = json_array();

    CHECK_INT(
        trail_of("local c, other = w:client(), w:client()\n"
                 "w:spawn(function() for i = 1, 30 do w:sleep('1ms')\n"
                 "other:send('n0', { type = 'pass', to = 'n2', body = { type = 'x' } }) end end)\n"
                 "c:ask('n0', { type = 'silence' }, '1s')",
                 list),
        SCRIPT_TRAIL_MAX);
    json_array_clear(list);
    CHECK_INT(trail_of("w:client():ask('n0', { type = 'silence' }, '1s')", list), 1);
    json_decref(list);
}

TEST(what_the_author_tells_comes_first)
{
    json_t *list = json_array();

    CHECK_INT(
        trail_of(
            "local c = w:client() for i = 1, 3 do c:ask('n0', { type = 'echo', echo = i }) end\n"
            "w:expect('x', 1, 2, w:sent { type = 'echo_ok' })",
            list),
        3);
    json_array_clear(list);
    CHECK_INT(trail_of("w:client():ask('n0', { type = 'echo' }) w:expect('x', 1, 2, 'n1')", list),
              2);
    json_array_clear(list);
    CHECK_INT(trail_of("local c = w:client() local a = c:begin('n0', { type = 'echo' })\n"
                       "c:ask('n1', { type = 'echo' }) w:fail { what = 'x', messages = { a } }",
                       list),
              2);
    json_decref(list);
    WRONG("w:expect('x', 1, 2, 7)", "course/task.lua:2: what is told about must be a message");
}

TEST(a_lost_message_says_why_and_a_long_one_is_cut)
{
    json_t *list = json_array();
    const json_t *m;

    trail_of("w:rule { type = 'echo', drop = true }\n"
             "w:client():ask('n0', { type = 'echo', echo = ('x'):rep(5000) }, 1)",
             list);
    m = json_array_get(list, 0);
    CHECK_TEXT(json_string_value(json_object_get(m, "dropped")), "rule");
    CHECK(json_object_get(m, "received-ns") == NULL);
    CHECK_INT(json_string_length(json_object_get(m, "body")), 1000);
    json_decref(list);
}

/* ---- await ---- */

TEST(await_gives_what_it_waited_for)
{
    RIGHT("local at = w:now() local v = w:await('later', '2s', function()\n"
          "return w:now() > 0.5 and 'yes' end) w:expect('v', v, 'yes')\n"
          "w:expect_near('when', w:now(), 0.5, 0.002)");
    RIGHT("w:expect('at once', w:await('now', '1s', function() return 7 end), 7)\n"
          "w:expect('when', w:now(), 0)");
    /* An event asks at its very instant, whatever `every` is. */
    RIGHT("local c = w:client() c:send('n0', { type = 'later', ms = 123, msg_id = 1 })\n"
          "w:await('the answer', '10s', function() return w:count { type = 'later_ok' } == 1 end, "
          "'5s')\n"
          "w:expect('when', w:now(), 0.123)");
}

TEST(await_does_not_return_early_or_late)
{
    WRONG("w:await('never', '2s', function() return false end)",
          "it: never: expected so within 2 s, saw not so after 2 s");
    WRONG("w:await('never', '2s', function() return nil, 'no leader yet' end)",
          "saw no leader yet");
    WRONG("w:await('never', '2s', function() return w:now() > 2.0001 end)", "saw not so after 2 s");
    RIGHT("w:await('at the end', '2s', function() return w:now() >= 2 end, '5s')\n"
          "w:expect('when', w:now(), 2)");
}

/* Asking sends messages, and each is an event: strands that ask wake each other. */
TEST(time_goes_on_while_awaiting_by_calls)
{
    WRONG("local asked = 0 w:all({ 1, 2, 3, 4, 5 }, function() local c = w:client()\n"
          "w:await('an answer of 1', '50ms', function() asked = asked + 1\n"
          "if asked > 6000 then error('too often') end\n"
          "return c:ask('n0', { type = 'echo', echo = 0 }).echo == 1, 'no' end) end)",
          "it: an answer of 1: expected so within 50 ms, saw no");
}

/* It has asked a thousand times when the event comes, and the story ends there. */
TEST(a_long_await_that_fails_at_last)
{
    WRONG("local c = w:client() c:send('n0', { type = 'later', ms = 2000, msg_id = 1 })\n"
          "w:await('x', '10s', function() if w:count { type = 'later_ok' } == 1 then w:fail('now') "
          "end end, '1ms')",
          "it: now");
    RIGHT("local c = w:client() c:send('n0', { type = 'later', ms = 2000, msg_id = 1 })\n"
          "w:await('x', '10s', function() return w:count { type = 'later_ok' } == 1 end, '1ms')\n"
          "w:expect('none', c:receive('1s', 'never'), nil) w:expect_near('now', w:now(), 3, 1e-6)");
}

TEST(wrong_uses_of_await)
{
    WRONG("w:await(function() end)", "course/task.lua:2: w:await: it begins with a text");
    WRONG("w:await('x', '2s')",
          "course/task.lua:2: w:await: the third argument must be a function");
    WRONG("w:await('x', 'soon', function() end)", "a time is a number of seconds or a text");
    WRONG("w:await('x', '1s', function() end, 0)", "cannot ask every 0 s");
    WRONG("w:await('x', '1s', function() return w.x.y end)", "course/task.lua:2: attempt to index");
}

/* ---- check and tell ---- */

TEST(checkers_judge_the_history_so_far)
{
    const char *load = "w:load { rate = 50, during = '1s', clients = 2,\n"
                       "op = function(w, i) return { f = 'echo', value = 'a' .. i } end,\n"
                       "invoke = function(w, c, op) return c:call({ type = 'echo', echo = op.value "
                       "}).echo %s end }\n"
                       "w:check({ is_checker = true, name = 'echo', options = {} })";
    struct buf body = {0};

    buf_addf(&body, load, "");
    RIGHT(body.data);
    buf_reset(&body);
    buf_addf(&body, load, ".. '!'");
    WRONG(body.data, "it: the history passes echo: expected Every echo that was answered");
    buf_release(&body);
    RIGHT("w:check(linearizable('cas-register')) w:check(unique_ids {})");
    WRONG("w:check('linearizable')", "course/task.lua:2: w:check: it takes a checker such as");
    WRONG("w:check(linearizable('no-such-model'))", "no-such-model");
    WRONG("w:check { is_checker = true, name = 'magic', options = {} }",
          "course/task.lua:2: there is no checker \"magic\"");
}

TEST(telling_goes_into_the_journal)
{
    struct stage s = {.seed = 1};

    stage_play(&s, "run = function(w) w:tell('leader is %s', 'n1') w:tell('100 %') end");
    CHECK_TEXT(stage_said(&s), "");
    CHECK_HAS(s.told.data, "step tell leader is n1\nstep tell 100 %\n");
    stage_close(&s);
}
