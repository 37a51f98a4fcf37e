#include "linearizable.h"

#include "../base/err.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "checker.h"
#include "history.h"
#include "lin_decide.h"
#include "lin_explain.h"
#include "lin_input.h"
#include "lin_jit.h"
#include "lin_model.h"
#include "lin_options.h"
#include "lin_space.h"
#include "verdict.h"

#include <string.h>

struct sum {
    struct lin_input *in;
    struct verdict *v;
    json_t *failures;
    uint32_t failure_count, unknown_count;
    uint64_t budget;
};

static void note_invalid(struct sum *s, struct lin_part *part, struct lin_space *space,
                         const struct lin_result *res, const struct lin_stuck *stuck)
{
    struct str key = map_text(s->in->keys, part->key);

    if (s->in->keyed)
        verdict_list_add(s->failures, verdict_value(key));
    if (s->failure_count++ > 0)
        return;
    json_t *explanation = json_object();
    char *sentence = lin_explain(s->in, part, space, res, stuck, explanation);
    if (s->in->keyed)
        json_object_set_new(explanation, "key", verdict_value(key));
    json_object_set_new(explanation, "sentence", json_string(sentence));
    json_object_set_new(s->v->details, "explanation", explanation);
    verdict_blame(s->v, VALID_FALSE, "%s", sentence);
    mem_free(sentence);
}

static void note_unknown(struct sum *s, const struct lin_result *res, uint32_t len)
{
    if (s->unknown_count++ > 0)
        return;
    json_object_set_new(s->v->details, "explored-index", json_integer(res->reached));
    json_object_set_new(s->v->details, "explored", json_real((double)res->reached / len));
    verdict_blame(s->v, VALID_UNKNOWN,
                  "the search for an order used up its budget of %llu steps; it explored the "
                  "history up to event %u of %u; give the checker a larger budget, or test with "
                  "distinct values and fewer clients",
                  (unsigned long long)s->budget, res->reached, len);
}

static void check_parts(struct sum *s, uint32_t len)
{
    uint64_t left = s->budget;

    for (uint32_t i = 0; i < s->in->part_count; i++) {
        struct lin_part *part = &s->in->parts[i];
        struct lin_space *space = NULL;
        struct lin_result res;
        struct lin_stuck stuck;
        lin_decide(s->in, part, left, &space, &res, &stuck);
        left -= res.work < left ? res.work : left;
        if (res.answer == LIN_INVALID)
            note_invalid(s, part, space, &res, &stuck);
        else if (res.answer == LIN_UNKNOWN)
            note_unknown(s, &res, len);
        lin_space_free(space);
    }
}

void linearizable_check(const struct history *h, const struct linearizable_options *options,
                        struct verdict *ret_verdict)
{
    struct sum s = {.v = ret_verdict, .budget = options->budget};
    uint32_t len = history_len(h), count = 0;
    struct err err = {.text = ""};
    json_t *details;

    verdict_init(ret_verdict);
    details = ret_verdict->details;
    json_object_set_new(details, "model", json_string(options->model->name));
    if (lin_input_new(h, len, options->model, options->keyed, &s.in, &err) < 0) {
        verdict_blame(ret_verdict, VALID_UNKNOWN, "%s", err.text);
        verdict_finish(ret_verdict);
        return;
    }
    s.failures = json_array();
    check_parts(&s, len);
    for (uint32_t i = 0; i < s.in->part_count; i++)
        count += s.in->parts[i].len;
    json_object_set_new(details, "operation-count", json_integer(count));
    json_object_set_new(details, "key-count", json_integer(s.in->part_count));
    if (s.failure_count > 0)
        json_object_set_new(details, "failure-count", json_integer(s.failure_count));
    if (s.failure_count > 0 && s.in->keyed)
        json_object_set(details, "failures", s.failures);
    json_decref(s.failures);
    lin_input_free(s.in);
    verdict_finish(ret_verdict);
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    struct lin_options o;
    int status = lin_options_read(options, LINEARIZABLE_BUDGET, &o, err);

    if (status < 0)
        return status;
    linearizable_check(h, &(struct linearizable_options){o.model, o.keyed, o.budget}, ret_verdict);
    lin_options_release(&o);
    return 0;
}

static const struct checker_option known_options[] = {
    {"model", OPTION_TEXT,
     "the object: register, cas-register (as without it), kv, append-kv, "
     "mutex, fenced-lock, queue, set, counter, list or multi-register"},
    {"keyed", OPTION_FLAG, "values are [key, x]; without it as is usual for the model"},
    {"initial", OPTION_VALUE, "what a register holds at first; null without it"},
    {"budget", OPTION_NUMBER, "steps of search before the answer is unknown; 50 million"},
    {NULL, 0, NULL},
};

const struct checker linearizable_checker = {
    "linearizable",
    "whether the operations could have happened one at a time, each between its call and return",
    known_options,
    run,
    run, /* operations without a return count as indeterminate, so nothing to come excuses them */
};
