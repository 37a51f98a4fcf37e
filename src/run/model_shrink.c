/* A model's operations are drawn before the first is asked (script/model.lua), so a subset of them
 * is told by places alone, and the same seed draws the same ones again. A subset is judged by the
 * model with that subset: its state is what these operations make of it, not what all of them
 * made. What is left at the end is minimal in the sense of ddmin: no single operation can go.
 *
 * Candidates run one after the other in this process: a part of a task takes some tens of
 * milliseconds, and gradings run side by side already. */
#include "model_shrink.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../cage/cage.h"
#include "ddmin.h"
#include "run.h"

#include <string.h>

struct shrinking {
    const struct model_shrink *m;
    const json_t *model; /* evidence of the failed run */
    const json_t *asked; /* places of its operations */
    struct run_result *best;
    uint32_t tried;
    int64_t deadline_ns;
};

/* The model's part of the failed step's evidence, or NULL. */
static const json_t *evidence_of(const struct run_result *r)
{
    return r->failure != NULL ? json_object_get(r->failure->evidence, "model") : NULL;
}

bool model_shrink_can(const struct run_result *failed)
{
    return json_array_size(json_object_get(evidence_of(failed), "asked")) > 1;
}

static bool fails_alike(const struct shrinking *s, const struct run_result *r)
{
    const json_t *model = evidence_of(r);
    const struct run_result *first = s->m->failed;

    return model != NULL &&
           json_equal(json_object_get(model, "call"), json_object_get(s->model, "call")) &&
           strcmp(r->steps[r->failure->step].name, first->steps[first->failure->step].name) == 0;
}

static json_t *options_with(const struct shrinking *s, const bool *keep)
{
    json_t *options = json_deep_copy(s->m->run->options);
    json_t *places = json_array();
    size_t i;

    for (i = 0; i < json_array_size(s->asked); i++)
        if (keep[i])
            json_array_append(places, json_array_get(s->asked, i));
    json_object_set_new(
        options, "model",
        json_pack("{s:O, s:o}", "call", json_object_get(s->model, "call"), "keep", places));
    return options;
}

/* Runs one subset in a folder of its own. One that cannot be run counts as one that does not fail.
 */
static bool try_one(struct shrinking *s, const bool *keep)
{
    struct run_config config = *s->m->run;
    json_t *options = options_with(s, keep);
    struct run_result *result = NULL;
    struct buf dir = {0};
    struct err err;
    bool same;

    buf_addf(&dir, "%s/model-%u", s->m->dir, s->tried++);
    config.options = options;
    config.dir = dir.data;
    config.log_stderr = config.log_net_send = config.log_net_recv = false;
    if (file_mkdirs(dir.data, &err) == 0 &&
        (s->m->execute != NULL ? s->m->execute : run_execute)(&config, &result, &err) < 0)
        result = NULL;
    file_remove_tree(dir.data, &err);
    same = result != NULL && fails_alike(s, result);
    if (same) {
        run_result_free(s->best);
        s->best = result;
    } else {
        run_result_free(result);
    }
    json_decref(options);
    buf_release(&dir);
    return same;
}

static bool over(void *owner)
{
    const struct shrinking *s = owner;

    return clock_real_ns() >= s->deadline_ns || cage_stop_asked();
}

static int first(void *owner, bool *const *attempts, uint32_t attempt_count)
{
    uint32_t i;

    for (i = 0; i < attempt_count && !over(owner); i++)
        if (try_one(owner, attempts[i]))
            return (int)i;
    return -1;
}

struct run_result *model_shrink(const struct model_shrink *m, uint32_t *ret_tried)
{
    struct shrinking s = {.m = m, .deadline_ns = clock_real_ns() + m->budget_ns};
    struct ddmin d = {.width = 1, .owner = &s, .first = first, .enough = over};
    bool *keep;

    *ret_tried = 0;
    if (!model_shrink_can(m->failed))
        return NULL;
    s.model = evidence_of(m->failed);
    s.asked = json_object_get(s.model, "asked");
    d.count = (uint32_t)json_array_size(s.asked);
    keep = mem_alloc(d.count * sizeof(*keep));
    memset(keep, true, d.count * sizeof(*keep));
    ddmin_run(&d, keep);
    mem_free(keep);
    *ret_tried = s.tried;
    return s.best;
}

void model_shrink_add(const struct run_config *run, struct run_result *failed, const char *dir,
                      int64_t budget_ns)
{
    struct model_shrink m = {.run = run, .failed = failed, .dir = dir, .budget_ns = budget_ns};
    struct run_result *best;

    if (!model_shrink_can(failed))
        return;
    best = model_shrink(&m, &failed->failure->shortest_tried);
    if (best == NULL)
        return;
    failed->failure->shortest = best->failure;
    best->failure = NULL; /* failed's from here on */
    run_result_free(best);
}
