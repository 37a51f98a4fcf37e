/* Task files: what they may say, what is read of them before there is a world, parts, common.lua;
 * and the closed room that a task plays in. */
#include "task_story.h"

static struct script_plan *plan_of(const char *source, uint64_t seed, const char *common)
{
    struct script_plan_config config = {
        "course/task.lua", str_of(source), {common, common != NULL ? strlen(common) : 0}, seed};
    struct script_plan *plan = NULL;
    struct err err = {.text = ""};

    CHECK_INT(script_plan(&config, &plan, &err), 0);
    CHECK_TEXT(err.text, "");
    return plan;
}

/* Why there is none. */
static const char *no_plan(const char *source)
{
    static struct err err;
    struct script_plan_config config = {"course/task.lua", str_of(source), {NULL, 0}, 1};
    struct script_plan *plan = NULL;

    err.text[0] = '\0';
    CHECK_INT(script_plan(&config, &plan, &err), ERR_INPUT);
    CHECK(plan == NULL);
    return err.text;
}

#define RUN "run = function() end "

/* ---- plans ---- */

TEST(a_plan_without_a_word_is_one_node_without_delay)
{
    struct script_plan *p = plan_of("return task { " RUN "}", 1, NULL);

    CHECK_INT(p->part_count, 1);
    CHECK_INT(p->seeds, 3);
    CHECK_TEXT(p->parts[0].name, "");
    CHECK_INT(p->parts[0].name_count, 1);
    CHECK_INT(p->parts[0].process_count, 1);
    CHECK_TEXT(p->parts[0].names[0], "n0");
    CHECK_INT(p->parts[0].latency_ns, 0);
    CHECK_INT(p->parts[0].limit_ns, 300000000000);
    script_plan_free(p);
}

TEST(a_plan_says_nodes_peers_latency_limit_and_seeds)
{
    struct script_plan *p = plan_of(
        "return task { nodes = 3, peers = 2, latency = { mean = '10ms', dist = 'uniform' },\n"
        "limit = '2min', seeds = 7, " RUN "}",
        1, NULL);
    const struct script_part *part = &p->parts[0];

    CHECK_INT(p->seeds, 7);
    CHECK(part->name_count == 5 && part->process_count == 3);
    CHECK_TEXT(part->names[2], "n2");
    CHECK_TEXT(part->names[4], "n4");
    CHECK(part->latency_ns == 10000000 && part->latency_dist == LATENCY_UNIFORM);
    CHECK_INT(part->limit_ns, 120000000000);
    script_plan_free(p);
    p = plan_of(
        "return task { nodes = { 'n7', 'eu-west-3' }, peers = { 'vault' }, latency = '5ms', " RUN
        "}",
        1, NULL);
    CHECK_TEXT(p->parts[0].names[1], "eu-west-3");
    CHECK_TEXT(p->parts[0].names[2], "vault");
    CHECK(p->parts[0].process_count == 2 && p->parts[0].latency_dist == LATENCY_CONSTANT);
    script_plan_free(p);
}

TEST(parts_have_names_and_clusters_of_their_own)
{
    struct script_plan *p =
        plan_of("return task { seeds = 5, part { name = 'one', nodes = 1, " RUN "},\n"
                "part { nodes = 40, " RUN "}, part { name = 'last', peers = 1, " RUN "} }",
                1, NULL);

    CHECK(p->part_count == 3 && p->seeds == 5);
    CHECK_TEXT(p->parts[0].name, "one");
    CHECK_TEXT(p->parts[1].name, "part 2");
    CHECK_INT(p->parts[1].name_count, 40);
    CHECK_TEXT(p->parts[2].names[1], "n1");
    script_plan_free(p);
}

TEST(nodes_may_be_drawn_from_the_seed)
{
    const char *source = "return task { nodes = function(random) return random(1, 50) end,\n"
                         "latency = function(random) return random(1, 9) / 1000 end, " RUN "}";
    uint32_t differ = 0;
    uint64_t seed;

    for (seed = 0; seed < 10; seed++) {
        struct script_plan *a = plan_of(source, seed, NULL);
        struct script_plan *b = plan_of(source, seed, NULL);
        struct script_plan *c = plan_of(source, seed + 1, NULL);

        CHECK_INT(a->parts[0].name_count, b->parts[0].name_count);
        CHECK_INT(a->parts[0].latency_ns, b->parts[0].latency_ns);
        CHECK(a->parts[0].name_count >= 1 && a->parts[0].name_count <= 50);
        differ += a->parts[0].name_count != c->parts[0].name_count;
        script_plan_free(a);
        script_plan_free(b);
        script_plan_free(c);
    }
    CHECK(differ >= 5);
}

TEST(broken_task_files_are_told_what_is_wrong)
{
    CHECK_HAS(no_plan("return 5"), "course/task.lua must end with `return task {...}`");
    CHECK_HAS(no_plan("return {}"), "the file must end with `return task {...}`");
    CHECK_HAS(no_plan("return task {"), "course/task.lua:1:");
    CHECK_HAS(no_plan("\nerror('x')"), "course/task.lua:2: x");
    CHECK_HAS(no_plan("return task 'x'"), "task: a table is wanted");
    CHECK_HAS(no_plan("return task {}"), "the task lacks `run`");
    CHECK_HAS(no_plan("return task { run = 5 }"),
              "the task: `run` must be a function, not a number");
    CHECK_HAS(no_plan("return task { node = 3, " RUN "}"), "the task has a field `node`");
    CHECK_HAS(no_plan("return task { nodes = 0, " RUN "}"), "there must be a node");
    CHECK_HAS(no_plan("return task { nodes = 5000, " RUN "}"), "nodes must be 0 to 1000");
    CHECK_HAS(no_plan("return task { nodes = { 'a b' }, " RUN "}"), "\"a b\" cannot be the name");
    CHECK_HAS(no_plan("return task { nodes = { 'c7' }, " RUN "}"), "\"c7\" cannot be the name");
    CHECK_HAS(no_plan("return task { nodes = { 'a', 'a' }, " RUN "}"), "the name a is taken");
    CHECK_HAS(no_plan("return task { nodes = { 'lin-kv' }, " RUN "}"), "the name lin-kv is taken");
    CHECK_HAS(no_plan("return task { nodes = { 'n1' }, peers = 1, " RUN "}"),
              "the name n1 is taken");
    CHECK_HAS(no_plan("return task { latency = 'slow', " RUN "}"), "a time is a number of seconds");
    CHECK_HAS(no_plan("return task { latency = { dist = 'odd' }, " RUN "}"),
              "dist must be constant");
    CHECK_HAS(no_plan("return task { limit = {}, " RUN "}"), "a time is a number of seconds");
    CHECK_HAS(no_plan("return task { seeds = 0, " RUN "}"), "seeds must be a whole number from 1");
    CHECK_HAS(no_plan("return task { part { " RUN "}, run = function() end }"),
              "`run` belongs into a part");
    CHECK_HAS(no_plan("return task { part { " RUN "}, {} }"), "element 2 of the task is no part");
    CHECK_HAS(no_plan("return task { part { name = 'a', " RUN "}, part { name = 'a', " RUN "} }"),
              "two parts are called \"a\"");
    CHECK_HAS(no_plan("return task { part { name = 'a' } }"), "part a lacks `run`");
    CHECK_HAS(no_plan("return task { nodes = function() error('drawn') end, " RUN "}"), "drawn");
}

/* ---- running ---- */

TEST(the_part_asked_for_is_run)
{
    static const char source[] =
        "return task { part { name = 'a', run = function(w) w:tell('first') end },\n"
        "part { name = 'b', run = function(w) w:tell('second') end } }";
    static const char *const parts[] = {NULL, "a", "b"};
    static const char *const told[] = {"tell first", "tell first", "tell second"};
    size_t i;

    for (i = 0; i < 3; i++) {
        struct stage s = {.seed = 1};

        stage_run(&s, source, parts[i]);
        CHECK_TEXT(stage_said(&s), "");
        CHECK_HAS(s.told.data, told[i]);
        stage_close(&s);
    }
    {
        struct stage s = {.seed = 1};

        stage_run(&s, source, "c");
        CHECK_HAS(stage_said(&s), "there is no part \"c\"");
        stage_close(&s);
    }
}

TEST(common_code_of_a_track)
{
    struct stage s = {.seed = 1,
                      .common = STR_LIT("local c = {}\nfunction c.twice(x) return 2 * x end\n"
                                        "function c.bad(w)\nw.x.y = 1 end return c")};
    struct stage b = {.seed = 1, .common = s.common};

    stage_run(&s,
              "local common = require 'common'\n"
              "assert(require 'common' == common)\n"
              "return task { run = function(w) w:expect('x', common.twice(4), 8) end }",
              NULL);
    CHECK_TEXT(stage_said(&s), "");
    stage_close(&s);
    stage_run(
        &b, "local common = require 'common'\nreturn task { run = function(w) common.bad(w) end }",
        NULL);
    CHECK_HAS(stage_said(&b), "course/common.lua:4: attempt to index");
    stage_close(&b);
}

TEST(the_same_seed_plays_the_same_story)
{
    static const char fields[] =
        "run = function(w) local all = {} for i = 1, 20 do all[i] = w:random(1, 1000) end\n"
        "w:tell(json_text(all)) w:tell(json_text(any.json { depth = 3 }))\n"
        "w:tell(json_text(w:shuffle { 1, 2, 3, 4, 5 })) end";
    struct stage a = {.seed = 5};
    struct stage b = {.seed = 5};
    struct stage c = {.seed = 6};

    stage_play(&a, fields);
    stage_play(&b, fields);
    stage_play(&c, fields);
    CHECK_TEXT(stage_said(&a), "");
    CHECK_TEXT(a.told.data, b.told.data);
    CHECK(strcmp(a.told.data, c.told.data) != 0);
    stage_close(&a);
    stage_close(&b);
    stage_close(&c);
}

TEST(errors_of_authors_point_at_their_lines_wherever_they_are_met)
{
    CHECK_HAS(stage_try("w:spawn(function()\nlocal x = nil\nx() end) w:sleep(1)"),
              "course/task.lua:4:");
    CHECK_HAS(stage_try("w:every('1ms', function()\nerror('tick') end) w:sleep(1)"),
              "course/task.lua:3: tick");
    CHECK_HAS(stage_try("w:all({ 1 }, function(i)\nreturn i.x.y end)"), "course/task.lua:3:");
    CHECK_HAS(stage_try("local t = nil\nw:sent { where = function(m) return t[1] end }"),
              "course/task.lua:3:");
    CHECK_HAS(stage_try("w:sleep('soon')"), "course/task.lua:2: w:sleep: a time is");
    CHECK_HAS(stage_try("\nw:no_such_thing()"), "course/task.lua:3: attempt to call a nil value");
    CHECK_HAS(stage_try("while true do end"), "computed for 500 million instructions");
    CHECK_HAS(stage_try("w:play('n2', function() while true do end end)\n"
                        "w:client():send('n2', {}) w:sleep(1)"),
              "computed for 500 million instructions");
    CHECK_HAS(stage_try("local t = string.rep('x', 1 << 29) return t .. t .. t"),
              "not enough memory");
}
