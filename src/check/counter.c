/* A counter's sum is known but for the adds whose outcome is not: each of them is in it or not.
 * The acceptable sums are therefore a set, kept as intervals (intervals.h).
 *
 * The strict check of every read needs less: what a linearizable counter may show lies between the
 * adds complete before the read with every doubtful subtraction, and with every doubtful addition;
 * doubtful is each add that had begun when the read ended and was not complete when it began.
 * Running sums of both signs give these bounds for all reads in one pass. */
#include "counter.h"

#include "checker.h"
#include "history.h"
#include "intervals.h"
#include "plant.h"
#include "verdict.h"

#include "../base/json.h"
#include "../base/mem.h"

#include <stddef.h>

/* So that sums over HISTORY_LEN_MAX adds stay far inside int64_t. */
static const int64_t delta_max = (int64_t)1 << 37;

/* Sums of additions and of subtractions apart. */
struct sums {
    int64_t up;
    int64_t down;
};

struct tally {
    const struct history *h;
    const struct counter_options *options;
    int64_t add; /* the functions' numbers or MAP_NONE */
    int64_t read;
    struct intervals acceptable;
    json_t *final_reads;
    json_t *errors;
    uint32_t final_count;
    uint32_t error_count;
    uint32_t malformed_count; /* adds without an integer */
    uint32_t doubtful_count;
    struct verdict *v;
};

static bool delta_of(const struct op *op, int64_t *ret)
{
    return json_to_i64(op->value, ret) && *ret >= -delta_max && *ret <= delta_max;
}

/* How the add at index ended; OP_INFO if it did not. */
static enum op_type outcome_of(const struct history *h, uint32_t index)
{
    const struct op *completed = history_completion(h, index);

    return completed != NULL ? completed->type : OP_INFO;
}

static void note_malformed(struct tally *t, const struct op *op)
{
    char word[VERDICT_WORD_SIZE];

    t->malformed_count++;
    verdict_blame(t->v, VALID_UNKNOWN,
                  "process %d adds %s, which is no integer of at most 2^37; without it the sum "
                  "is not known",
                  op->process, verdict_word(op->value, word));
}

/* The sum of the certain adds, then the choices. Equal results whatever the order. */
static void collect_acceptable(struct tally *t)
{
    int64_t sum = 0;
    int64_t delta;
    uint32_t i;

    for (i = 0; i < history_len(t->h); i++) {
        const struct op *op = history_at(t->h, i);
        if (op->f != t->add || op->type != OP_INVOKE)
            continue;
        if (!delta_of(op, &delta))
            note_malformed(t, op);
        else if (outcome_of(t->h, i) == OP_OK)
            sum += delta;
    }
    intervals_init(&t->acceptable, sum);
    for (i = 0; i < history_len(t->h); i++) {
        const struct op *op = history_at(t->h, i);
        if (op->f != t->add || op->type != OP_INVOKE || !delta_of(op, &delta))
            continue;
        if (outcome_of(t->h, i) == OP_INFO || (PLANTED(12) && outcome_of(t->h, i) == OP_FAIL)) {
            t->doubtful_count++;
            intervals_choose(&t->acceptable, delta);
        }
    }
}

static json_t *error_json(const struct tally *t, const struct op *op, uint32_t index)
{
    return json_pack("{s:I,s:I,s:i,s:s,s:b,s:o}", "index", (json_int_t)index, "time",
                     (json_int_t)op->time_ns, "process", op->process, "node",
                     history_node_name(t->h, op->node), "final", op->final, "value",
                     verdict_value(op->value));
}

/* "5", "5 to 7", "5, 7 to 9 or 12", with the middle left out where it is long. */
static void describe_acceptable(const struct intervals *set, struct buf *out)
{
    enum { SHOWN_MAX = 6 };
    size_t i;

    for (i = 0; i < set->len; i++) {
        const struct interval *one = &set->list[i];
        if (set->len > SHOWN_MAX && i == SHOWN_MAX / 2) {
            buf_add_text(out, ", ...");
            i = set->len - SHOWN_MAX / 2 - 1;
            continue;
        }
        if (i > 0)
            buf_add_text(out, i == set->len - 1 ? " or " : ", ");
        buf_add_i64(out, one->low);
        if (one->high > one->low)
            buf_addf(out, " to %lld", (long long)one->high);
    }
}

/* An add that cannot be counted leaves every sum open. */
static enum valid weight(const struct tally *t)
{
    return t->malformed_count > 0 ? VALID_UNKNOWN : VALID_FALSE;
}

static void blame_final(struct tally *t, const struct op *op)
{
    char word[VERDICT_WORD_SIZE];
    char time[DURATION_TEXT_MAX];
    struct buf sums = {0};

    describe_acceptable(&t->acceptable, &sums);
    verdict_blame(t->v, weight(t),
                  "the final read of %s by process %d at %s shows %s, but the adds sum to %s "
                  "(%u of them have an unknown outcome and may count or not)",
                  history_node_name(t->h, op->node), op->process, duration_text(op->time_ns, time),
                  verdict_word(op->value, word), sums.data, t->doubtful_count);
    buf_release(&sums);
}

static void note_error(struct tally *t, uint32_t index)
{
    t->error_count++;
    verdict_list_add(t->errors, error_json(t, history_at(t->h, index), index));
    verdict_explain(t->v, t->h, &index, 1);
}

static void judge_final(struct tally *t, uint32_t index)
{
    const struct op *op = history_at(t->h, index);
    int64_t value;

    t->final_count++;
    verdict_list_add(t->final_reads, verdict_value(op->value));
    if (json_to_i64(op->value, &value) && intervals_has(&t->acceptable, value))
        return;
    note_error(t, index);
    blame_final(t, op);
}

static bool is_final(const struct tally *t, const struct op *completed)
{
    return completed->final || history_at(t->h, completed->pair)->final;
}

static void judge_finals(struct tally *t)
{
    uint32_t i;

    for (i = 0; i < history_len(t->h); i++) {
        const struct op *op = history_at(t->h, i);
        if (op->f == t->read && op->type == OP_OK && is_final(t, op))
            judge_final(t, i);
    }
}

/* ---- strict ---- */

static void sums_add(struct sums *s, int64_t delta)
{
    if (delta > 0)
        s->up += delta;
    else
        s->down += delta;
}

/* done: adds complete when the read began; begun: those begun when it ended, failed ones left out.
 */
static void judge_read(struct tally *t, uint32_t index, struct sums done, struct sums begun)
{
    const struct op *op = history_at(t->h, index);
    int64_t low = done.up + begun.down;
    int64_t high = begun.up + done.down;
    char word[VERDICT_WORD_SIZE];
    char from[DURATION_TEXT_MAX];
    char to[DURATION_TEXT_MAX];
    int64_t value;

    if (json_to_i64(op->value, &value) && value >= low - (PLANTED(13) ? 1 : 0) && value <= high)
        return;
    if (!is_final(t, op))
        note_error(t, index);
    verdict_blame(t->v, weight(t),
                  "the read of %s by process %d from %s to %s shows %s, but a linearizable counter "
                  "could only show %lld to %lld then",
                  history_node_name(t->h, op->node), op->process,
                  duration_text(history_at(t->h, op->pair)->time_ns, from),
                  duration_text(op->time_ns, to), verdict_word(op->value, word), (long long)low,
                  (long long)high);
}

static void judge_every_read(struct tally *t)
{
    uint32_t len = history_len(t->h);
    struct sums *done_at = mem_alloc(len * sizeof(*done_at)); /* by invocation of a read */
    struct sums done = {0, 0}, begun = {0, 0};
    int64_t delta;
    uint32_t i;

    for (i = 0; i < len; i++) {
        const struct op *op = history_at(t->h, i);
        if (op->f == t->add && op->type == OP_INVOKE && outcome_of(t->h, i) != OP_FAIL) {
            if (delta_of(op, &delta))
                sums_add(&begun, delta);
        } else if (op->f == t->add && op->type == OP_OK) {
            if (delta_of(history_at(t->h, op->pair), &delta))
                sums_add(&done, delta);
        } else if (op->f == t->read && op->type == OP_INVOKE) {
            done_at[i] = done;
        } else if (op->f == t->read && op->type == OP_OK) {
            judge_read(t, i, done_at[op->pair], begun);
        }
    }
    mem_free(done_at);
}

static json_t *acceptable_json(const struct intervals *set)
{
    json_t *list = json_array();
    size_t i;

    for (i = 0; i < set->len; i++)
        verdict_list_add(
            list, json_pack("[I,I]", (json_int_t)set->list[i].low, (json_int_t)set->list[i].high));
    return list;
}

static void write_details(struct tally *t)
{
    json_t *details = t->v->details;

    json_object_set_new(details, "acceptable", acceptable_json(&t->acceptable));
    json_object_set_new(details, "acceptable-count", json_integer((json_int_t)t->acceptable.len));
    json_object_set_new(details, "final-reads", t->final_reads);
    json_object_set_new(details, "final-reads-count", json_integer(t->final_count));
    json_object_set_new(details, "errors", t->errors);
    json_object_set_new(details, "error-count", json_integer(t->error_count));
    json_object_set_new(details, "malformed-adds-count", json_integer(t->malformed_count));
}

static struct tally tally_of(const struct history *h, const struct counter_options *options,
                             struct verdict *v)
{
    return (struct tally){
        .h = h,
        .options = options,
        .add = history_find_f(h, "add"),
        .read = history_find_f(h, "read"),
        .final_reads = json_array(),
        .errors = json_array(),
        .v = v,
    };
}

void counter_check(const struct history *h, const struct counter_options *options,
                   struct verdict *ret_verdict)
{
    struct tally t = tally_of(h, options, ret_verdict);

    verdict_init(ret_verdict);
    collect_acceptable(&t);
    judge_finals(&t);
    if (options->strict)
        judge_every_read(&t);
    if (t.acceptable.is_widened)
        verdict_blame(t.v, VALID_UNKNOWN,
                      "%u adds have an unknown outcome; their sums are too many to tell exactly "
                      "which reads are right",
                      t.doubtful_count);
    if (t.final_count == 0 && !options->maelstrom_verdict)
        verdict_blame(t.v, VALID_UNKNOWN,
                      "no final read was answered, so the sum was never looked at");
    write_details(&t);
    intervals_release(&t.acceptable);
    verdict_finish(ret_verdict);
}

static const struct checker_option counter_option_list[] = {
    {"strict", OPTION_FLAG, "judge every read as of a linearizable counter (without it: no)"},
    {"maelstrom_verdict", OPTION_FLAG, "judge by Maelstrom's rules alone (without it: no)"},
    {NULL, 0, NULL},
};

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    struct counter_options chosen = {
        .strict = option_flag(options, "strict", false),
        .maelstrom_verdict = option_flag(options, "maelstrom_verdict", false),
    };

    (void)err;
    counter_check(h, &chosen, ret_verdict);
    return 0;
}

/* What a strict read may show only narrows as outcomes become known. Final reads are judged by all
 * adds, and more may come. */
static int broken(const struct history *h, const json_t *options, struct verdict *ret_verdict,
                  struct err *err)
{
    struct counter_options chosen = {.strict = option_flag(options, "strict", false)};
    struct tally t = tally_of(h, &chosen, ret_verdict);

    (void)err;
    verdict_init(ret_verdict);
    if (chosen.strict)
        judge_every_read(&t);
    write_details(&t);
    verdict_finish(ret_verdict);
    return 0;
}

const struct checker counter_checker = {
    "counter",
    "Final reads show the sum of all adds, those of unknown outcome counted or not.",
    counter_option_list,
    run,
    broken,
};
