#include "judge.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../check/availability.h"
#include "../check/checker.h"
#include "../check/history.h"
#include "../check/stats.h"
#include "../script/script.h"
#include "run.h"

static void take_sentence(struct run_result *result, const char *sentence)
{
    if (result->sentence == NULL && sentence != NULL)
        result->sentence = mem_strdup(sentence);
}

static void weigh(struct run_result *result, const struct verdict *v, enum valid at_least)
{
    if (v->valid == at_least)
        take_sentence(result, v->sentence);
}

static int run_check(const struct run_config *config, const struct script_check *wanted,
                     const struct history *history, struct verdict *ret_verdict, struct err *err)
{
    const struct checker *c = checker_find(wanted->name);

    if (c == NULL)
        return err_set(err, ERR_INPUT, "the scenario %s asks for a checker \"%s\"; there is none",
                       config->scenario_path, wanted->name);
    return checker_run(c, history, wanted->options, ret_verdict, err);
}

/* A checker looks at its options before it looks at the history, so an empty one tells. */
int judge_prepare(const struct run_config *config, const struct script *script, struct err *err)
{
    uint32_t count;
    const struct script_check *wanted = script_checks(script, &count);
    struct history *empty = history_new();
    int status = 0;
    uint32_t i;

    for (i = 0; i < count && status == 0; i++) {
        struct verdict v = {.sentence = NULL};

        status = run_check(config, &wanted[i], empty, &v, err);
        if (status == 0)
            verdict_release(&v);
    }
    history_free(empty);
    return status;
}

static int run_checks(const struct run_config *config, const struct script *script,
                      struct run_result *result, struct err *err)
{
    uint32_t count;
    const struct script_check *wanted = script_checks(script, &count);
    uint32_t i;

    result->checks = mem_zalloc(count * sizeof(*result->checks));
    for (i = 0; i < count; i++) {
        int status =
            run_check(config, &wanted[i], result->history, &result->checks[i].verdict, err);
        if (status < 0)
            return status;
        result->checks[i].name = mem_strdup(wanted[i].name);
        result->check_count++;
    }
    return 0;
}

/* What a run that was stopped has not shown yet, it might have shown: operations were under way,
 * and others were to come. */
static void excuse(struct verdict *v)
{
    if (v->valid != VALID_FALSE)
        return;
    v->valid = VALID_UNKNOWN;
    json_object_set_new(v->details, "valid?", valid_json(VALID_UNKNOWN));
}

/* The worst verdict decides, and the sentence is its own; a blame is the worst of all. */
static void decide(struct run_result *result)
{
    enum valid worst = result->stopped ? VALID_UNKNOWN : VALID_TRUE;
    uint32_t i;

    worst = valid_and(worst, result->stats.valid);
    worst = valid_and(worst, result->availability.valid);
    for (i = 0; i < result->check_count; i++)
        worst = valid_and(worst, result->checks[i].verdict.valid);
    if (result->blame != NULL) {
        worst = VALID_FALSE;
        take_sentence(result, result->blame);
    }
    result->valid = worst;
    if (worst == VALID_TRUE)
        return;
    if (result->stopped && worst == VALID_UNKNOWN)
        take_sentence(result, "the run was stopped before its end");
    for (i = 0; i < result->check_count; i++)
        weigh(result, &result->checks[i].verdict, worst);
    weigh(result, &result->availability, worst);
    weigh(result, &result->stats, worst);
}

/* A task is judged by its steps alone: they ask for all that is to be asked. */
static void decide_task(struct run_result *result)
{
    const struct run_failure *f = result->failure;
    struct buf sentence = {0};

    result->valid = f != NULL ? VALID_FALSE : result->stopped ? VALID_UNKNOWN : VALID_TRUE;
    if (f != NULL) {
        buf_addf(&sentence, "step \"%s\": %s: expected %s, saw %s", result->steps[f->step].name,
                 f->what, f->expected[0] != '\0' ? f->expected : "otherwise", f->seen);
        take_sentence(result, sentence.data);
    } else if (result->stopped) {
        take_sentence(result, "the run was stopped before its end");
    }
    buf_release(&sentence);
}

int judge_run(const struct run_config *config, const struct script *script,
              struct run_result *result, struct err *err)
{
    struct stats_options stats = {.maelstrom_verdict = config->maelstrom_verdict};
    bool complete = result->blame == NULL && !result->stopped && !result->failed_fast;
    int status = complete ? run_checks(config, script, result, err) : 0;

    if (status < 0)
        return status;
    stats_check(result->history, &stats, &result->stats);
    availability_check(result->history, config->availability_min, &result->availability);
    if (result->stopped && result->blame == NULL) {
        excuse(&result->stats);
        excuse(&result->availability);
    }
    if (result->is_task)
        decide_task(result);
    else
        decide(result);
    return 0;
}
