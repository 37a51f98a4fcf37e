#include "stats.h"

#include "checker.h"
#include "history.h"
#include "plant.h"
#include "verdict.h"

#include "../base/map.h"
#include "../base/mem.h"

#include <string.h>

struct tally {
    uint32_t invoked;
    uint32_t ended[OP_INFO + 1]; /* by type */
};

static json_t *tally_json(const struct tally *t, bool valid)
{
    uint32_t count = t->ended[OP_OK] + t->ended[OP_FAIL] + t->ended[OP_INFO];
    json_t *all = json_object();

    json_object_set_new(all, "valid?", json_boolean(valid));
    json_object_set_new(all, "count", json_integer(count));
    json_object_set_new(all, "ok-count", json_integer(t->ended[OP_OK]));
    json_object_set_new(all, "fail-count", json_integer(t->ended[OP_FAIL]));
    json_object_set_new(all, "info-count", json_integer(t->ended[OP_INFO]));
    return all;
}

static bool is_exempt(const struct stats_options *options, struct str name)
{
    size_t i;

    if (options->exempt == NULL)
        return str_is(name, "crash") || str_is(name, "debug-topic-partitions");
    for (i = 0; i < json_array_size(options->exempt); i++)
        if (str_is(name, json_string_value(json_array_get(options->exempt, i))))
            return true;
    return false;
}

/* Why a function without any success makes the run invalid, or undecided. */
static void blame(const struct stats_options *options, struct str name, const struct tally *t,
                  struct verdict *v)
{
    uint32_t failed = t->ended[OP_FAIL];
    bool by_luck = str_is(name, "cas") && failed < STATS_LUCK_MAX &&
                   (failed > 0 || t->invoked < STATS_LUCK_MAX);

    if (by_luck)
        verdict_blame(v, options->maelstrom_verdict ? VALID_FALSE : VALID_UNKNOWN,
                      "no cas ever succeeded in this short run: %u of %u failed, and whether one "
                      "meets the value it expects is luck; a longer run can tell",
                      failed, t->invoked);
    else
        verdict_blame(v, VALID_FALSE,
                      "no %.*s ever succeeded: of %u, %u failed and %u had no known outcome",
                      STR_ARG(name), t->invoked, failed, t->invoked - failed);
}

static void count_ops(const struct history *h, struct tally *by_f, uint32_t f_count)
{
    uint32_t i;

    memset(by_f, 0, f_count * sizeof(*by_f));
    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        if (op->process == HISTORY_NEMESIS)
            continue;
        if (op->type == OP_INVOKE)
            by_f[op->f].invoked++;
        else
            by_f[op->f].ended[op->type]++;
    }
}

void stats_check(const struct history *h, const struct stats_options *options,
                 struct verdict *ret_verdict)
{
    uint32_t f_count = history_f_count(h);
    struct tally *by_f = mem_alloc(f_count * sizeof(*by_f));
    struct tally all = {0};
    json_t *by_f_json = json_object();
    uint32_t f;
    unsigned type;

    verdict_init(ret_verdict);
    count_ops(h, by_f, f_count);
    for (f = 0; f < f_count; f++) {
        struct str name = history_f_name(h, f);
        bool good = by_f[f].ended[OP_OK] > 0 || is_exempt(options, name) || PLANTED(2);
        if (by_f[f].invoked == 0)
            continue;
        if (!good)
            blame(options, name, &by_f[f], ret_verdict);
        for (type = OP_OK; type <= OP_INFO; type++)
            all.ended[type] += by_f[f].ended[type];
        json_object_setn_new(by_f_json, name.data, name.len, tally_json(&by_f[f], good));
    }
    json_decref(ret_verdict->details);
    ret_verdict->details = tally_json(&all, true);
    json_object_set_new(ret_verdict->details, "by-f", by_f_json);
    verdict_finish(ret_verdict);
    mem_free(by_f);
}

static const struct checker_option stats_option_list[] = {
    {"exempt", OPTION_TEXTS, "functions that need no success (without it: crash)"},
    {"maelstrom_verdict", OPTION_FLAG, "an unlucky cas is invalid, not unknown (without it: no)"},
    {NULL, 0, NULL},
};

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    struct stats_options chosen = {
        .exempt = option_value(options, "exempt"),
        .maelstrom_verdict = option_flag(options, "maelstrom_verdict", false),
    };

    (void)err;
    stats_check(h, &chosen, ret_verdict);
    return 0;
}

const struct checker stats_checker = {
    "stats",
    "Counts how operations ended; every function must have succeeded once.",
    stats_option_list,
    run,
    NULL,
};
