/* The network of a task: cuts, links, losses, and rules for single messages. Rules must hit the
 * message that they are for and no other. */
#include "task_story.h"

#define RIGHT(body) CHECK_TEXT(stage_try(body), "")
#define WRONG(body, words) CHECK_HAS(stage_try(body), words)

/* n2 sends count messages of this type to n3, 1 ms apart; got lists the numbers as they come. */
#define STREAM                                                                                     \
    "local got, at = {}, {} w:play('n3', function(m) got[#got + 1] = m.body.i at[m.body.i] = "     \
    "w:now() end)\n"                                                                               \
    "local function stream(count, type) for i = 1, count do\n"                                     \
    "w:peer('n2'):send('n3', { type = type or 'append', i = i }) w:sleep('1ms') end w:sleep(1) "   \
    "end\n"

/* ---- rules ---- */

TEST(a_rule_drops_the_one_that_it_names)
{
    RIGHT(STREAM
          "local r = w:rule { from = 'n2', to = 'n3', type = 'append', nth = 3, drop = true }\n"
          "stream(5) w:expect('got', got, { 1, 2, 4, 5 }) w:expect('hits', r.hits, 1)\n"
          "w:expect('lost', w:sent { type = 'append' }[3].dropped, 'rule')");
    RIGHT(STREAM
          "w:rule { from = 'n3', drop = true } w:rule { to = 'n2', drop = true }\n"
          "w:rule { type = 'appendix', drop = true } stream(3) w:expect('got', got, { 1, 2, 3 })");
    RIGHT(STREAM "w:rule { where = function(m) return m.body.i % 2 == 0 end, drop = true }\n"
                 "stream(5) w:expect('got', got, { 1, 3, 5 })");
    RIGHT(STREAM
          "local r = w:rule { type = 'append', drop = true } stream(2) r:off() r:off() stream(2)\n"
          "w:expect('got', got, { 1, 2 }) w:expect('hits', r.hits, 2)");
    RIGHT(STREAM "local r = w:rule { type = 'append', drop = true, times = 2 } stream(4)\n"
                 "w:expect('got', got, { 3, 4 })");
    /* nth counts what the question leaves. */
    RIGHT(STREAM "w:rule { where = function(m) return m.body.i > 2 end, nth = 2, drop = true }\n"
                 "stream(5) w:expect('got', got, { 1, 2, 3, 5 })");
}

TEST(a_rule_reaches_clients_too)
{
    RIGHT(
        "w:rule { to = 'n0', type = 'echo', nth = 2, drop = true } local c = w:client()\n"
        "c:ask('n0', { type = 'echo' }) w:expect('lost', c:call('n0', { type = 'echo' }, 1), nil)\n"
        "c:ask('n0', { type = 'echo' })");
}

TEST(a_rule_delays)
{
    RIGHT(STREAM "w:rule { nth = 2, type = 'append', delay = '5ms' } stream(3)\n"
                 "w:expect('got', got, { 1, 3, 2 }) w:expect_near('at', at[2], 0.016, 1e-9)");
    RIGHT(STREAM "w:rule { type = 'append', delay = function(m) return m.body.i == 1 and '7ms' or "
                 "nil end }\n"
                 "stream(2) w:expect_near('at', at[1], 0.017, 1e-9) w:expect_near('at', at[2], "
                 "0.011, 1e-9)");
}

TEST(a_rule_doubles)
{
    RIGHT(STREAM
          "w:rule { nth = 2, duplicate = 2 } stream(3) w:expect('got', got, { 1, 2, 2, 2, 3 })");
    RIGHT(STREAM
          "w:rule { nth = 1, duplicate = '50ms' } stream(2) w:expect('got', got, { 1, 2, 1 })\n"
          "w:expect_near('at', at[1], 0.06, 1e-9)");
    RIGHT(STREAM
          "w:rule { nth = 1, duplicate = function() return { '5ms', '9ms' } end } stream(2)\n"
          "w:expect('got', got, { 1, 2, 1, 1 })");
    WRONG(STREAM "w:rule { duplicate = 500 } stream(1)", "a message has at most");
}

TEST(a_rule_tampers)
{
    RIGHT("w:rule { type = 'echo', nth = 2, body = function(b) b.echo = 'tampered' return b end }\n"
          "local c = w:client() w:expect('1', c:ask('n0', { type = 'echo', echo = 1 }).echo, 1)\n"
          "w:expect('2', c:ask('n0', { type = 'echo', echo = 2 }).echo, 'tampered')\n"
          "w:expect('3', c:ask('n0', { type = 'echo', echo = 3 }).echo, 3)\n"
          "w:expect('no more of them', w:count { type = 'echo' }, 3)");
    RIGHT(STREAM "w:rule { nth = 1, body = { type = 'append', i = 9 } } stream(2) w:expect('got', "
                 "got, { 9, 2 })\n"
                 "w:expect_near('at', at[9], 0.01, 1e-9)");
}

TEST(two_messages_change_places)
{
    RIGHT(STREAM "local r = w:rule { type = 'append', swap = true, nth = 2 } stream(5)\n"
                 "w:expect('got', got, { 1, 3, 2, 4, 5 }) w:expect('hits', r.hits, 2)");
    RIGHT(STREAM
          "w:rule { type = 'append', swap = true } stream(4) w:expect('got', got, { 2, 1, 4, 3 })");
    RIGHT(
        STREAM
        "local r = w:rule { type = 'append', swap = true, nth = 3 } stream(3)\n"
        "w:expect('held', got, { 1, 2 }) r:off() w:sleep(1) w:expect('let go', got, { 1, 2, 3 })");
    /* One that is held for ever is no leak and no fault. */
    RIGHT(STREAM
          "w:rule { type = 'append', swap = true, nth = 1 } stream(1) w:expect('got', got, {})");
}

TEST(a_rule_sets_something_off)
{
    struct stage s = {.seed = 1};

    stage_play(
        &s,
        "run = function(w) w:rule { type = 'append', nth = 3, run = function(m)\n"
        "w:expect('i', m.body.i, 3) w:kill('n0') w:sleep('1ms') w:tell('done') end }\n"
        "for i = 1, 4 do w:peer('n2'):send('n3', { type = 'append', i = i }) end w:sleep(1) end");
    CHECK_TEXT(stage_said(&s), "");
    CHECK_HAS(s.told.data, "kill n0\nstep tell done\n");
    stage_close(&s);
}

TEST(rules_act_one_after_the_other)
{
    RIGHT(STREAM "w:rule { nth = 1, delay = '5ms' } w:rule { nth = 1, delay = '6ms' } stream(1)\n"
                 "w:expect_near('at', at[1], 0.021, 1e-9)");
    RIGHT(STREAM "local a = w:rule { drop = true, nth = 1 } local b = w:rule { drop = true, nth = "
                 "1 } stream(3)\n"
                 "w:expect('the second rule sees what is left', got, { 3 })");
}

TEST(wrong_uses_of_rules)
{
    WRONG("w:rule { from = 'n0' }",
          "course/task.lua:2: w:rule: it says which messages, but not what is done");
    WRONG("w:rule { form = 'n0', drop = true }", "w:rule: a rule has no `form`");
    WRONG("w:rule { from = 'n9', drop = true }", "course/task.lua:2:");
    WRONG("w:rule { nth = 0, drop = true }", "nth is a whole number from 1, not 0");
    WRONG("w:rule { type = 7, drop = true }", "w:rule: type must be a text, not 7");
    WRONG("w:rule { type = 'x', delay = 'soon' } w:client():send('n0', { type = 'x' })",
          "a time is a number of seconds");
    WRONG("w:rule { where = function(m)\nreturn m.x.y end, drop = true } w:client():send('n0', { "
          "type = 'x' })",
          "course/task.lua:3: attempt to index");
}

/* ---- cuts ---- */

TEST(partitions_and_cuts)
{
    RIGHT("local p, q = w:peer('n2'), w:peer('n3')\n"
          "w:partition { { 'n0', 'n2' }, { 'n1' } } p:ask('n0', { type = 'echo' }, '20ms')\n"
          "w:expect('cut', p:call('n1', { type = 'echo' }, '1s'), nil)\n"
          "w:expect('in no group', q:call('n1', { type = 'echo' }, '1s').type, 'echo_ok')\n"
          "w:partition { 'n0', 'n2' } w:expect('a new one', p:call('n0', { type = 'echo' }, '1s'), "
          "nil)\n"
          "p:ask('n1', { type = 'echo' }, '20ms') w:heal() p:ask('n0', { type = 'echo' }, '20ms')");
    RIGHT("local p = w:peer('n2') w:cut('n0', 'n2')\n"
          "w:expect('one way', p:call('n0', { type = 'echo' }, '1s'), nil)\n"
          "w:expect('arrived', w:sent { type = 'echo' }[1].received_at, 0.01)\n"
          "w:expect('lost', w:sent { type = 'echo_ok' }[1].dropped, 'partition')");
    WRONG("w:partition { { 'n0' }, { 'n0' } }",
          "course/task.lua:2: w:partition: n0 is in two groups");
    WRONG("w:partition { { 'n0' } }", "at least two groups");
    WRONG("w:partition { { 'n0' }, { 'x' } }", "w:partition: there is no member \"x\"");
    WRONG("w:cut('n0', 'x')", "w:cut: there is no member \"x\"");
}

TEST(faults_are_told_from_start_to_end)
{
    struct stage s = {.seed = 1};

    stage_play(&s, "run = function(w) w:partition { { 'n0' }, { 'n1', 'n2' } } w:heal() "
                   "w:loss(0.5) w:loss(0)\n"
                   "w:slow(3) end");
    CHECK_TEXT(stage_said(&s), "");
    CHECK_HAS(s.told.data, "fault partition start n0 | n1 n2\nfault partition stop n0 | n1 n2\n"
                           "fault loss start 50 % of messages\nfault loss stop 50 % of messages\n"
                           "fault slow start latency times 3\n");
    stage_close(&s);
}

/* ---- links ---- */

TEST(links_of_their_own)
{
    RIGHT(STREAM "w:link('n2', 'n3', { latency = '25ms' }) stream(1) w:expect_near('at', at[1], "
                 "0.025, 1e-9)\n"
                 "w:link('n2', 'n3') local t = w:now() stream(1) w:expect_near('at', at[1] - t, "
                 "0.01, 1e-9)");
    RIGHT(STREAM "w:link('n3', 'n2', { latency = '25ms' }) stream(1) w:expect_near('at', at[1], "
                 "0.01, 1e-9)");
    RIGHT(STREAM "w:link('n2', 'n3', { loss = 1 }) stream(3) w:expect('got', got, {})");
    RIGHT(
        STREAM
        "w:link('n2', 'n3', { loss = 0.5 }) stream(400) w:expect_between('half', #got, 150, 250)");
    WRONG("w:link('n2', 'x', {})", "w:link: there is no member \"x\"");
    WRONG("w:link('n2', 'n3', { lag = 1 })", "a link has latency and loss, but no lag");
    WRONG("w:link('n2', 'n3', { loss = 2 })", "a probability is between 0 and 1, not 2");
}

TEST(faults_of_all_links)
{
    RIGHT(STREAM "w:loss(1) stream(2) w:expect('got', got, {}) w:loss(0) stream(1) w:expect('got', "
                 "got, { 1 })");
    RIGHT(STREAM "w:duplicate(1) stream(2) w:expect('got', got, { 1, 1, 2, 2 })");
    RIGHT(STREAM "w:slow(3) stream(1) w:expect_near('at', at[1], 0.03, 1e-9)");
    RIGHT(STREAM "w:reorder(1, '50ms') stream(50) local late = 0 for i = 2, #got do\n"
                 "if got[i] < got[i - 1] then late = late + 1 end end "
                 "w:expect_at_least('overtaken', late, 5)");
    WRONG("w:loss(2)", "course/task.lua:2: w:loss: a probability is between 0 and 1, not 2");
    WRONG("w:slow(0)", "w:slow: a factor above 0");
}

TEST(faults_of_workloads_for_a_while)
{
    struct stage s = {.seed = 1};

    stage_play(&s, "run = function(w) w:nemesis { 'kill', 'pause', during = '20s', every = '2s' }\n"
                   "w:expect('now', w:now() >= 20, true) end");
    CHECK_TEXT(stage_said(&s), "");
    CHECK_HAS(s.told.data, "fault kill start");
    CHECK_HAS(s.told.data, "fault pause stop");
    CHECK(strstr(s.told.data, "kill n2") == NULL && strstr(s.told.data, "kill n3") == NULL);
    stage_close(&s);
    WRONG("w:nemesis { 'flood', during = 1 }", "w:nemesis: there is no fault \"flood\"");
    WRONG("w:nemesis { during = 1 }", "which faults?");
}
