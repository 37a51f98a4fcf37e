/* States by family:
 *
 *   values    a state is the number of a value, counted anew in each part from 0, the start
 *   text,     a state is a node of a trie that holds exactly the beginnings of what some read of
 *   list      this part shows, byte by byte or element by element. Every other state is
 *             LIN_DEAD: what is no beginning of any answer never becomes one by appending, so
 *             reads cannot tell such states apart. The same holds for a node below which all
 *             reads have returned: node.last_ret says when that is. A dead state is refused at
 *             once when a read is still to come and no put can end it, which is what keeps 50
 *             clients' concurrent appends from being tried in 50! orders.
 *   queue     a vector of numbers: the values from head to tail; set: its elements, sorted;
 *             counter: the sum; fenced lock: mode, token held, highest token granted;
 *             registers: the value of each (lin_registers.h).
 *             Vectors are numbered by a map over their bytes.
 *
 * An indeterminate grant got some token above the highest; which one is decided as late as
 * possible: mode UNKNOWN turns into the token that a release shows. That is exact, for until then
 * nothing else can depend on it. */
#include "lin_space.h"

#include "../base/assert.h"
#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "lin_input.h"
#include "lin_model.h"
#include "lin_plant.h"
#include "lin_registers.h"

#include <stdlib.h>
#include <string.h>

enum { STATE_BYTES_MAX = 256 << 20, SHOWN_MAX = 60 };
enum { FENCED_FREE, FENCED_HELD, FENCED_UNKNOWN }; /* the first word of a fenced lock */

struct node {
    uint32_t parent;
    uint32_t symbol;   /* a byte, or the number of a value */
    uint32_t last_ret; /* when the last read at or below it returns */
};

struct lin_space {
    struct lin_input *in;
    enum lin_family family;
    uint32_t now;
    uint32_t start;

    uint32_t *value_of; /* LIN_VALUES: by state, the number in in->values; NULL: the same */
    size_t value_cap;
    uint32_t value_count;

    struct map *edges;  /* trie: (parent, symbol) to child - 1 */
    struct node *nodes; /* 0 is the root, the empty text or list */
    size_t node_cap;
    uint32_t node_count;
    struct map *pieces;      /* LIN_TEXT: the bytes that appends add, by op.a */
    uint32_t last_read_inv;  /* invocation of the last read */
    uint32_t last_write_ret; /* return of the last put; 0 if there is none */
    bool patient;            /* appends lead to nodes of their own, whoever reads them */

    struct map *vectors;
    struct lin_registers *registers;
    struct buf scratch;
    size_t bytes;
};

/* ---- values ---- */

static uint32_t renumber(struct lin_space *s, uint32_t part, uint32_t value)
{
    struct lin_renumber *r = &s->in->renumber[value];

    if (r->part != part + 1) {
        r->part = part + 1;
        r->local = s->value_count;
        s->value_of =
            mem_grow(s->value_of, &s->value_cap, s->value_count + 1, sizeof(*s->value_of));
        s->value_of[s->value_count++] = value;
    }
    return r->local;
}

static void prepare_values(struct lin_space *s, struct lin_part *p)
{
    int64_t start = map_find(s->in->values, str_of(s->in->model->start));

    if (s->in->part_count == 1) { /* the numbers can stay */
        s->start = (uint32_t)start;
        s->value_count = map_len(s->in->values);
        return;
    }
    s->start = renumber(s, p->key, (uint32_t)start);
    for (uint32_t i = 0; i < p->len; i++) {
        struct lin_op *op = &p->ops[i];
        op->a = renumber(s, p->key, op->a);
        if (op->kind == LIN_CAS)
            op->b = renumber(s, p->key, op->b);
    }
}

/* ---- texts and lists ---- */

static uint32_t child(struct lin_space *s, uint32_t parent, uint32_t symbol)
{
    uint32_t key[2] = {parent, symbol};
    int64_t found = map_find(s->edges, (struct str){(char *)key, sizeof(key)});

    return found == MAP_NONE ? LIN_DEAD : (uint32_t)found + 1;
}

static uint32_t add_child(struct lin_space *s, uint32_t parent, uint32_t symbol)
{
    uint32_t key[2] = {parent, symbol}, number;
    bool is_new;

    number = 1 + map_put(s->edges, (struct str){(char *)key, sizeof(key)}, &is_new);
    if (is_new) {
        s->nodes = mem_grow(s->nodes, &s->node_cap, number + 1, sizeof(*s->nodes));
        s->nodes[number] = (struct node){.parent = parent, .symbol = symbol};
        s->node_count = number + 1;
    }
    return number;
}

/* The bytes that a JSON value means as a text: a string's inside; null is empty; else as it is. */
static void plain_text(struct str json, struct buf *out)
{
    buf_reset(out);
    if (json.len >= 2 && json.data[0] == '"')
        json_unescape(out, (struct str){json.data + 1, json.len - 2});
    else if (!str_is(json, "null"))
        buf_add_str(out, json);
}

static uint32_t walk_text(struct lin_space *s, uint32_t node, struct str bytes, bool grow)
{
    for (size_t i = 0; i < bytes.len && node != LIN_DEAD; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        node = grow ? add_child(s, node, c) : child(s, node, c);
    }
    return node;
}

/* The text of the last read and the node after each of its bytes: a text that grows is read again
 * and again, and what two reads in a row share is walked once. */
struct last_walk {
    struct buf text;
    uint32_t *nodes;
    size_t cap;
};

static uint32_t walk_read(struct lin_space *s, struct last_walk *last, struct str bytes)
{
    size_t same = 0, shared = last->text.len < bytes.len ? last->text.len : bytes.len;
    uint32_t node;

    while (same < shared && last->text.data[same] == bytes.data[same])
        same++;
    node = same > 0 ? last->nodes[same - 1] : 0;
    last->nodes = mem_grow(last->nodes, &last->cap, bytes.len, sizeof(*last->nodes));
    for (size_t i = same; i < bytes.len; i++)
        last->nodes[i] = node = add_child(s, node, (unsigned char)bytes.data[i]);
    buf_reset(&last->text);
    buf_add_str(&last->text, bytes);
    return node;
}

/* The node of a list that a read shows; LIN_IMPOSSIBLE if it shows no list. */
static uint32_t walk_list(struct lin_space *s, struct str json)
{
    struct json_reader r;
    struct str element;
    uint32_t node = 0;

    json_reader_init(&r, json);
    if (json_next(&r) != JSON_AT_ARRAY)
        return LIN_IMPOSSIBLE;
    while (json_next(&r) != JSON_AT_ARRAY_END) {
        if (!json_skip(&r, &element))
            return LIN_IMPOSSIBLE;
        node = add_child(s, node, map_put(s->in->values, element, NULL));
    }
    return node;
}

static void prepare_trie(struct lin_space *s, struct lin_part *p)
{
    struct buf text = {0};
    struct last_walk last = {.cap = 0};

    s->edges = map_new();
    s->pieces = map_new();
    s->nodes = mem_grow(s->nodes, &s->node_cap, 1, sizeof(*s->nodes));
    s->nodes[0] = (struct node){0};
    s->node_count = 1;
    for (uint32_t i = 0; i < p->len; i++) {
        struct lin_op *op = &p->ops[i];
        struct str json = map_text(s->in->values, op->a);
        if (op->kind != LIN_READ)
            continue;
        if (s->family == LIN_LIST) {
            op->a = walk_list(s, json);
        } else {
            plain_text(json, &text);
            op->a = walk_read(s, &last, buf_str(&text));
        }
    }
    for (uint32_t i = 0; i < p->len && s->family == LIN_TEXT; i++) {
        struct lin_op *op = &p->ops[i];
        if (op->kind == LIN_READ)
            continue;
        plain_text(map_text(s->in->values, op->a), &text);
        op->a = op->kind == LIN_APPEND ? map_put(s->pieces, buf_str(&text), NULL)
                                       : walk_text(s, 0, buf_str(&text), false);
    }
    buf_release(&text);
    buf_release(&last.text);
    mem_free(last.nodes);
}

static void begin_trie(struct lin_space *s, const struct lin_part *p, bool timed)
{
    for (uint32_t i = 0; i < s->node_count; i++)
        s->nodes[i].last_ret = timed ? 0 : LIN_OPEN;
    s->last_read_inv = 0;
    s->last_write_ret = 0;
    for (uint32_t i = 0; timed && i < p->len; i++) {
        const struct lin_op *op = &p->ops[i];
        if (op->kind == LIN_WRITE && op->ret > s->last_write_ret)
            s->last_write_ret = op->ret;
        if (op->kind != LIN_READ)
            continue;
        s->last_read_inv = op->inv;
        for (uint32_t n = op->a; n != LIN_IMPOSSIBLE && s->nodes[n].last_ret < op->ret;) {
            s->nodes[n].last_ret = op->ret;
            if (n == 0)
                break;
            n = s->nodes[n].parent;
        }
    }
}

static uint32_t append(struct lin_space *s, uint32_t state, const struct lin_op *op)
{
    if (state != LIN_DEAD && s->patient)
        return s->family == LIN_LIST ? add_child(s, state, op->a)
                                     : walk_text(s, state, map_text(s->pieces, op->a), true);
    if (state != LIN_DEAD)
        state = s->family == LIN_LIST ? child(s, state, op->a)
                                      : walk_text(s, state, map_text(s->pieces, op->a), false);
    if (state != LIN_DEAD && s->nodes[state].last_ret >= s->now)
        return state;
    return s->last_read_inv > s->now && s->last_write_ret < s->now ? LIN_REFUSED : LIN_DEAD;
}

/* ---- vectors ---- */

static uint32_t vector_number(struct lin_space *s, const void *words, size_t count)
{
    size_t len = count * sizeof(int64_t);
    bool is_new;
    uint32_t number = map_put(s->vectors, (struct str){words, len}, &is_new);

    if (is_new)
        s->bytes += len + 64;
    return number;
}

static const int64_t *vector_of(const struct lin_space *s, uint32_t state, size_t *ret_count)
{
    struct str text = map_text(s->vectors, state);

    *ret_count = text.len / sizeof(int64_t);
    return (const int64_t *)(const void *)text.data;
}

/* A copy of the vector in s->scratch, with room for one word more. */
static int64_t *vector_copy(struct lin_space *s, uint32_t state, size_t *ret_count)
{
    const int64_t *words = vector_of(s, state, ret_count);

    buf_reset(&s->scratch);
    buf_reserve(&s->scratch, (*ret_count + 1) * sizeof(*words));
    if (*ret_count > 0)
        memcpy(s->scratch.data, words, *ret_count * sizeof(*words));
    return (int64_t *)(void *)s->scratch.data;
}

static int compare_words(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

    return (a > b) - (a < b);
}

static uint32_t read_set(struct lin_space *s, struct str json)
{
    struct json_reader r;
    struct str element;
    int64_t *words = NULL;
    size_t cap = 0, len = 0;
    uint32_t state = LIN_IMPOSSIBLE;

    json_reader_init(&r, json);
    if (json_next(&r) != JSON_AT_ARRAY)
        return state;
    while (json_next(&r) != JSON_AT_ARRAY_END) {
        if (!json_skip(&r, &element))
            goto out;
        words = mem_grow(words, &cap, len + 1, sizeof(*words));
        words[len++] = map_put(s->in->values, element, NULL);
    }
    if (len > 0)
        qsort(words, len, sizeof(*words), compare_words);
    for (size_t i = 1; i < len; i++)
        if (words[i] == words[i - 1])
            goto out;
    state = vector_number(s, words, len);
out:
    mem_free(words);
    return state;
}

static void prepare_registers(struct lin_space *s, struct lin_part *p)
{
    const int64_t *words;
    size_t count;

    s->registers = lin_registers_new(s->in, p);
    words = lin_registers_start(s->registers, &count);
    s->start = vector_number(s, words, count);
}

static uint32_t step_registers(struct lin_space *s, uint32_t state, const struct lin_op *op)
{
    size_t count;
    int64_t *copy = vector_copy(s, state, &count);

    if (!lin_registers_step(s->registers, op, copy))
        return LIN_REFUSED;
    return op->kind == LIN_LOOK ? state : vector_number(s, copy, count);
}

static void prepare_vectors(struct lin_space *s, struct lin_part *p)
{
    static const int64_t unlocked[] = {FENCED_FREE, 0, INT64_MIN}, zero = 0;

    s->vectors = map_new();
    if (s->family == LIN_FENCED)
        s->start = vector_number(s, unlocked, 3);
    else if (s->family == LIN_COUNTER)
        s->start = vector_number(s, &zero, 1);
    else if (s->family == LIN_REGISTERS)
        prepare_registers(s, p);
    else
        s->start = vector_number(s, "", 0);
    for (uint32_t i = 0; i < p->len; i++) {
        struct lin_op *op = &p->ops[i];
        struct str json;
        int64_t n;
        if (op->kind != LIN_READ)
            continue;
        if (s->family == LIN_QUEUE) {
            op->a = s->start; /* a dequeue that found nothing */
            continue;
        }
        json = map_text(s->in->values, op->a);
        if (s->family == LIN_SET)
            op->a = read_set(s, json);
        else
            op->a = json_to_i64(json, &n) ? vector_number(s, &n, 1) : LIN_IMPOSSIBLE;
    }
}

static bool find_element(const int64_t *words, size_t count, int64_t element, size_t *ret_at)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (words[middle] < element)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_at = low;
    return low < count && words[low] == element;
}

static uint32_t step_set(struct lin_space *s, uint32_t state, const struct lin_op *op)
{
    size_t count, at;
    const int64_t *words = vector_of(s, state, &count);
    bool has = find_element(words, count, op->a, &at);
    int64_t *copy;

    if (op->kind == LIN_CONTAINS)
        return has == (op->b != 0) ? state : LIN_REFUSED;
    if (has == (op->kind == LIN_INSERT))
        return state;
    copy = vector_copy(s, state, &count);
    if (op->kind == LIN_INSERT) {
        memmove(copy + at + 1, copy + at, (count - at) * sizeof(*copy));
        copy[at] = op->a;
        return vector_number(s, copy, count + 1);
    }
    memmove(copy + at, copy + at + 1, (count - at - 1) * sizeof(*copy));
    return vector_number(s, copy, count - 1);
}

static uint32_t step_queue(struct lin_space *s, uint32_t state, const struct lin_op *op)
{
    size_t count;
    int64_t *copy = vector_copy(s, state, &count);

    if (op->kind == LIN_ENQUEUE) {
        copy[count] = op->a;
        return vector_number(s, copy, count + 1);
    }
    if (count == 0)
        return op->kind == LIN_DEQUEUE_ANY ? state : LIN_REFUSED;
    if (op->kind == LIN_DEQUEUE && copy[0] != op->a)
        return LIN_REFUSED;
    return vector_number(s, copy + 1, count - 1);
}

static uint32_t step_counter(struct lin_space *s, uint32_t state, const struct lin_op *op)
{
    size_t count;
    int64_t sum = (int64_t)((uint64_t)*vector_of(s, state, &count) + (uint64_t)lin_op_number(op));

    return vector_number(s, &sum, 1);
}

static uint32_t step_fenced(struct lin_space *s, uint32_t state, const struct lin_op *op)
{
    size_t count;
    const int64_t *w = vector_of(s, state, &count);
    int64_t mode = w[0], held = w[1], highest = w[2], token = lin_op_number(op);

    switch (op->kind) {
    case LIN_GRANT:
        if (mode != FENCED_FREE || (token <= highest && !PLANTED_LIN(10)))
            return LIN_REFUSED;
        return vector_number(s, (int64_t[]){FENCED_HELD, token, token}, 3);
    case LIN_GRANT_ANY:
        if (mode != FENCED_FREE)
            return LIN_REFUSED;
        return vector_number(s, (int64_t[]){FENCED_UNKNOWN, 0, highest}, 3);
    default:
        if (mode == FENCED_HELD && token == held)
            return vector_number(s, (int64_t[]){FENCED_FREE, 0, highest}, 3);
        if (mode == FENCED_UNKNOWN && token > highest)
            return vector_number(s, (int64_t[]){FENCED_FREE, 0, token}, 3);
        return LIN_REFUSED;
    }
}

/* ---- all ---- */

struct lin_space *lin_space_new(struct lin_input *in, struct lin_part *part)
{
    struct lin_space *s = mem_zalloc(sizeof(*s));

    s->in = in;
    s->family = in->model->family;
    if (s->family == LIN_VALUES)
        prepare_values(s, part);
    else if (s->family == LIN_TEXT || s->family == LIN_LIST)
        prepare_trie(s, part);
    else
        prepare_vectors(s, part);
    lin_space_begin(s, part, false);
    return s;
}

void lin_space_free(struct lin_space *s)
{
    if (s == NULL)
        return;
    mem_free(s->value_of);
    map_free(s->edges);
    mem_free(s->nodes);
    map_free(s->pieces);
    map_free(s->vectors);
    lin_registers_free(s->registers);
    buf_release(&s->scratch);
    mem_free(s);
}

void lin_space_begin(struct lin_space *s, const struct lin_part *part, bool timed)
{
    s->now = 0;
    if (s->edges != NULL)
        begin_trie(s, part, timed);
}

void lin_space_now(struct lin_space *s, uint32_t event)
{
    s->now = event;
}

bool lin_space_looks_ahead(const struct lin_space *s)
{
    return s->edges != NULL;
}

void lin_space_be_patient(struct lin_space *s, bool patient)
{
    s->patient = patient;
}

uint32_t lin_space_start(const struct lin_space *s)
{
    return s->start;
}

uint32_t lin_step(struct lin_space *s, uint32_t state, const struct lin_op *op)
{
    switch ((enum lin_kind)op->kind) {
    case LIN_READ:
        return state == op->a ? state : LIN_REFUSED;
    case LIN_WRITE:
        return op->a;
    case LIN_CAS:
        return state == op->a ? op->b : LIN_REFUSED;
    case LIN_APPEND:
        return append(s, state, op);
    case LIN_ENQUEUE:
    case LIN_DEQUEUE:
    case LIN_DEQUEUE_ANY:
        return step_queue(s, state, op);
    case LIN_GRANT:
    case LIN_GRANT_ANY:
    case LIN_RETURN:
        return step_fenced(s, state, op);
    case LIN_INSERT:
    case LIN_REMOVE:
    case LIN_CONTAINS:
        return step_set(s, state, op);
    case LIN_ADD:
        return step_counter(s, state, op);
    case LIN_TXN:
    case LIN_LOOK:
        return step_registers(s, state, op);
    }
    ASSERT(!"an operation of a kind that is in no model");
    return LIN_REFUSED;
}

bool lin_space_full(const struct lin_space *s)
{
    return s->bytes > STATE_BYTES_MAX;
}

uint32_t lin_space_value_count(const struct lin_space *s)
{
    return s->value_count;
}

int64_t lin_space_path(const struct lin_space *s)
{
    for (uint32_t i = 1; i < s->node_count; i++)
        if (s->nodes[i].parent != i - 1)
            return -1;
    return (int64_t)s->node_count - 1;
}

uint32_t lin_space_path_at(const struct lin_space *s, uint32_t place)
{
    return s->nodes[place + 1].symbol;
}

uint32_t lin_space_depth(const struct lin_space *s, uint32_t state)
{
    ASSERT(state < s->node_count);
    return state; /* nodes of a path are numbered from the root on */
}

const int64_t *lin_space_elements(const struct lin_space *s, uint32_t state, size_t *ret_count)
{
    return vector_of(s, state, ret_count);
}

static void saw(uint32_t **into, size_t *cap, uint32_t *len, uint32_t value)
{
    *into = mem_grow(*into, cap, *len + 1, sizeof(**into));
    (*into)[(*len)++] = value;
}

void lin_space_seen(const struct lin_space *s, const struct lin_op *op, uint32_t **into,
                    size_t *cap, uint32_t *len)
{
    const int64_t *elements;
    size_t count;

    if (op->kind == LIN_CONTAINS && op->b != 0) {
        saw(into, cap, len, op->a);
    } else if (op->kind != LIN_READ || op->a == LIN_IMPOSSIBLE) {
        return;
    } else if (s->family == LIN_VALUES && op->a != s->start) {
        saw(into, cap, len, op->a);
    } else if (s->family == LIN_LIST) {
        for (uint32_t n = op->a; n != 0; n = s->nodes[n].parent)
            saw(into, cap, len, s->nodes[n].symbol);
    } else if (s->family == LIN_SET) {
        elements = vector_of(s, op->a, &count);
        for (size_t i = 0; i < count; i++)
            saw(into, cap, len, (uint32_t)elements[i]);
    }
}

static void cut(struct buf *out, size_t from)
{
    if (out->len - from <= SHOWN_MAX)
        return;
    out->len = from + SHOWN_MAX;
    while (out->len > from && ((unsigned char)out->data[out->len] & 0xc0) == 0x80)
        out->len--;
    buf_add_text(out, "...");
}

static void trie_text(const struct lin_space *s, uint32_t state, struct buf *out)
{
    struct buf bytes = {0};
    uint32_t *path = NULL;
    size_t cap = 0, len = 0;

    for (uint32_t n = state; n != 0; n = s->nodes[n].parent) {
        path = mem_grow(path, &cap, len + 1, sizeof(*path));
        path[len++] = s->nodes[n].symbol;
    }
    if (s->family == LIN_LIST)
        buf_add_char(out, '[');
    while (len-- > 0) {
        if (s->family == LIN_TEXT)
            buf_add_char(&bytes, (char)path[len]);
        else
            buf_addf(out, "%.*s%s", STR_ARG(map_text(s->in->values, path[len])), len ? "," : "");
    }
    if (s->family == LIN_LIST)
        buf_add_char(out, ']');
    else
        json_quote(out, buf_str(&bytes));
    buf_release(&bytes);
    mem_free(path);
}

static void vector_text(const struct lin_space *s, uint32_t state, struct buf *out)
{
    size_t count;
    const int64_t *w = vector_of(s, state, &count);

    if (s->family == LIN_COUNTER) {
        buf_add_i64(out, w[0]);
    } else if (s->family == LIN_REGISTERS) {
        lin_registers_text(s->registers, w, out);
    } else if (s->family == LIN_FENCED) {
        if (w[0] == FENCED_HELD)
            buf_addf(out, "held with token %lld", (long long)w[1]);
        else
            buf_add_text(out, w[0] == FENCED_FREE ? "free" : "held with a token that nobody knows");
        if (w[0] != FENCED_HELD && w[2] != INT64_MIN)
            buf_addf(out, " (highest token so far %lld)", (long long)w[2]);
    } else {
        buf_add_char(out, '[');
        for (size_t i = 0; i < count; i++)
            buf_addf(out, "%.*s%s", STR_ARG(map_text(s->in->values, (uint32_t)w[i])),
                     i + 1 < count ? "," : "");
        buf_add_char(out, ']');
    }
}

void lin_space_text(const struct lin_space *s, uint32_t state, struct buf *out)
{
    size_t from = out->len;

    if (state == LIN_DEAD)
        buf_add_text(out, "something that no later read shows");
    else if (s->family == LIN_VALUES)
        buf_add_str(out, map_text(s->in->values, s->value_of != NULL ? s->value_of[state] : state));
    else if (s->edges != NULL)
        trie_text(s, state, out);
    else
        vector_text(s, state, out);
    cut(out, from);
}
