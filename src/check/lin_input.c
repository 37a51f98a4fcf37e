/* From events with JSON values to operations with numbers, in two walks over the history.
 *
 * The first walk reads every operation of a client and gives its values and its key numbers; the
 * second hands operations and events out to the parts, which lie behind each other in two flat
 * arrays. Both are linear, and a part's events come out sorted because the history is. Times are
 * indexes in the history: all that matters is their order, and sentences can quote them. */
#include "lin_input.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "history.h"
#include "lin_model.h"
#include "lin_plant.h"

#include <stdio.h>
#include <string.h>

/* What the first walk leaves for the second. */
struct raw {
    struct lin_op op;
    uint32_t key;
};

struct reader {
    struct lin_input *in;
    struct raw *raw;
    size_t raw_len, raw_cap;
    const struct lin_function **functions; /* by number of the name; NULL: not looked up yet */
    size_t function_cap;
    uint32_t len;
};

/* Cuts a canonical array into its elements; their count, or -1 if v is no array or longer. */
static int elements(struct str v, struct str *into, int max)
{
    struct json_reader r;
    int count = 0;

    json_reader_init(&r, v);
    if (json_next(&r) != JSON_AT_ARRAY)
        return -1;
    while (json_next(&r) != JSON_AT_ARRAY_END) {
        if (count == max || !json_skip(&r, &into[count]))
            return -1;
        count++;
    }
    return count;
}

static uint32_t value_of(struct reader *r, struct str text)
{
    return map_put(r->in->values, text, NULL);
}

static bool set_number(struct lin_op *op, struct str text)
{
    int64_t n;

    if (!json_to_i64(text, &n))
        return false;
    op->a = (uint32_t)n;
    op->b = (uint32_t)((uint64_t)n >> 32);
    return true;
}

/* A mutex holds the number of its owner's process, as a text. */
static uint32_t owner_of(struct reader *r, int32_t process)
{
    char text[16];

    snprintf(text, sizeof(text), "%d", (int)process);
    return value_of(r, str_of(text));
}

/* One [f, k, v] of a transaction; v may be absent. Sets *writes. */
static bool is_mop(struct str text, bool *writes)
{
    struct str part[3];
    int count = elements(text, part, 3);
    bool write = count == 3 && (str_is(part[0], "\"write\"") || str_is(part[0], "\"w\""));

    *writes |= write;
    return write || (count >= 2 && (str_is(part[0], "\"read\"") || str_is(part[0], "\"r\"")));
}

/* What came back says all that was done; without it only the writes may have been. */
static bool read_txn(struct reader *r, struct str x, struct str y, struct lin_op *op)
{
    struct str text = y.data != NULL ? y : x, mop;
    struct json_reader j;
    bool writes = false;

    json_reader_init(&j, text);
    if (json_next(&j) != JSON_AT_ARRAY)
        return false;
    while (json_next(&j) != JSON_AT_ARRAY_END)
        if (!json_skip(&j, &mop) || !is_mop(mop, &writes))
            return false;
    op->a = value_of(r, text);
    op->b = y.data != NULL;
    if (!writes)
        op->kind = LIN_LOOK;
    return true;
}

/* Reads argument x and answer y (data NULL: none came) into op. False: not of this form. */
static bool read_form(struct reader *r, const struct lin_function *f, struct str x, struct str y,
                      struct lin_op *op)
{
    struct str pair[2];
    bool answered = y.data != NULL;

    op->kind = (uint8_t)f->kind;
    switch (f->form) {
    case LIN_FORM_ANSWER:
        op->a = answered ? value_of(r, y) : 0;
        return true;
    case LIN_FORM_ARG:
        op->a = value_of(r, x);
        return true;
    case LIN_FORM_NULL:
        op->a = value_of(r, STR_LIT("null"));
        return true;
    case LIN_FORM_NUMBER:
        return set_number(op, x);
    case LIN_FORM_PAIR:
        if (elements(x, pair, 2) != 2)
            return false;
        op->a = value_of(r, pair[0]);
        op->b = value_of(r, pair[1]);
        return true;
    case LIN_FORM_TAKE:
        if (!answered)
            op->kind = LIN_DEQUEUE_ANY;
        else if (str_is(y, "null"))
            op->kind = LIN_READ;
        else
            op->a = value_of(r, y);
        return true;
    case LIN_FORM_GRANT:
        if (!answered)
            op->kind = LIN_GRANT_ANY;
        return !answered || set_number(op, y);
    case LIN_FORM_ELEMENT:
        op->a = value_of(r, x);
        if (!answered)
            return true;
        if (elements(y, pair, 2) != 2 || !(str_is(pair[1], "true") || str_is(pair[1], "false")))
            return false;
        op->b = str_is(pair[1], "true");
        return true;
    case LIN_FORM_LOCK:
    case LIN_FORM_UNLOCK:
        op->a = value_of(r, str_of(r->in->model->start));
        op->b = owner_of(r, op->process);
        if (f->form == LIN_FORM_UNLOCK) {
            uint32_t owner = op->b;
            op->b = op->a;
            op->a = owner;
        }
        return true;
    case LIN_FORM_TXN:
        return read_txn(r, x, y, op);
    }
    return false;
}

static const struct lin_function *function_of(struct reader *r, uint32_t f)
{
    struct str name = history_f_name(r->in->history, f);
    size_t old = r->function_cap;

    if (f >= r->function_cap) {
        r->functions =
            mem_grow(r->functions, &r->function_cap, (size_t)f + 1, sizeof(*r->functions));
        memset(r->functions + old, 0, (r->function_cap - old) * sizeof(*r->functions));
    }
    for (int i = 0; r->functions[f] == NULL && i < LIN_FUNCTIONS_MAX; i++) {
        const struct lin_function *g = &r->in->model->functions[i];
        if (g->name != NULL && str_is(name, g->name))
            r->functions[f] = g;
    }
    return r->functions[f];
}

static int refuse(uint32_t index, const struct op *o, struct str name, const struct lin_model *m,
                  struct err *err)
{
    int shown = o->value.len > 80 ? 80 : (int)o->value.len;

    return err_set(err, ERR_INPUT,
                   "event %u: the model %s cannot read the value %.*s of \"%.*s\"; see its "
                   "operations in docs/checkers.md",
                   index, m->name, shown, o->value.data, STR_ARG(name));
}

/* Splits [k, x]; without keys all is x. */
static bool split_key(struct reader *r, struct str value, struct str *key, struct str *x)
{
    struct str pair[2];

    if (!r->in->keyed) {
        *key = STR_LIT("");
        *x = value;
        return true;
    }
    if (elements(value, pair, 2) != 2)
        return false;
    *key = pair[0];
    *x = pair[1];
    return true;
}

static int read_op(struct reader *r, uint32_t index, struct err *err)
{
    const struct history *h = r->in->history;
    const struct op *inv = history_at(h, index), *end = NULL;
    const struct lin_function *f = function_of(r, inv->f);
    struct str name = history_f_name(h, inv->f), key, x, y_key, y = {NULL, 0};
    struct lin_op op = {.inv = index, .ret = LIN_OPEN, .process = inv->process};

    if (f == NULL)
        return err_set(err, ERR_INPUT, "event %u: the model %s has no operation \"%.*s\"", index,
                       r->in->model->name, STR_ARG(name));
    if (inv->pair != HISTORY_NO_PAIR && inv->pair < r->len)
        end = history_at(h, inv->pair);
    if (end != NULL && end->type == OP_FAIL && !PLANTED_LIN(11))
        return 0;
    if (!split_key(r, inv->value, &key, &x))
        return refuse(index, inv, name, r->in->model, err);
    if (end != NULL && end->type == OP_OK) {
        op.ret = inv->pair;
        if (!split_key(r, end->value, &y_key, &y)) {
            /* Answers that nobody reads may have any shape. */
            if (f->form == LIN_FORM_ANSWER || f->form == LIN_FORM_TAKE ||
                f->form == LIN_FORM_GRANT || f->form == LIN_FORM_ELEMENT || f->form == LIN_FORM_TXN)
                return refuse(inv->pair, end, name, r->in->model, err);
            y = STR_LIT("null");
        }
    }
    if (!read_form(r, f, x, y, &op))
        return refuse(end != NULL ? inv->pair : index, end != NULL ? end : inv, name, r->in->model,
                      err);
    if (op.ret == LIN_OPEN && lin_op_observes(&op))
        return 0;
    r->raw = mem_grow(r->raw, &r->raw_cap, r->raw_len + 1, sizeof(*r->raw));
    r->raw[r->raw_len].op = op;
    r->raw[r->raw_len++].key = map_put(r->in->keys, key, NULL);
    return 0;
}

/* Gives each part its slice of the two arrays. */
static void lay_out(struct reader *r)
{
    struct lin_input *in = r->in;
    struct lin_op *ops;
    uint32_t *events;

    in->part_count = map_len(in->keys);
    in->parts = mem_zalloc(in->part_count * sizeof(*in->parts));
    for (size_t i = 0; i < r->raw_len; i++) {
        in->parts[r->raw[i].key].len++;
        in->parts[r->raw[i].key].event_len += 1 + (r->raw[i].op.ret != LIN_OPEN);
    }
    ops = in->ops = mem_alloc(r->raw_len * sizeof(*in->ops));
    events = in->events = mem_alloc(2 * r->raw_len * sizeof(*in->events));
    for (uint32_t k = 0; k < in->part_count; k++) {
        struct lin_part *p = &in->parts[k];
        p->key = k;
        p->ops = ops;
        p->events = events;
        ops += p->len;
        events += p->event_len;
        p->len = p->event_len = 0; /* from here on: how many are in place */
    }
}

/* The second walk: events in order of time. An invocation is the next raw operation; where its
 * return is, at holds where the operation went. */
static void fill(struct reader *r)
{
    struct lin_input *in = r->in;
    struct lin_op **at = mem_zalloc(r->len * sizeof(*at));
    uint32_t *key_at = mem_alloc(r->len * sizeof(*key_at));
    size_t next = 0;

    for (uint32_t i = 0; i < r->len; i++) {
        if (next < r->raw_len && r->raw[next].op.inv == i) {
            struct lin_part *p = &in->parts[r->raw[next].key];
            struct lin_op *op = &p->ops[p->len];
            *op = r->raw[next].op;
            p->events[p->event_len++] = 2 * p->len++;
            if (op->ret != LIN_OPEN) {
                at[op->ret] = op;
                key_at[op->ret] = r->raw[next].key;
            }
            next++;
        } else if (at[i] != NULL) {
            struct lin_part *p = &in->parts[key_at[i]];
            p->events[p->event_len++] = 2 * (uint32_t)(at[i] - p->ops) + 1;
        }
    }
    mem_free(key_at);
    mem_free(at);
}

int lin_input_new(const struct history *h, uint32_t len, const struct lin_model *model, bool keyed,
                  struct lin_input **ret_input, struct err *err)
{
    struct lin_input *in = mem_zalloc(sizeof(*in));
    struct reader r = {.in = in, .len = len < history_len(h) ? len : history_len(h)};
    int status = 0;

    in->history = h;
    in->model = model;
    in->keyed = keyed;
    in->values = map_new();
    in->keys = map_new();
    for (uint32_t i = 0; i < r.len && status == 0; i++) {
        const struct op *o = history_at(h, i);
        if (o->type == OP_INVOKE && o->process >= 0)
            status = read_op(&r, i, err);
    }
    if (status == 0) {
        if (model->start != NULL)
            map_put(in->values, str_of(model->start), NULL);
        lay_out(&r);
        fill(&r);
        in->renumber = mem_zalloc(map_len(in->values) * sizeof(*in->renumber));
        *ret_input = in;
        in = NULL;
    }
    mem_free(r.raw);
    mem_free(r.functions);
    lin_input_free(in);
    return status;
}

struct str lin_input_object_value(const struct lin_input *in, struct str value)
{
    struct str pair[2];

    return in->keyed && elements(value, pair, 2) == 2 ? pair[1] : value;
}

void lin_input_free(struct lin_input *in)
{
    if (in == NULL)
        return;
    map_free(in->values);
    map_free(in->keys);
    mem_free(in->parts);
    mem_free(in->ops);
    mem_free(in->events);
    mem_free(in->renumber);
    mem_free(in);
}
