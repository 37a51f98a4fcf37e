/* What a read sees is a set of keys. Reads of the same keys fit one order of the writes if and only
 * if their sets form a chain, each a part of the next; sorted by size, neighbours decide that. So
 * the cost is that of sorting, where comparing all pairs would be quadratic. */
#include "long_fork.h"

#include "checker.h"
#include "history.h"
#include "plant.h"
#include "verdict.h"

#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"

#include <stdlib.h>
#include <string.h>

struct look {
    uint32_t event; /* the completion */
    uint32_t group; /* number of its list of keys */
    uint32_t first; /* its part of shown: one byte a key of the group, in order of key numbers */
    uint32_t count; /* keys */
    uint32_t size;  /* of them seen */
};

struct fork {
    const struct history *h;
    struct map *keys;
    struct map *groups; /* key numbers, as bytes */
    struct str *values; /* by key: what a read showed; data NULL: nothing yet */
    size_t value_cap;
    bool *is_written; /* by key */
    size_t written_cap;
    struct look *looks;
    size_t look_cap;
    uint32_t look_len;
    struct buf shown;
    uint32_t early, late, fork_count;
    json_t *forks;
    struct verdict *v;
};

/* One key and what a read shows of it. */
struct sight {
    uint32_t key;
    bool seen;
};

/* Reads [f, k, v] with the reader behind its opening. False: it has another shape. */
static bool read_mop(struct json_reader *r, struct str part[3])
{
    int count = 0;

    part[2] = STR_LIT("null");
    while (json_next(r) != JSON_AT_ARRAY_END)
        if (count == 3 || !json_skip(r, &part[count++]))
            return false;
    return count >= 2;
}

static bool is_read(struct str f)
{
    return str_is(f, "\"r\"") || str_is(f, "\"read\"");
}

static uint32_t key_of(struct fork *k, struct str text)
{
    bool is_new;
    uint32_t key = map_put(k->keys, text, &is_new);

    if (is_new) {
        k->values = mem_grow(k->values, &k->value_cap, key + 1, sizeof(*k->values));
        k->is_written = mem_grow(k->is_written, &k->written_cap, key + 1, sizeof(*k->is_written));
        k->values[key] = (struct str){NULL, 0};
        k->is_written[key] = false;
    }
    return key;
}

/* ---- writes ---- */

static void note_write(struct fork *k, const struct op *op, struct str key_text)
{
    uint32_t key = key_of(k, key_text);
    char word[VERDICT_WORD_SIZE];

    if (k->is_written[key])
        verdict_blame(k->v, VALID_UNKNOWN,
                      "process %d writes key %s, which was written before; forks are only to be "
                      "seen where each key is written once",
                      op->process, verdict_word(key_text, word));
    k->is_written[key] = true;
}

static void look_for_writes(struct fork *k, const struct op *op)
{
    struct str part[3];
    struct json_reader r;

    json_reader_init(&r, op->value);
    if (json_next(&r) != JSON_AT_ARRAY)
        return;
    while (json_next(&r) == JSON_AT_ARRAY) {
        if (!read_mop(&r, part))
            return;
        if (!is_read(part[0]))
            note_write(k, op, part[1]);
    }
}

/* ---- reads ---- */

static void note_value(struct fork *k, const struct op *op, uint32_t key, struct str value)
{
    char one[VERDICT_WORD_SIZE], other[VERDICT_WORD_SIZE], name[VERDICT_WORD_SIZE];

    if (k->values[key].data == NULL)
        k->values[key] = value;
    else if (!str_eq(k->values[key], value))
        verdict_blame(k->v, VALID_UNKNOWN,
                      "process %d reads %s from key %s, where another read shows %s; forks are "
                      "only to be seen where each key is written once",
                      op->process, verdict_word(value, one),
                      verdict_word(map_text(k->keys, key), name),
                      verdict_word(k->values[key], other));
}

static int compare_sights(const void *x, const void *y)
{
    const struct sight *a = x, *b = y;

    return (a->key > b->key) - (a->key < b->key);
}

static void add_look(struct fork *k, uint32_t event, struct sight *sights, uint32_t count)
{
    struct look look = {.event = event, .first = (uint32_t)k->shown.len, .count = count};
    struct buf group = {0};

    if (count > 0)
        qsort(sights, count, sizeof(*sights), compare_sights);
    for (uint32_t i = 0; i < count; i++) {
        buf_add(&group, &sights[i].key, sizeof(sights[i].key));
        buf_add_char(&k->shown, sights[i].seen ? 1 : 0);
        look.size += sights[i].seen;
    }
    look.group = map_put(k->groups, buf_str(&group), NULL);
    buf_release(&group);
    k->early += look.size == 0;
    k->late += look.size == count;
    k->looks = mem_grow(k->looks, &k->look_cap, k->look_len + 1, sizeof(*k->looks));
    k->looks[k->look_len++] = look;
}

static void malformed(struct fork *k, const struct op *op)
{
    char word[VERDICT_WORD_SIZE];

    verdict_blame(k->v, VALID_UNKNOWN,
                  "process %d reads %s, which is no list such as [[\"r\",1,5]]", op->process,
                  verdict_word(op->value, word));
}

/* An ok transaction; only those that just read are of use. */
static void look_at(struct fork *k, uint32_t event)
{
    const struct op *op = history_at(k->h, event);
    struct sight *sights = NULL;
    struct str part[3];
    struct json_reader r;
    size_t cap = 0;
    uint32_t count = 0;
    bool sound = true, reads_only = true;

    json_reader_init(&r, op->value);
    sound = json_next(&r) == JSON_AT_ARRAY;
    while (sound && json_next(&r) != JSON_AT_ARRAY_END) {
        sound = r.kind == JSON_AT_ARRAY && read_mop(&r, part);
        reads_only = reads_only && sound && is_read(part[0]);
        if (!reads_only)
            continue;
        sights = mem_grow(sights, &cap, count + 1, sizeof(*sights));
        sights[count] = (struct sight){key_of(k, part[1]), !str_is(part[2], "null")};
        if (sights[count].seen)
            note_value(k, op, sights[count].key, part[2]);
        count++;
    }
    if (!sound)
        malformed(k, op);
    else if (reads_only && count > 0)
        add_look(k, event, sights, count);
    mem_free(sights);
}

/* ---- forks ---- */

static int by_group_and_size(const void *x, const void *y)
{
    const struct look *a = x, *b = y;

    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return a->event < b->event ? -1 : 1;
}

/* A key that a sees and b does not, as its text; empty if there is none. */
static struct str only_in(const struct fork *k, const struct look *a, const struct look *b)
{
    struct str keys = map_text(k->groups, a->group);
    uint32_t key;

    for (uint32_t i = 0; i < a->count; i++) {
        if (!k->shown.data[a->first + i] || k->shown.data[b->first + i])
            continue;
        memcpy(&key, keys.data + i * sizeof(key), sizeof(key));
        return map_text(k->keys, key);
    }
    return STR_LIT("");
}

static void blame(struct fork *k, const struct look *a, const struct look *b, struct str a_key,
                  struct str b_key)
{
    const struct op *x = history_at(k->h, a->event), *y = history_at(k->h, b->event);
    char one[VERDICT_WORD_SIZE], other[VERDICT_WORD_SIZE];
    char at_x[DURATION_TEXT_MAX], at_y[DURATION_TEXT_MAX];

    verdict_list_add(k->forks, json_pack("[o,o]", verdict_operation(k->h, a->event),
                                         verdict_operation(k->h, b->event)));
    if (k->fork_count++ > 0)
        return;
    verdict_word(a_key, one);
    verdict_word(b_key, other);
    verdict_explain(k->v, k->h, (uint32_t[]){a->event, b->event}, 2);
    verdict_blame(k->v, VALID_FALSE,
                  "a long fork: process %d (read up to %s) saw key %s but not yet key %s, process "
                  "%d (read up to %s) saw key %s but not yet key %s; no one order of the writes "
                  "explains both",
                  x->process, duration_text(x->time_ns, at_x), one, other, y->process,
                  duration_text(y->time_ns, at_y), other, one);
}

static void find_forks(struct fork *k)
{
    if (k->look_len > 1)
        qsort(k->looks, k->look_len, sizeof(*k->looks), by_group_and_size);
    for (uint32_t i = 1; i < k->look_len; i++) {
        const struct look *a = &k->looks[i - 1], *b = &k->looks[i];
        struct str a_key, b_key;
        if (a->group != b->group)
            continue;
        a_key = only_in(k, a, b);
        b_key = only_in(k, b, a);
        if (a_key.len > 0 && b_key.len > 0 && !(PLANTED(30) && a->size == b->size))
            blame(k, a, b, a_key, b_key);
    }
}

static bool can_compare(const struct fork *k)
{
    for (uint32_t i = 1; i < k->look_len; i++)
        if (k->looks[i].group == k->looks[i - 1].group)
            return true;
    return false;
}

static void walk(struct fork *k)
{
    int64_t f[3] = {history_find_f(k->h, "read"), history_find_f(k->h, "write"),
                    history_find_f(k->h, "txn")};

    for (uint32_t i = 0; i < history_len(k->h); i++) {
        const struct op *op = history_at(k->h, i);
        if (op->process < 0 || (op->f != f[0] && op->f != f[1] && op->f != f[2]))
            continue;
        if (op->type == OP_INVOKE)
            look_for_writes(k, op);
        else if (op->type == OP_OK && op->f != f[1])
            look_at(k, i);
    }
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    struct fork k = {.h = h, .v = ret_verdict};
    bool is_clear;

    (void)options;
    (void)err;
    verdict_init(ret_verdict);
    k.keys = map_new();
    k.groups = map_new();
    k.forks = json_array();
    walk(&k);
    is_clear = ret_verdict->valid == VALID_TRUE; /* of what was written and read */
    if (is_clear)
        find_forks(&k);
    if (is_clear && !can_compare(&k))
        verdict_blame(
            ret_verdict, VALID_UNKNOWN,
            "no two reads of the same keys were answered, so there is nothing to compare");
    json_object_set_new(ret_verdict->details, "reads-count", json_integer(k.look_len));
    json_object_set_new(ret_verdict->details, "early-read-count", json_integer(k.early));
    json_object_set_new(ret_verdict->details, "late-read-count", json_integer(k.late));
    json_object_set_new(ret_verdict->details, "fork-count", json_integer(k.fork_count));
    json_object_set_new(ret_verdict->details, "forks", k.forks);
    verdict_finish(ret_verdict);
    map_free(k.keys);
    map_free(k.groups);
    mem_free(k.values);
    mem_free(k.is_written);
    mem_free(k.looks);
    buf_release(&k.shown);
    return 0;
}

const struct checker long_fork_checker = {
    "long-fork", "All reads see writes to different keys appear in one order.", NULL, run, NULL,
};
