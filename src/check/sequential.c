#include "sequential.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "checker.h"
#include "history.h"
#include "lin_decide.h"
#include "lin_input.h"
#include "lin_model.h"
#include "lin_options.h"
#include "lin_space.h"
#include "lin_weak.h"
#include "lin_weak_core.h"
#include "verdict.h"

enum { TRIAL_BUDGET = 20000 };

struct task {
    struct lin_input *in;
    struct lin_space **spaces; /* by part */
    uint64_t left;             /* of the budget */
    struct verdict *v;
};

static void pay(struct task *t, uint64_t work)
{
    t->left -= work < t->left ? work : t->left;
}

/* The parts that the question is about: all, or one. */
struct range {
    struct task *task;
    uint32_t from, count;
};

static bool still_wrong(void *context, const struct lin_part *parts, uint64_t *work)
{
    struct range *r = context;
    struct lin_weak_result res;

    lin_sequential(r->task->spaces + r->from, parts, r->count, TRIAL_BUDGET, &res);
    *work = res.work;
    return res.answer == LIN_INVALID;
}

static void blame(struct task *t, uint32_t from, uint32_t count, const struct lin_weak_result *res)
{
    struct range r = {t, from, count};
    struct lin_weak_question question = {still_wrong, &r};
    const struct lin_op *core[LIN_WEAK_CORE_MAX];
    uint32_t len = lin_weak_core(t->in->parts + from, count, &question, core);
    struct buf text = {0};

    if (len > 0) {
        lin_weak_list(t->in, core, len, &text);
        verdict_blame(t->v, VALID_FALSE,
                      "no order that keeps each process's own explains these %u operations: %s",
                      len, text.data);
        json_object_set_new(t->v->details, "operations", lin_weak_json(t->in, core, len));
    } else {
        lin_weak_list(t->in, res->stuck, res->stuck_count, &text);
        verdict_blame(t->v, VALID_FALSE,
                      "no order that keeps each process's own explains all answers; the longest "
                      "attempt places %u of %u operations and can then place none of: %s",
                      res->placed, res->len, text.data != NULL ? text.data : "");
        json_object_set_new(t->v->details, "operations",
                            lin_weak_json(t->in, res->stuck, res->stuck_count));
    }
    json_object_set_new(t->v->details, "operations-are",
                        json_string(len > 0 ? "smallest" : "stuck"));
    buf_release(&text);
}

static void note(struct task *t, uint32_t from, uint32_t count, const struct lin_weak_result *res)
{
    if (res->answer == LIN_INVALID)
        blame(t, from, count, res);
    else if (res->answer == LIN_UNKNOWN)
        verdict_blame(t->v, VALID_UNKNOWN,
                      "the search for an order used up its budget; the longest attempt places %u "
                      "of %u operations",
                      res->placed, res->len);
}

/* True if every part is linearizable, which settles the question. */
static bool all_linearizable(struct task *t, bool *is)
{
    bool all = true;

    for (uint32_t i = 0; i < t->in->part_count; i++) {
        struct lin_result res;
        lin_decide(t->in, &t->in->parts[i], t->left / 4, &t->spaces[i], &res, NULL);
        pay(t, res.work);
        is[i] = res.answer == LIN_VALID;
        all &= is[i];
    }
    return all;
}

static void decide(struct task *t)
{
    bool *linearizable = mem_zalloc(t->in->part_count + 1);
    struct lin_weak_result res;

    if (all_linearizable(t, linearizable))
        goto out;
    for (uint32_t i = 0; i < t->in->part_count; i++)
        if (t->spaces[i] == NULL)
            t->spaces[i] = lin_space_new(t->in, &t->in->parts[i]);
    /* A key that has no order by itself has none among others, and is easier to refute. */
    for (uint32_t i = 0; i < t->in->part_count && t->v->valid != VALID_FALSE; i++) {
        if (linearizable[i])
            continue;
        lin_sequential(&t->spaces[i], &t->in->parts[i], 1, t->left / 2, &res);
        pay(t, res.work);
        note(t, i, 1, &res);
    }
    if (t->in->part_count > 1 && t->v->valid == VALID_TRUE) {
        lin_sequential(t->spaces, t->in->parts, t->in->part_count, t->left, &res);
        note(t, 0, t->in->part_count, &res);
    }
out:
    mem_free(linearizable);
}

void sequential_check(const struct history *h, const struct sequential_options *options,
                      struct verdict *ret_verdict)
{
    struct task t = {.left = options->budget, .v = ret_verdict};
    struct err err = {.text = ""};
    uint32_t count = 0;

    verdict_init(ret_verdict);
    json_object_set_new(ret_verdict->details, "model", json_string(options->model->name));
    if (lin_input_new(h, history_len(h), options->model, options->keyed, &t.in, &err) < 0) {
        verdict_blame(ret_verdict, VALID_UNKNOWN, "%s", err.text);
        verdict_finish(ret_verdict);
        return;
    }
    t.spaces = mem_zalloc((t.in->part_count + 1) * sizeof(*t.spaces));
    decide(&t);
    for (uint32_t i = 0; i < t.in->part_count; i++) {
        lin_space_free(t.spaces[i]);
        count += t.in->parts[i].len;
    }
    json_object_set_new(ret_verdict->details, "operation-count", json_integer(count));
    json_object_set_new(ret_verdict->details, "key-count", json_integer(t.in->part_count));
    mem_free(t.spaces);
    lin_input_free(t.in);
    verdict_finish(ret_verdict);
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    struct lin_options o;
    int status = lin_options_read(options, SEQUENTIAL_BUDGET, &o, err);

    if (status < 0)
        return status;
    sequential_check(h, &(struct sequential_options){o.model, o.keyed, o.budget}, ret_verdict);
    lin_options_release(&o);
    return 0;
}

static const struct checker_option known_options[] = {
    {"model", OPTION_TEXT, "the object, as for linearizable; cas-register without it"},
    {"keyed", OPTION_FLAG, "values are [key, x]; without it as is usual for the model"},
    {"initial", OPTION_VALUE, "what a register holds at first; null without it"},
    {"budget", OPTION_NUMBER, "steps of search before the answer is unknown; 20 million"},
    {NULL, 0, NULL},
};

const struct checker sequential_checker = {
    "sequential",  "whether some order that keeps each process's own explains all answers",
    known_options, run,
    NULL,
};
