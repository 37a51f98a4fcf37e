/* One walk hands each event to the history of its key, then each is judged alone. Memory is that of
 * the history again, time that of its events. */
#include "keyed_check.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "checker.h"
#include "history.h"
#include "verdict.h"

enum { RESULTS_MAX = 4 };

struct parts {
    struct map *keys;
    struct history **histories; /* by key */
    size_t cap;
};

/* Cuts a canonical [key, x]; false if value is none. */
static bool split(struct str value, struct str *ret_key, struct str *ret_x)
{
    struct json_reader r;

    json_reader_init(&r, value);
    if (json_next(&r) != JSON_AT_ARRAY || json_next(&r) == JSON_AT_ARRAY_END ||
        !json_skip(&r, ret_key) || json_next(&r) == JSON_AT_ARRAY_END || !json_skip(&r, ret_x))
        return false;
    return json_next(&r) == JSON_AT_ARRAY_END;
}

static struct history *part_of(struct parts *p, const struct history *h, struct str key)
{
    bool is_new;
    uint32_t number = map_put(p->keys, key, &is_new);
    uint32_t f;

    if (is_new) {
        struct history *part = history_new();
        p->histories = mem_grow(p->histories, &p->cap, (size_t)number + 1, sizeof(*p->histories));
        p->histories[number] = part;
        for (f = 0; f < history_f_count(h); f++) /* the same numbers */
            history_f(part, history_f_name(h, f).data);
    }
    return p->histories[number];
}

static int add_event(struct parts *p, const struct history *h, uint32_t index, struct err *err)
{
    const struct op *op = history_at(h, index);
    const struct op *invocation = op->type == OP_INVOKE ? op : history_at(h, op->pair);
    struct op copy = *op;
    struct str key;
    struct str own_key;
    struct str x;
    struct history *part;

    if (!split(invocation->value, &key, &x))
        return 0;
    /* A completion that tells something else, such as "timed-out", keeps that. */
    if (split(op->value, &own_key, &x) && str_eq(key, own_key))
        copy.value = x;
    part = part_of(p, h, key);
    if (op->node != HISTORY_NO_NODE)
        history_name_node(part, op->node, str_of(history_node_name(h, op->node)));
    return history_add(part, &copy, err);
}

struct sum {
    struct verdict *v;
    json_t *failures, *results;
    uint32_t failure_count;
};

static void add_verdict(struct sum *s, struct str key, struct verdict *part)
{
    char word[VERDICT_WORD_SIZE];
    struct buf name = {0};

    if (part->valid == VALID_TRUE)
        return;
    s->failure_count++;
    verdict_list_add(s->failures, verdict_value(key));
    verdict_key(key, &name);
    if (json_object_size(s->results) < RESULTS_MAX)
        json_object_set(s->results, buf_str(&name).data, part->details);
    verdict_blame(s->v, part->valid, "key %s: %s", verdict_word(key, word),
                  part->sentence != NULL ? part->sentence : "it is not valid");
    buf_release(&name);
}

static int check_parts(const struct checker *c, const struct parts *p, const json_t *options,
                       struct sum *s, struct err *err)
{
    uint32_t i;

    for (i = 0; i < map_len(p->keys); i++) {
        struct verdict part;
        int status = checker_run(c, p->histories[i], options, &part, err);
        if (status < 0)
            return status;
        add_verdict(s, map_text(p->keys, i), &part);
        verdict_release(&part);
    }
    return 0;
}

static void finish(struct sum *s, uint32_t key_count)
{
    if (key_count == 0)
        verdict_blame(s->v, VALID_UNKNOWN, "no operation has a key: values must be [key, x]");
    json_object_set_new(s->v->details, "key-count", json_integer(key_count));
    if (s->failure_count > 0) {
        json_object_set_new(s->v->details, "failure-count", json_integer(s->failure_count));
        json_object_set(s->v->details, "failures", s->failures);
        json_object_set(s->v->details, "results", s->results);
    }
    verdict_finish(s->v);
}

int keyed_check(const struct checker *c, const struct history *h, const json_t *options,
                struct verdict *ret_verdict, struct err *err)
{
    struct parts p = {.keys = map_new()};
    struct verdict v;
    struct sum s = {.v = &v, .failures = json_array(), .results = json_object()};
    int status = 0;
    uint32_t i;

    verdict_init(&v);
    for (i = 0; i < history_len(h) && status == 0; i++)
        if (history_at(h, i)->process >= 0)
            status = add_event(&p, h, i, err);
    if (status == 0)
        status = check_parts(c, &p, options, &s, err);
    if (status == 0) {
        finish(&s, map_len(p.keys));
        *ret_verdict = v;
    } else {
        verdict_release(&v);
    }
    for (i = 0; i < map_len(p.keys); i++)
        history_free(p.histories[i]);
    mem_free(p.histories);
    map_free(p.keys);
    json_decref(s.failures);
    json_decref(s.results);
    return status;
}
