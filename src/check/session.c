#include "session.h"

#include "../base/err.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "checker.h"
#include "history.h"
#include "lin_input.h"
#include "lin_model.h"
#include "lin_options.h"
#include "lin_space.h"
#include "lin_weak_core.h"
#include "verdict.h"

#include <string.h>

enum { TRIAL_BUDGET = 20000 };

static const char *const names[LIN_GUARANTEE_COUNT] = {
    "read-your-writes",
    "monotonic-reads",
    "monotonic-writes",
    "writes-follow-reads",
};

struct task {
    struct lin_input *in;
    struct lin_space **spaces; /* by part */
    enum lin_guarantee guarantee;
    uint32_t part; /* the one being judged */
    struct verdict *v;
    json_t *entry; /* of the guarantee, in details */
    enum valid valid;
};

static void judge(struct task *t, const struct lin_part *part, uint64_t budget,
                  struct lin_weak_result *res)
{
    struct lin_space *space = t->spaces[t->part];

    if (!lin_session_zones(space, part, t->guarantee, res))
        lin_session(space, part, t->guarantee, budget, res);
}

static bool still_wrong(void *context, const struct lin_part *parts, uint64_t *work)
{
    struct task *t = context;
    struct lin_weak_result res;

    judge(t, parts, TRIAL_BUDGET, &res);
    *work = res.work;
    return res.answer == LIN_INVALID;
}

static void blame(struct task *t, const struct lin_weak_result *res)
{
    const struct lin_part *part = &t->in->parts[t->part];
    struct lin_weak_question question = {still_wrong, t};
    const struct lin_op *core[LIN_WEAK_CORE_MAX];
    uint32_t len = lin_weak_core(part, 1, &question, core);
    struct str key = map_text(t->in->keys, part->key);
    char word[VERDICT_WORD_SIZE];
    struct buf text = {0};

    if (t->in->keyed) {
        buf_addf(&text, "key %s: ", verdict_word(key, word));
        json_object_set_new(t->entry, "key", verdict_value(key));
    }
    buf_addf(&text, "%s does not hold", names[t->guarantee]);
    if (len > 0) {
        buf_addf(&text, "; no order that it allows explains ");
        lin_weak_list(t->in, core, len, &text);
    } else {
        buf_addf(&text, " for what process %d saw", (int)res->process);
    }
    json_object_set_new(t->entry, "operations", lin_weak_json(t->in, core, len));
    json_object_set_new(t->entry, "process", json_integer(res->process));
    json_object_set_new(t->entry, "sentence", json_stringn(text.data, text.len));
    verdict_blame(t->v, VALID_FALSE, "%s", text.data);
    buf_release(&text);
}

static void check_guarantee(struct task *t, uint64_t budget)
{
    struct lin_weak_result res;

    t->valid = VALID_TRUE;
    for (t->part = 0; t->part < t->in->part_count && t->valid != VALID_FALSE; t->part++) {
        judge(t, &t->in->parts[t->part], budget, &res);
        budget -= res.work < budget ? res.work : budget;
        if (res.answer == LIN_INVALID) {
            t->valid = VALID_FALSE;
            blame(t, &res);
        } else if (res.answer == LIN_UNKNOWN) {
            t->valid = VALID_UNKNOWN;
            verdict_blame(t->v, VALID_UNKNOWN,
                          "%s: the search for an order used up its budget; the longest attempt "
                          "places %u of the %u operations in the view of process %d",
                          names[t->guarantee], res.placed, res.len, (int)res.process);
        }
    }
    json_object_set_new(t->entry, "valid?", valid_json(t->valid));
}

void session_check(const struct history *h, const struct session_options *options,
                   struct verdict *ret_verdict)
{
    struct task t = {.v = ret_verdict};
    struct err err = {.text = ""};
    json_t *all = json_object();
    uint32_t count = 0;

    verdict_init(ret_verdict);
    json_object_set_new(ret_verdict->details, "model", json_string(options->model->name));
    json_object_set_new(ret_verdict->details, "guarantees", all);
    if (lin_input_new(h, history_len(h), options->model, options->keyed, &t.in, &err) < 0) {
        verdict_blame(ret_verdict, VALID_UNKNOWN, "%s", err.text);
        verdict_finish(ret_verdict);
        return;
    }
    t.spaces = mem_zalloc((t.in->part_count + 1) * sizeof(*t.spaces));
    for (uint32_t i = 0; i < t.in->part_count; i++) {
        t.spaces[i] = lin_space_new(t.in, &t.in->parts[i]);
        count += t.in->parts[i].len;
    }
    for (t.guarantee = 0; t.guarantee < LIN_GUARANTEE_COUNT; t.guarantee++) {
        if (!options->wanted[t.guarantee])
            continue;
        t.entry = json_object();
        json_object_set_new(all, names[t.guarantee], t.entry);
        check_guarantee(&t, options->budget);
    }
    for (uint32_t i = 0; i < t.in->part_count; i++)
        lin_space_free(t.spaces[i]);
    mem_free(t.spaces);
    json_object_set_new(ret_verdict->details, "operation-count", json_integer(count));
    json_object_set_new(ret_verdict->details, "key-count", json_integer(t.in->part_count));
    lin_input_free(t.in);
    verdict_finish(ret_verdict);
}

/* The guarantees asked for; all without the option. ERR_INPUT: a name that is none. */
static int read_guarantees(const json_t *options, bool *wanted, struct err *err)
{
    const json_t *list = json_object_get(options, "guarantees"), *item;
    bool all = !json_is_array(list) || json_array_size(list) == 0;
    size_t i;

    for (int g = 0; g < LIN_GUARANTEE_COUNT; g++)
        wanted[g] = all || option_texts_has(options, "guarantees", names[g]);
    json_array_foreach((json_t *)list, i, item)
    {
        bool known = false;
        for (int g = 0; g < LIN_GUARANTEE_COUNT; g++)
            known |= strcmp(json_string_value(item), names[g]) == 0;
        if (!known)
            return err_set(err, ERR_INPUT,
                           "there is no guarantee \"%.64s\"; there are read-your-writes, "
                           "monotonic-reads, monotonic-writes and writes-follow-reads",
                           json_string_value(item));
    }
    return 0;
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    struct session_options chosen = {.model = NULL};
    struct lin_options o;
    int status = read_guarantees(options, chosen.wanted, err);

    if (status == 0)
        status = lin_options_read(options, SESSION_BUDGET, &o, err);
    if (status < 0)
        return status;
    if (o.model->family == LIN_REGISTERS) {
        status = err_set(err, ERR_INPUT,
                         "session cannot judge %s: its transactions both see and write; "
                         "rw-register has models for sessions",
                         o.model->name);
    } else {
        chosen.model = o.model;
        chosen.keyed = o.keyed;
        chosen.budget = o.budget;
        session_check(h, &chosen, ret_verdict);
    }
    lin_options_release(&o);
    return status;
}

static const struct checker_option known_options[] = {
    {"model", OPTION_TEXT, "the object, as for linearizable; cas-register without it"},
    {"keyed", OPTION_FLAG, "values are [key, x]; without it as is usual for the model"},
    {"initial", OPTION_VALUE, "what a register holds at first; null without it"},
    {"guarantees", OPTION_TEXTS,
     "of read-your-writes, monotonic-reads, monotonic-writes, writes-follow-reads; all without it"},
    {"budget", OPTION_NUMBER, "steps of search for each before the answer is unknown; 20 million"},
    {NULL, 0, NULL},
};

const struct checker session_checker = {
    "session", "whether each process can rely on what it wrote and saw before", known_options, run,
    NULL,
};
