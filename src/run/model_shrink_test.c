/* Shrinking against programs that are functions: a set of places fails or does not. */
#include "model_shrink.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "run.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* The operations without which the program is right; -1 ends it. */
static const int *culprits;
static int
    odd; /* 1: another step fails; 2: another w:model; 3: the run breaks; 4: a crash instead */

static struct run_result *result_of(const char *step, int call, const json_t *asked)
{
    struct run_result *r = mem_zalloc(sizeof(*r));

    r->notes = json_array();
    r->is_task = true;
    r->steps = mem_zalloc(sizeof(*r->steps));
    r->steps[0].name = mem_strdup(step);
    r->step_count = 1;
    r->failure = mem_zalloc(sizeof(*r->failure));
    r->failure->what = mem_strdup("");
    r->failure->expected = mem_strdup("");
    r->failure->seen = mem_strdup("");
    r->failure->node = mem_strdup("");
    if (asked != NULL)
        r->failure->evidence = json_pack("{s:{s:i, s:O}}", "model", "call", call, "asked", asked);
    return r;
}

static bool has(const json_t *list, int place)
{
    size_t i;

    for (i = 0; i < json_array_size(list); i++)
        if (json_integer_value(json_array_get(list, i)) == place)
            return true;
    return false;
}

static int execute(const struct run_config *config, struct run_result **ret_result, struct err *err)
{
    const json_t *model = json_object_get(config->options, "model");
    const json_t *keep = json_object_get(model, "keep");
    bool all = true;
    const int *c;

    CHECK_INT(json_integer_value(json_object_get(model, "call")), 2);
    CHECK_INT(json_integer_value(json_object_get(config->options, "other")), 5);
    for (c = culprits; *c >= 0; c++)
        all = all && has(keep, *c);
    if (odd == 3)
        return err_set(err, ERR_MACHINE, "no processes left");
    if (!all) {
        *ret_result = result_of("it", 2, NULL);
        return 0;
    }
    *ret_result = result_of(odd == 1 ? "another" : "it", odd == 2 ? 1 : 2, odd == 4 ? NULL : keep);
    return 0;
}

/* The places that are left, as text; "none" if there is nothing shorter. */
static const char *shrunk(int count, int64_t budget_ns)
{
    static char text[256];
    char dir[] = "/tmp/eddy-model-XXXXXX";
    json_t *asked = json_array();
    json_t *options = json_pack("{s:i}", "other", 5);
    struct run_config config = {.options = options};
    struct model_shrink m = {.run = &config, .budget_ns = budget_ns, .execute = execute};
    struct run_result *failed;
    struct run_result *best;
    struct err err;
    uint32_t tried;
    int i;
    DIR *d;

    for (i = 0; i < count; i++)
        json_array_append_new(asked, json_integer(i));
    failed = result_of("it", 2, asked);
    m.failed = failed;
    m.dir = mkdtemp(dir);
    best = model_shrink(&m, &tried);
    snprintf(text, sizeof(text), "none");
    if (best != NULL) {
        char *places =
            json_dumps(json_object_get(json_object_get(best->failure->evidence, "model"), "asked"),
                       JSON_COMPACT);
        snprintf(text, sizeof(text), "%s", places);
        free(places);
    }
    d = opendir(dir);
    for (i = 0; readdir(d) != NULL; i++)
        ;
    closedir(d);
    CHECK_INT(i, 2); /* . and .. */
    file_remove_tree(dir, &err);
    run_result_free(best);
    run_result_free(failed);
    json_decref(options);
    json_decref(asked);
    return text;
}

static const char *left(const int *c, int count, int how)
{
    culprits = c;
    odd = how;
    return shrunk(count, INT64_C(60000000000));
}

TEST(what_is_not_needed_goes)
{
    CHECK_TEXT(left((const int[]){17, 42, 99, -1}, 100, 0), "[17,42,99]");
    CHECK_TEXT(left((const int[]){0, -1}, 100, 0), "[0]");
    CHECK_TEXT(left((const int[]){3, 4, 5, 6, -1}, 7, 0), "[3,4,5,6]");
    CHECK_TEXT(left((const int[]){0, 1, -1}, 2, 0), "none"); /* nothing can go */
}

TEST(another_failure_is_not_the_same)
{
    static const int some[] = {3, -1};
    int how;

    for (how = 1; how <= 4; how++)
        CHECK_TEXT(left(some, 10, how), "none");
}

TEST(a_single_operation_and_no_model_are_left_alone)
{
    struct run_result *crash = result_of("it", 2, NULL);

    CHECK_TEXT(left((const int[]){0, -1}, 1, 0), "none");
    CHECK(!model_shrink_can(crash));
    run_result_free(crash);
}

TEST(without_time_nothing_is_tried)
{
    static const int some[] = {3, -1};

    culprits = some;
    odd = 0;
    CHECK_TEXT(shrunk(10, 0), "none");
}
