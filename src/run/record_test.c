#include "record.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct place {
    char dir[64];
    char program[96];
    char path[96]; /* of run.json */
    json_t *options;
    struct run_config config;
};

static const char *const nodes[] = {"n0", "n1"};
static const char *argv[3];

static void setup(struct place *p)
{
    struct err err;

    memset(p, 0, sizeof(*p));
    strcpy(p->dir, "/tmp/eddy-record-XXXXXX");
    CHECK(mkdtemp(p->dir) != NULL);
    snprintf(p->program, sizeof(p->program), "%s/node", p->dir);
    snprintf(p->path, sizeof(p->path), "%s/run.json", p->dir);
    CHECK(file_write(p->program, STR_LIT("first build"), &err) == 0);
    argv[0] = p->program;
    argv[1] = "--fast";
    p->options = json_pack("{s:f, s:[s]}", "rate", 0.1, "nemesis", "clock");
    p->config = (struct run_config){
        .seed = 77,
        .node_count = 2,
        .node_names = nodes,
        .program = p->program,
        .argv = argv,
        .scenario_path = "workloads/echo.lua",
        .scenario = STR_LIT("return workload {\n  -- \"text\"\n}\n"),
        .options = p->options,
        .latency_ns = 1500000,
        .latency_dist = LATENCY_EXPONENTIAL,
        .clock = CAGE_CLOCK_VIRTUAL,
        .schedule_seeded = true,
        .disk_latency_ns = 250000,
        .cpu_count = 1,
        .availability_min = 0.999,
        .maelstrom_verdict = true,
        .fail_fast = true,
        .dir = p->dir,
    };
}

static void teardown(struct place *p)
{
    struct err err;

    json_decref(p->options);
    CHECK(file_remove_tree(p->dir, &err) == 0);
}

static json_t *write_record(const struct place *p)
{
    struct err err = {.text = ""};
    json_t *record = record_json(&p->config, CAGE_CLOCK_VIRTUAL);

    CHECK(record != NULL);
    CHECK_INT(record_write(record, p->dir, &err), 0);
    return record;
}

TEST(what_decides_a_run_comes_back)
{
    struct place p;
    struct record *r = NULL;
    struct err err = {.text = ""};
    json_t *record;

    setup(&p);
    record = write_record(&p);
    CHECK_INT(record_load(p.dir, &r, &err), 0);
    CHECK_INT(r->config.seed, 77);
    CHECK_INT(r->config.node_count, 2);
    CHECK_TEXT(r->config.node_names[1], "n1");
    CHECK_TEXT(r->config.program, p.program);
    CHECK_TEXT(r->config.argv[1], "--fast");
    CHECK(r->config.argv[2] == NULL);
    CHECK_TEXT(r->name, "echo");
    CHECK(str_eq(r->config.scenario, p.config.scenario));
    CHECK(json_equal(r->config.options, p.options));
    CHECK_INT(r->config.latency_ns, 1500000);
    CHECK(r->config.latency_dist == LATENCY_EXPONENTIAL);
    CHECK(r->config.clock == CAGE_CLOCK_VIRTUAL);
    CHECK(!r->config.entropy_real && r->config.schedule_seeded);
    CHECK_INT(r->config.disk_latency_ns, 250000);
    CHECK_INT(r->config.cpu_count, 1);
    CHECK(fabs(r->config.availability_min - 0.999) < 1e-12);
    CHECK(r->config.maelstrom_verdict);
    CHECK(r->config.fail_fast);
    CHECK(!r->complete && r->digest == NULL && r->verdict == NULL); /* it broke off */
    record_free(r);
    json_decref(record);
    teardown(&p);
}

TEST(what_decides_a_run_of_a_task_comes_back)
{
    struct place p;
    struct record *r = NULL;
    struct err err = {.text = ""};
    json_t *record;

    setup(&p);
    record = write_record(&p);
    CHECK_INT(record_load(p.dir, &r, &err), 0);
    CHECK(r->config.part == NULL && r->config.common.data == NULL && r->config.process_count == 0);
    record_free(r);
    json_decref(record);
    p.config.part = "forty nodes";
    p.config.common = STR_LIT("return {}\n");
    p.config.process_count = 1;
    record = write_record(&p);
    CHECK_INT(record_load(p.dir, &r, &err), 0);
    CHECK_TEXT(r->config.part, "forty nodes");
    CHECK(str_is(r->config.common, "return {}\n"));
    CHECK(r->config.process_count == 1 && r->config.node_count == 2);
    record_free(r);
    json_object_set_new(record, "processes", json_integer(3)); /* of two nodes */
    CHECK_INT(record_write(record, p.dir, &err), 0);
    CHECK_INT(record_load(p.dir, &r, &err), ERR_INPUT);
    json_decref(record);
    teardown(&p);
}

TEST(the_end_comes_back)
{
    struct place p;
    struct record *r = NULL;
    struct err err = {.text = ""};
    struct run_result result = {
        .valid = VALID_FALSE, .sentence = "lost", .end_ns = 5, .journal_line_count = 3};
    json_t *record;

    setup(&p);
    record = write_record(&p);
    strcpy(result.journal_digest, "abc");
    record_set_end(record, &result);
    CHECK_INT(record_write(record, p.dir, &err), 0);
    CHECK_INT(record_load(p.dir, &r, &err), 0);
    CHECK(r->complete);
    CHECK_TEXT(r->digest, "abc");
    CHECK_TEXT(r->verdict, "invalid");
    CHECK_TEXT(r->sentence, "lost");
    CHECK_INT(r->end_ns, 5);
    record_free(r);

    result.stopped = true;
    record_set_end(record, &result);
    CHECK_INT(record_write(record, p.dir, &err), 0);
    CHECK_INT(record_load(p.dir, &r, &err), 0);
    CHECK(!r->complete);
    record_free(r);
    json_decref(record);
    teardown(&p);
}

static void expect_change(const struct place *p, const char *sentence)
{
    struct record *r = NULL;
    struct err err = {.text = ""};
    json_t *changes;

    CHECK_INT(record_load(p->dir, &r, &err), 0);
    changes = record_changes(r);
    if (sentence == NULL) {
        CHECK_INT(json_array_size(changes), 0);
    } else {
        CHECK_INT(json_array_size(changes), 1);
        CHECK_HAS(json_string_value(json_array_get(changes, 0)), sentence);
    }
    json_decref(changes);
    record_free(r);
}

TEST(a_changed_program_or_environment_is_noticed)
{
    struct place p;
    struct err err;
    json_t *record;

    setup(&p);
    record = write_record(&p);
    expect_change(&p, NULL);
    CHECK(file_write(p.program, STR_LIT("first build"), &err) == 0); /* again: other times only */
    expect_change(&p, NULL);
    CHECK(file_write(p.program, STR_LIT("other build"), &err) == 0);
    expect_change(&p, "has changed");
    CHECK(unlink(p.program) == 0);
    expect_change(&p, "is gone");
    CHECK(file_write(p.program, STR_LIT("first build"), &err) == 0);
    setenv("EDDY_RECORD_TEST", "1", 1);
    expect_change(&p, "environment");
    unsetenv("EDDY_RECORD_TEST");
    setenv("SHLVL", "99", 1);
    expect_change(&p, NULL);
    json_decref(record);
    teardown(&p);
}

/* Each part that a run needs, left out or of another kind, is refused with its name. */
TEST(a_broken_record_is_refused)
{
    static const char *const parts[] = {"program",  "folder",  "scenario", "options",
                                        "nodes",    "seed",    "clock",    "latency-ns",
                                        "schedule", "entropy", "cpus",     "disk-latency-ns"};
    struct place p;
    struct record *r = NULL;
    struct err err = {.text = ""};
    json_t *record;
    size_t i;

    setup(&p);
    record = write_record(&p);
    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        json_t *broken = json_copy(record);
        json_object_set_new(broken, parts[i], json_false());
        CHECK_INT(record_write(broken, p.dir, &err), 0);
        CHECK_INT(record_load(p.dir, &r, &err), ERR_INPUT);
        CHECK_HAS(err.text, "run.json cannot be used");
        json_object_del(broken, parts[i]);
        CHECK_INT(record_write(broken, p.dir, &err), 0);
        CHECK_INT(record_load(p.dir, &r, &err), ERR_INPUT);
        json_decref(broken);
    }
    CHECK(r == NULL);
    CHECK(file_write(p.path, STR_LIT("{\"seed\":"), &err) == 0);
    CHECK_INT(record_load(p.dir, &r, &err), ERR_INPUT);
    CHECK_HAS(err.text, "is not JSON");
    CHECK(unlink(p.path) == 0);
    CHECK_INT(record_load(p.dir, &r, &err), ERR_INPUT);
    CHECK_HAS(err.text, "no folder of a run");
    json_decref(record);
    teardown(&p);
}

TEST(names_that_json_cannot_hold_make_no_record)
{
    struct place p;

    setup(&p);
    argv[1] = "caf\xe9";
    CHECK(record_json(&p.config, CAGE_CLOCK_VIRTUAL) == NULL);
    teardown(&p);
}
