/* Three answers to "why": one sentence; the operations it is about; and, for those who want to try
 * it themselves, what the object could have been just before and why nothing fits there.
 *
 * Users of other checkers read "invalid operation" as "this operation is at fault" and draw
 * another order on paper that ends well, because the operations that force the start are not in
 * view. So the sentence says that no order exists, and the core holds all it takes to see that. */
#include "lin_explain.h"

#include "../base/map.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "history.h"
#include "lin_core.h"
#include "lin_decide.h"
#include "lin_input.h"
#include "lin_model.h"
#include "lin_space.h"
#include "verdict.h"

#include <string.h>

enum { LAST_SHOWN = 8, REASONS_MAX = 5 };

struct teller {
    const struct lin_input *in;
    const struct lin_part *part;
    struct lin_space *space;
    const struct lin_stuck *stuck;
};

static struct str value_shown(const struct lin_input *in, const struct lin_op *op)
{
    const struct op *inv = history_at(in->history, op->inv);
    bool answers = op->kind == LIN_READ || op->kind == LIN_DEQUEUE || op->kind == LIN_CONTAINS ||
                   op->kind == LIN_GRANT || op->kind == LIN_TXN || op->kind == LIN_LOOK;
    const struct op *shown =
        answers && op->ret != LIN_OPEN ? history_at(in->history, op->ret) : inv;

    return lin_input_object_value(in, shown->value);
}

void lin_op_text(const struct lin_input *in, const struct lin_op *op, struct buf *out)
{
    char word[VERDICT_WORD_SIZE];
    struct str value = value_shown(in, op);
    const struct op *inv = history_at(in->history, op->inv);

    buf_add_str(out, history_f_name(in->history, inv->f));
    if (!str_is(value, "null") || lin_op_observes(op))
        buf_addf(out, " %s", verdict_word(value, word));
}

static void put_when(const struct teller *t, const struct lin_op *op, struct buf *out)
{
    char text[DURATION_TEXT_MAX];

    buf_addf(out, "from %s", duration_text(history_at(t->in->history, op->inv)->time_ns, text));
    if (op->ret == LIN_OPEN)
        buf_add_text(out, ", never completed");
    else
        buf_addf(out, " to %s", duration_text(history_at(t->in->history, op->ret)->time_ns, text));
}

static void put_states(const struct teller *t, const uint32_t *states, uint32_t count,
                       struct buf *out)
{
    uint32_t shown = count < LIN_STUCK_STATES_MAX ? count : LIN_STUCK_STATES_MAX;

    for (uint32_t i = 0; i < shown; i++) {
        if (i > 0)
            buf_add_text(out, i + 1 == count ? " or " : ", ");
        lin_space_text(t->space, states[i], out);
    }
    if (count > shown)
        buf_addf(out, " or one of %u others", count - shown);
}

json_t *lin_op_json(const struct lin_input *in, const struct lin_op *op)
{
    return verdict_operation(in->history, op->inv);
}

/* ---- why not ---- */

static void add_reason(json_t *list, struct buf *line)
{
    if (json_array_size(list) < REASONS_MAX)
        json_array_append_new(list, json_stringn(line->data, line->len));
    buf_reset(line);
}

/* "while it is 5, read 2 cannot be next" */
static void reason_state(const struct teller *t, uint32_t state, json_t *list)
{
    struct buf line = {0};

    buf_addf(&line, "while the %s is ", t->in->model->noun);
    lin_space_text(t->space, state, &line);
    buf_add_text(&line, ", ");
    lin_op_text(t->in, &t->part->ops[t->stuck->op], &line);
    buf_add_text(&line, " cannot be next");
    add_reason(list, &line);
    buf_release(&line);
}

/* "write 4 of process 2 may come first, but then the register is 4" */
static void reason_open(const struct teller *t, uint32_t number, json_t *list)
{
    const struct lin_op *op = &t->part->ops[number];
    uint32_t from = t->stuck->before[0], to = lin_step(t->space, from, op);
    struct buf line = {0};

    if (number == t->stuck->op)
        return;
    lin_op_text(t->in, op, &line);
    buf_addf(&line, " of process %d ", (int)op->process);
    if (to == LIN_REFUSED) {
        buf_add_text(&line, "cannot come first either");
    } else {
        buf_addf(&line, "may come first, but then the %s is ", t->in->model->noun);
        lin_space_text(t->space, to, &line);
        buf_add_text(&line, " and it still cannot");
    }
    add_reason(list, &line);
    buf_release(&line);
}

static json_t *reasons(const struct teller *t)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < t->stuck->before_count && i < 3; i++)
        reason_state(t, t->stuck->before[i], list);
    for (uint32_t i = 0; i < t->stuck->open_count; i++)
        reason_open(t, t->stuck->open[i], list);
    return list;
}

static json_t *states_json(const struct teller *t)
{
    json_t *list = json_array();
    struct buf text = {0};

    for (uint32_t i = 0; i < t->stuck->before_count && i < LIN_STUCK_STATES_MAX; i++) {
        buf_reset(&text);
        lin_space_text(t->space, t->stuck->before[i], &text);
        json_array_append_new(list, json_stringn(text.data, text.len));
    }
    buf_release(&text);
    return list;
}

/* ---- the whole ---- */

static void put_key(const struct teller *t, struct buf *out)
{
    char word[VERDICT_WORD_SIZE];

    if (t->in->keyed)
        buf_addf(out, "key %s: ", verdict_word(map_text(t->in->keys, t->part->key), word));
}

/* "process 3: read 2 (from 4.05 s to 4.1 s) fits no order; the register can by then only be 5" */
static void sentence_stuck(const struct teller *t, struct buf *out)
{
    const struct lin_op *op = &t->part->ops[t->stuck->op];

    put_key(t, out);
    buf_addf(out, "process %d: ", (int)op->process);
    lin_op_text(t->in, op, out);
    buf_add_text(out, " (");
    put_when(t, op, out);
    buf_addf(out, ") fits no order; the %s can by then only be ", t->in->model->noun);
    put_states(t, t->stuck->before, t->stuck->before_count, out);
    if (t->stuck->after_count > 0) {
        buf_add_text(out, ", or become ");
        put_states(t, t->stuck->after, t->stuck->after_count, out);
    }
}

static void sentence_last(const struct teller *t, const struct lin_result *res, struct buf *out)
{
    char text[DURATION_TEXT_MAX];

    put_key(t, out);
    if (res->culprit_count > 0) {
        buf_add_text(out, res->culprit_count == 1
                              ? "in no order can this operation have its place: "
                              : "in no order can all of these have their place: ");
        for (uint32_t i = 0; i < res->culprit_count; i++) {
            const struct lin_op *op = &t->part->ops[res->culprits[i]];
            buf_addf(out, "%sprocess %d: ", i > 0 ? "; " : "", (int)op->process);
            lin_op_text(t->in, op, out);
            buf_add_text(out, " (");
            put_when(t, op, out);
            buf_add_text(out, ")");
        }
        return;
    }
    buf_addf(out, "no order of the operations explains the answers up to event %u (%s)",
             res->reached, duration_text(history_at(t->in->history, res->reached)->time_ns, text));
}

static bool stuck_has(const struct lin_stuck *stuck, uint32_t number)
{
    bool has = stuck != NULL && stuck->op == number;

    for (uint32_t i = 0; stuck != NULL && i < stuck->open_count; i++)
        has |= stuck->open[i] == number;
    return has;
}

/* The culprits; or what is stuck and open, and the last operations that returned before. */
static json_t *last_operations(const struct teller *t, const struct lin_result *res)
{
    json_t *list = json_array();
    uint32_t shown = 0;

    for (uint32_t i = 0; i < res->culprit_count; i++)
        json_array_append_new(list, lin_op_json(t->in, &t->part->ops[res->culprits[i]]));
    if (res->culprit_count > 0)
        return list;
    for (uint32_t i = t->part->len; i-- > 0;) {
        const struct lin_op *op = &t->part->ops[i];
        bool stuck = stuck_has(t->stuck, i);
        if (!stuck && (op->ret > res->reached || shown == LAST_SHOWN))
            continue;
        shown += !stuck;
        json_array_insert_new(list, 0, lin_op_json(t->in, op));
    }
    return list;
}

/* What is read and was never written may be what the register held before the history began: said
 * apart, since only who knows the system can tell. */
static void tell_unwritten(const struct teller *t, json_t *details)
{
    const struct lin_op *op = &t->part->ops[t->stuck->op];

    if (t->in->model->family != LIN_VALUES || op->kind != LIN_READ ||
        op->a == lin_space_start(t->space))
        return;
    for (uint32_t i = 0; i < t->part->len; i++) {
        const struct lin_op *other = &t->part->ops[i];
        if ((other->kind == LIN_WRITE && other->a == op->a) ||
            (other->kind == LIN_CAS && other->b == op->a))
            return;
    }
    json_object_set_new(details, "nobody-wrote", verdict_value(value_shown(t->in, op)));
}

static void tell_stuck(const struct teller *t, json_t *details, struct buf *sentence)
{
    lin_space_be_patient(t->space, true); /* what open operations lead to has a name */
    json_object_set_new(details, "impossible-index", json_integer(t->part->ops[t->stuck->op].inv));
    json_object_set_new(details, "possible-before", states_json(t));
    json_object_set_new(details, "why-not", reasons(t));
    tell_unwritten(t, details);
    sentence_stuck(t, sentence);
    lin_space_be_patient(t->space, false);
}

static void tell_core(struct teller *t, const struct lin_core *core, json_t *details,
                      struct buf *sentence)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < core->len; i++)
        verdict_list_add(list, lin_op_json(t->in, &t->part->ops[core->ops[i]]));
    json_object_set_new(details, "operations", list);
    json_object_set_new(details, "operations-are",
                        json_string(core->minimal ? "smallest" : "enough"));
    t->stuck = &core->stuck;
    tell_stuck(t, details, sentence);
    if (core->minimal && core->len > 1)
        buf_addf(sentence, ". These %u operations contradict each other, whatever the others did",
                 core->len);
}

char *lin_explain(struct lin_input *in, struct lin_part *part, struct lin_space *space,
                  const struct lin_result *res, const struct lin_stuck *stuck, json_t *details)
{
    struct lin_space *own = space == NULL ? lin_space_new(in, part) : NULL;
    struct teller t = {in, part, own != NULL ? own : space, NULL};
    struct lin_result at = *res;
    struct buf sentence = {0};
    struct lin_core core;

    bool found = lin_core_find(t.space, part, res, stuck, &core);
    at.reached = core.reached;
    if (found) {
        tell_core(&t, &core, details, &sentence);
    } else {
        t.stuck = core.is_stuck ? &core.stuck : NULL;
        json_object_set_new(details, "operations", last_operations(&t, &at));
        json_object_set_new(details, "operations-are", json_string("last"));
        if (core.is_stuck)
            tell_stuck(&t, details, &sentence);
        else
            sentence_last(&t, &at, &sentence);
    }
    json_object_set_new(details, "up-to-index", json_integer(at.reached));
    lin_core_release(&core);
    lin_space_free(own);
    return buf_take(&sentence);
}
