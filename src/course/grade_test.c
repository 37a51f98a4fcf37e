#include "grade.h"

#include "course_story.h"
#include "track.h"

#include <sys/stat.h>

/* A node in shell: answers init, and `ping` by what the test puts in for ON_PING. Its variables:
 * src, id (of the request), me, n (how many pings there were), and two: 1 in a cluster of two. */
static const char node_text[] =
    "#!/bin/sh\n"
    "two=\n"
    "say() { printf '{\"src\":\"%s\",\"dest\":\"%s\",\"body\":{\"in_reply_to\":%s,%s}}\\n' \"$me\" "
    "\"$src\" "
    "\"$id\" \"$1\"; }\n"
    "n=0\n"
    "while read -r line; do\n"
    "    src=${line#*\\\"src\\\":\\\"}; src=${src%%\\\"*}\n"
    "    me=${line#*\\\"dest\\\":\\\"}; me=${me%%\\\"*}\n"
    "    id=${line#*\\\"msg_id\\\":}; id=${id%%[!0-9]*}\n"
    "    case $line in\n"
    "    *'\"type\":\"init\"'*) case $line in *'\"n1\"'*) two=1 ;; esac; say "
    "'\"type\":\"init_ok\"' ;;\n"
    "    *'\"type\":\"ping\"'*) n=$((n + 1)); ON_PING ;;\n"
    "    esac\n"
    "done\n";

static const char pong[] = "say '\"type\":\"ping_ok\"'";

static const char scenario[] =
    "local function ping(w)\n"
    "    local c = w:client()\n"
    "    for _ = 1, 3 do c:ask('n0', { type = 'ping' }) end\n"
    "end\n"
    "return task {\n"
    "    seeds = 2,\n"
    "    part { name = 'first', nodes = 1, run = function(w)\n"
    "        w:step('three pings', function() ping(w) end)\n"
    "        w:step('chance', function() w:expect('never', w:random(1, 6) >= 1, true) end)\n"
    "    end },\n"
    "    part { name = 'second', nodes = 2, run = function(w)\n"
    "        w:step('three more', function() ping(w) end)\n"
    "    end },\n"
    "}\n";

struct world {
    struct story story;
    struct task task;
    char program[256], dir[256], keep[256], path[256];
};

static void world_open(struct world *w, const char *on_ping)
{
    const char *at = strstr(node_text, "ON_PING");
    struct buf text = {0};

    story_open(&w->story);
    buf_add(&text, node_text, (size_t)(at - node_text));
    buf_addf(&text, "%s%s", on_ping, at + 7);
    story_write(&w->story, "node", text.data);
    story_write(&w->story, "task.lua", scenario);
    story_write(&w->story, "runs/x", "");
    snprintf(w->program, sizeof(w->program), "%s/node", w->story.dir);
    snprintf(w->dir, sizeof(w->dir), "%s/runs", w->story.dir);
    snprintf(w->keep, sizeof(w->keep), "%s/kept", w->story.dir);
    snprintf(w->path, sizeof(w->path), "%s/task.lua", w->story.dir);
    CHECK_INT(chmod(w->program, 0755), 0);
    w->task = (struct task){.number = 7, .name = "07-ping", .slug = "ping", .scenario = w->path};
    buf_release(&text);
}

static struct grade_config config_of(const struct world *w)
{
    return (struct grade_config){
        .task = &w->task, .program = w->program, .jobs = 1, .dir = w->dir, .keep = w->keep};
}

static void grade(const struct grade_config *c, struct grade_result *r)
{
    struct err err = {.text = ""};
    int status = grade_run(c, r, &err);

    if (status < 0)
        fail_msg("%s", err.text);
}

TEST(a_right_program_passes_all_steps_on_all_seeds)
{
    struct grade_result r;
    struct grade_config c;
    struct world w;

    world_open(&w, pong);
    c = config_of(&w);
    grade(&c, &r);
    CHECK(r.passed);
    CHECK_INT(r.seeds, 2);
    CHECK_INT(r.seeds_passed, 2);
    CHECK_INT(r.part_count, 2);
    CHECK_INT(r.run_count, 4);
    CHECK_INT(r.step_count, 5); /* with "the nodes start" of each part */
    CHECK_TEXT(r.steps[1].name, "three pings");
    CHECK_TEXT(r.steps[1].part, "first");
    CHECK_INT(r.steps[1].passed, 2);
    CHECK_TEXT(r.steps[4].part, "second");
    CHECK(r.failure.step == NULL);
    CHECK(r.kept);
    CHECK_INT(access(story_path(&w.story, "kept/report.html"), R_OK), 0);
    CHECK(access(story_path(&w.story, "runs/run-0"), F_OK) != 0);
    grade_result_release(&r);
    story_close(&w.story);
}

/* The failure comes in part 2 only; both orders find it, each in its own place. */
TEST(a_failure_is_told_with_part_step_seed_and_evidence)
{
    struct grade_result r;
    struct grade_config c;
    struct world w;

    world_open(&w, "[ \"$n$two\" = 21 ] || say '\"type\":\"ping_ok\"'; echo \"ping $n\" >&2");
    c = config_of(&w);
    c.first_seed = 5;
    grade(&c, &r);
    CHECK(!r.passed);
    CHECK_INT(r.run_count, 3); /* part 1 twice, part 2 once */
    CHECK_INT(r.seeds_passed, 0);
    CHECK_TEXT(r.failure.part, "second");
    CHECK_TEXT(r.failure.step, "three more");
    CHECK_INT(r.failure.seed, 5);
    CHECK_HAS(json_string_value(json_object_get(r.failure.failure, "expected")), "ping_ok");
    CHECK_TEXT(r.failure.node, "n0");
    CHECK(json_array_size(r.failure.log) > 0);
    CHECK_INT(access(story_path(&w.story, "kept/report.html"), R_OK), 0);
    grade_result_release(&r);
    c.order = GRADE_BY_SEED;
    c.keep = NULL;
    grade(&c, &r);
    CHECK(!r.passed && !r.kept);
    CHECK_INT(r.run_count, 2);
    CHECK_TEXT(r.failure.step, "three more");
    grade_result_release(&r);
    story_close(&w.story);
}

/* A failure shows the messages that led to it, and texts in them may hold any character. */
TEST(a_failure_is_told_though_a_message_holds_a_zero)
{
    struct grade_result r;
    struct grade_config c;
    struct world w;

    world_open(&w, "say '\"type\":\"error\",\"code\":1,\"text\":\"a\\u0000b\"'");
    c = config_of(&w);
    grade(&c, &r);
    CHECK(!r.passed);
    CHECK_TEXT(r.failure.step, "three pings");
    grade_result_release(&r);
    story_close(&w.story);
}

/* All runs fail; with four at a time, all have begun when the first one ends. */
/* The nodes of all runs but the first compute for a while, so that the first is heard of before the
 * others. */
TEST(the_first_failure_counts_whatever_the_number_of_jobs)
{
    struct grade_result r;
    struct grade_config c;
    struct world w;

    world_open(&w, "case $EDDY_DATA in */run-0/*) ;; *) i=0; while [ $i -lt 200000 ]; do "
                   "i=$((i + 1)); done ;; esac");
    c = config_of(&w);
    c.jobs = 4;
    c.seeds = 4;
    c.first_seed = 3;
    grade(&c, &r);
    CHECK(!r.passed);
    CHECK_INT(r.failure.seed, 3);
    CHECK_TEXT(r.failure.step, "three pings");
    CHECK_INT(r.steps[1].passed, 0);
    CHECK(r.kept);
    grade_result_release(&r);
    story_close(&w.story);
}

TEST(a_crash_belongs_to_the_step_at_work)
{
    struct grade_result r;
    struct grade_config c;
    struct world w;

    world_open(&w, "echo 'no such key' >&2; exit 3");
    c = config_of(&w);
    c.seeds = 1;
    grade(&c, &r);
    CHECK(!r.passed);
    CHECK_TEXT(r.failure.step, "three pings");
    CHECK_HAS(json_string_value(json_object_get(r.failure.failure, "seen")),
              "exited with status 3");
    CHECK_TEXT(json_string_value(json_array_get(r.failure.log, 0)), "no such key");
    grade_result_release(&r);
    story_close(&w.story);
}

static void refused(const struct world *w, const char *wanted)
{
    struct grade_config c = config_of(w);
    struct grade_result r = {0};
    struct err err = {.text = ""};

    CHECK_INT(grade_run(&c, &r, &err), ERR_INPUT);
    CHECK_HAS(err.text, wanted);
    CHECK(r.steps == NULL);
}

TEST(broken_scenarios_and_missing_programs_are_no_verdict)
{
    struct world w;

    world_open(&w, pong);
    story_write(&w.story, "task.lua", "return task {");
    refused(&w, "task.lua");
    story_write(&w.story, "task.lua", "return 7");
    refused(&w, "task.lua");
    story_write(
        &w.story, "task.lua",
        "return task { nodes = 1, run = function(w) w:step('a', function() nothing() end) end }");
    refused(&w, "task.lua:1");
    story_write(&w.story, "task.lua", scenario);
    CHECK_INT(unlink(w.program), 0);
    refused(&w, "node");
    CHECK_INT(unlink(w.path), 0);
    refused(&w, "task.lua");
    story_close(&w.story);
}

TEST(common_lua_of_the_folder_is_there)
{
    struct grade_result r;
    struct grade_config c;
    struct world w;

    world_open(&w, pong);
    story_write(&w.story, "common.lua", "return { name = 'shared' }");
    story_write(
        &w.story, "task.lua",
        "local common = require 'common'\n"
        "return task { nodes = 1, run = function(w) w:step(common.name, function() end) end }");
    c = config_of(&w);
    c.seeds = 1;
    grade(&c, &r);
    CHECK(r.passed);
    CHECK_TEXT(r.steps[1].name, "shared");
    CHECK_TEXT(r.steps[1].part, "");
    grade_result_release(&r);
    story_close(&w.story);
}

TEST(tasks_have_seeds_of_their_own)
{
    struct task a = {.number = 1}, b = {.number = 2};

    CHECK(grade_seed(&a, 0) != grade_seed(&b, 0));
    CHECK(grade_seed(&a, 0) != grade_seed(&a, 1));
    CHECK(grade_seed(&a, 5) == grade_seed(&a, 5));
}
