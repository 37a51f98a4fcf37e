/* Strands, loads with a history, random values, and operations compared with a model. */
#include "task_story.h"

#define RIGHT(body) CHECK_TEXT(stage_try(body), "")
#define WRONG(body, words) CHECK_HAS(stage_try(body), words)

/* ---- strands and time ---- */

TEST(all_waits_for_all_and_gives_what_they_gave)
{
    RIGHT("local r = w:all({ 3, 1, 2 }, function(s, place) w:sleep(s) return s * 10 + place end)\n"
          "w:expect('results', r, { 31, 12, 23 }) w:expect('now', w:now(), 3)\n"
          "w:expect('none', w:all({}, function() end), {})");
    WRONG("w:all({ 1 })", "course/task.lua:2: w:all: the second argument must be a function");
    WRONG("w:all(5, function() end)", "w:all: the list must be a table, not 5");
}

TEST(time_is_waited_for)
{
    RIGHT("w:sleep('5ms') w:expect('now', w:now(), 0.005) w:sleep(0.5) w:sleep_until(2)\n"
          "w:expect('now', w:now(), 2) w:sleep_until(1) w:expect('never back', w:now(), 2)");
    RIGHT("local at = {} local h = w:every('10ms', function(i) at[i] = w:now() end) "
          "w:sleep('35ms') h:off()\n"
          "w:sleep(1) w:expect('calls', at, { 0, 0.01, 0.02, 0.03 })");
    RIGHT("local at = {} local h = w:every('10ms', function(i) at[i] = w:now() w:sleep('25ms') "
          "end) w:sleep('60ms') h:off()\n"
          "w:expect('late ones wait', at, { 0, 0.025, 0.05 })");
    WRONG("w:sleep_until('2s')", "course/task.lua:2: w:sleep_until: a time in seconds");
    WRONG("w:every(0, function() end)", "course/task.lua:2: w:every: it cannot be every 0 s");
    WRONG("w:spawn(5)", "course/task.lua:2: w:spawn: its argument must be a function");
}

/* ---- load ---- */

TEST(a_load_works_at_its_rate_and_leaves_a_history)
{
    struct stage s = {.seed = 1};

    stage_play(
        &s,
        "run = function(w) w:step('it', function()\n"
        "local r = w:load { clients = 4, rate = 200, during = '2s', op = { f = 'echo', value = 1 "
        "},\n"
        "invoke = function(w, c, op) return c:call({ type = 'echo', echo = op.value }).echo end }\n"
        "w:expect_between('count', r.ok, 300, 500) w:expect('fail', r.fail + r.info, 0)\n"
        "w:expect('all', r.count, r.ok) w:expect('times', { r.p50, r.p99, r.max }, { 0, 0, 0 })\n"
        "w:expect_near('now', w:now(), 2, 0.05)\n"
        "w:expect('asked both', w:count { to = 'n0', type = 'echo' } > 100 and w:count { to = "
        "'n1', type = 'echo' } > 100, true)\n"
        "local more = w:load { rate = 10, during = '1s', nodes = { 'n1' }, op = function(w, i) "
        "return { f = 'later', value = i } end,\n"
        "invoke = function(w, c, op) c:call { type = 'later', ms = 30 } end }\n"
        "w:expect_near('p50', more.p50, 0.03, 0.001) end) end");
    CHECK_TEXT(stage_said(&s), "");
    CHECK(history_len(s.history) > 600);
    stage_close(&s);
}

TEST(operations_end_as_in_workloads)
{
    RIGHT("local r = w:load { rate = 20, during = '1s', op = { f = 'x' },\n"
          "invoke = function(w, c, op) c:call { type = 'wrong', code = 11 } end }\n"
          "w:expect('fail', r.ok == 0 and r.fail > 5, true)");
    RIGHT("local r = w:load { rate = 20, during = '1s', timeout = '100ms', op = { f = 'x' },\n"
          "invoke = function(w, c, op) c:call { type = 'silence' } end }\n"
          "w:expect('info', r.ok == 0 and r.info > 5, true)");
    WRONG("w:load { rate = 20, during = '1s', op = { f = 'x' }, requests = { odd = {} },\n"
          "invoke = function(w, c, op) c:call { type = 'odd' } end }",
          "the protocol wants \"odd_ok\"");
    WRONG("w:load { rate = 20, op = { f = 'x' }, invoke = function(w, c, op)\nreturn op.x.y end }",
          "course/task.lua:3: attempt to index");
}

TEST(wrong_uses_of_load)
{
    WRONG("w:load { rate = 5, op = { f = 'x' } }",
          "course/task.lua:2: w:load: invoke must be a function");
    WRONG("w:load { rate = 5, invoke = function() end }", "w:load: `op` is missing");
    WRONG("w:load { op = {}, invoke = function() end }", "rate is a number of operations a second");
    WRONG("w:load { speed = 5 }", "w:load: there is no `speed`");
    WRONG("w:load { rate = 5, clients = 0, op = {}, invoke = function() end }",
          "clients is a whole number");
}

/* ---- random values ---- */

TEST(random_values_are_in_their_bounds)
{
    RIGHT(
        "local list, seen = { 'a', 'b', 'c' }, {} for _ = 1, 100 do seen[w:pick(list)] = true end\n"
        "w:expect('all picked', seen, { a = true, b = true, c = true })\n"
        "local s = w:shuffle(list) table.sort(s) w:expect('same elements', s, list)\n"
        "for _ = 1, 200 do w:expect_between('r', w:random(3, 5), 3, 5)\n"
        "w:expect_between('i', any.integer { min = -2, max = 2 }, -2, 2)\n"
        "w:expect_between('big', any.integer(), -(2^53 - 1), 2^53 - 1)\n"
        "w:expect_between('len', utf8.len(any.string { min = 2, max = 4 }), 2, 4)\n"
        "w:expect('alphabet', any.string { alphabet = 'ab' }:find('[^ab]'), nil) end");
    WRONG("w:pick {}", "course/task.lua:2: w:pick: a list that is not empty");
    WRONG("any.integer { min = 5, max = 1 }",
          "course/task.lua:2: any: the bounds 5 to 1 make no range");
}

TEST(random_json_goes_there_and_back)
{
    RIGHT("local c, kinds = w:client(), {} for i = 1, 300 do local v = any.json { depth = 6 }\n"
          "w:expect('the same', c:ask('n0', { type = 'echo', echo = v }).echo, v) "
          "kinds[math.type(v) or type(v)] = true end\n"
          "for _, k in ipairs { 'integer', 'float', 'string', 'table', 'boolean', 'userdata' } do "
          "w:expect(k, kinds[k], true) end");
    RIGHT("local function depth(v) local d = 0 if type(v) ~= 'table' then return 0 end\n"
          "for _, x in pairs(v) do d = math.max(d, depth(x)) end return d + 1 end\n"
          "local deepest = 0 for _ = 1, 300 do deepest = math.max(deepest, depth(any.json { depth "
          "= 3 })) end\n"
          "w:expect('depth', deepest, 3)");
    RIGHT("local astral, control, quote = false, false, false for _ = 1, 300 do local s = "
          "any.string()\n"
          "astral = astral or s:find('\\xf0') control = control or s:find('%z') quote = quote or "
          "s:find('\"') end\n"
          "w:expect('all kinds', astral and control and quote and true, true)");
}

/* ---- models ---- */

#define MODEL(wrong)                                                                               \
    "local total, asked = 0, {} local w2 = w:model { steps = 50, state = { total = 0 },\n"         \
    "draw = function(state, random) return { add = random(1, 9) } end,\n"                          \
    "expect = function(state, op) state.total = state.total + op.add return state.total end,\n"    \
    "ask = function(op) total = total + op.add asked[#asked + 1] = op.add " wrong                  \
    " return total end }\n"

TEST(a_model_is_compared_step_by_step)
{
    RIGHT(MODEL("") "w:expect('asked', #asked, 50) w:expect('state', w2.total, total)");
    WRONG(MODEL("if #asked == 7 then total = total + 1 end"), "it: operation 7 of 50: {\"add\":");
    RIGHT("local n = 0 w:model { draw = function(s) if n < 5 then n = n + 1 return { n = n } end "
          "end,\n"
          "expect = function(s, op) return op.n end, ask = function(op) return op.n end }");
}

static void play_model(struct stage *s, const char *wrong)
{
    struct buf fields = {0};

    buf_addf(
        &fields,
        "run = function(w) w:step('it', function()\nw:model { draw = function() return { } end,\n"
        "steps = 3, expect = function() end, ask = function() end }\n%s\n"
        "w:tell(json_text(asked)) end) end",
        wrong);
    stage_play(s, fields.data);
    buf_release(&fields);
}

TEST(a_subset_asks_the_same_operations)
{
    struct stage all = {.seed = 3};
    struct stage some = {.seed = 3};
    const struct script_failure *f;
    json_t *first, *second;
    const char *told;

    play_model(&all, MODEL(""));
    CHECK_TEXT(stage_said(&all), "");
    told = strstr(all.told.data, "step tell ") + strlen("step tell ");
    first = json_loads(told, JSON_DISABLE_EOF_CHECK, NULL);
    some.options = json_pack("{s:{s:i, s:[i, i, i]}}", "model", "call", 2, "keep", 4, 17, 40);
    play_model(&some, MODEL(""));
    CHECK_TEXT(stage_said(&some), "");
    told = strstr(some.told.data, "step tell ") + strlen("step tell ");
    second = json_loads(told, JSON_DISABLE_EOF_CHECK, NULL);
    CHECK_INT(json_array_size(first), 50);
    CHECK_INT(json_array_size(second), 3);
    CHECK(json_equal(json_array_get(first, 4), json_array_get(second, 0)));
    CHECK(json_equal(json_array_get(first, 17), json_array_get(second, 1)));
    CHECK(json_equal(json_array_get(first, 40), json_array_get(second, 2)));
    stage_close(&all);
    stage_close(&some);
    json_decref(first);
    json_decref(second);

    all = (struct stage){
        .seed = 3,
        .options = json_pack("{s:{s:i, s:[i, i, i]}}", "model", "call", 2, "keep", 4, 17, 40)};
    play_model(&all, MODEL("if #asked == 2 then total = 0 end"));
    f = script_failure(all.script);
    CHECK(f != NULL);
    first = json_object_get(f->evidence, "model");
    CHECK_INT(json_integer_value(json_object_get(first, "call")), 2);
    CHECK_INT(json_array_size(json_object_get(first, "asked")), 2);
    CHECK_INT(json_integer_value(json_array_get(json_object_get(first, "asked"), 1)), 17);
    stage_close(&all);
}

TEST(wrong_uses_of_models)
{
    WRONG("w:model { steps = 5 }",
          "course/task.lua:2: w:model: draw must be a function, not nothing");
    WRONG("w:model { step = 5 }", "w:model: there is no `step`");
    WRONG("w:model { draw = pairs, expect = pairs, ask = pairs, steps = 0 }",
          "steps is a whole number from 1");
}
