/* From JSON texts to numbers, in one pass and without a tree.
 *
 * Values in a history are canonical JSON, so equal values are equal texts and a value ends where a
 * scan over brackets and quotes says. An invocation and its ok completion hold the same text but
 * for what reads saw; both are walked side by side.
 *
 * The bulk of such a history is lists that reads returned. In a sound run they are beginnings of
 * one list per key, so a key keeps the longest text seen and the offsets at which its elements end:
 *
 *     text      [17,4,"x",8]
 *     ends         3 5  9 11
 *     a read    [17,4]          equal up to offset 5, and 5 is an end: it saw 2 elements
 *     a read    [17,4,"x",8,9]  begins with the whole text: only the 9 is new
 *     a read    [4]             neither: a sequence of its own
 *
 * That leaves one memcmp for most reads, and memory for each element only once. A read is compared
 * with the latest few sequences of its key; one that fits none opens another. */
#include "txn_history.h"

#include "history.h"
#include "txn_plant.h"
#include "verdict.h"

#include "../base/map.h"
#include "../base/mem.h"

#include <string.h>

enum { SEQUENCES_TRIED = 4 };

/* A text that is being walked. */
struct walk {
    const char *p;
    const char *end;
};

static struct walk walk_of(struct str text)
{
    return (struct walk){text.data, text.data + text.len};
}

static bool take(struct walk *w, const char *text)
{
    size_t len = strlen(text);

    if ((size_t)(w->end - w->p) < len || memcmp(w->p, text, len) != 0)
        return false;
    w->p += len;
    return true;
}

/* p behind an opening quote: the place behind the closing one, or end. */
static const char *behind_string(const char *p, const char *end)
{
    while (p < end && *p != '"')
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    return p < end ? p + 1 : end;
}

/* Takes one JSON value; false, and nothing taken, where none stands. */
static bool take_value(struct walk *w, struct str *ret_text)
{
    const char *p = w->p;
    unsigned depth = 0;

    while (p < w->end) {
        if (depth == 0 && p > w->p && (*p == ',' || *p == ']'))
            break;
        if (*p == '"') {
            p = behind_string(p + 1, w->end);
            continue;
        }
        if (*p == '[' || *p == '{')
            depth++;
        else if ((*p == ']' || *p == '}') && depth-- == 0)
            return false;
        else if (*p == ',' && depth == 0)
            return false;
        p++;
    }
    if (p == w->p || depth > 0)
        return false;
    *ret_text = (struct str){w->p, (size_t)(p - w->p)};
    w->p = p;
    return true;
}

/* One operation as it stands in the text. */
struct mop_text {
    struct str f; /* with its quotes */
    struct str key;
    struct str value;
};

/* Where an operation stands in the text of its invocation. */
struct txn_span {
    const char *begin;
    uint32_t head_len; /* up to its value; all of it where a read has none */
    uint32_t len;
};

/* A read may leave its null out: ["r",1]. Its value is then empty, where it would stand. */
static bool take_mop(struct walk *w, struct mop_text *ret_mop)
{
    if (!take(w, "[") || !take_value(w, &ret_mop->f) || !take(w, ",") ||
        !take_value(w, &ret_mop->key))
        return false;
    ret_mop->value = (struct str){w->p, 0};
    if (str_is(ret_mop->f, "\"r\"") && take(w, "]"))
        return true;
    return take(w, ",") && take_value(w, &ret_mop->value) && take(w, "]");
}

static uint32_t key_number(struct txn_history *t, struct str text)
{
    bool is_new;
    uint32_t key = map_put(t->keys, text, &is_new);

    if (is_new) {
        t->key_sequences = mem_grow(t->key_sequences, &t->key_sequences_cap, (size_t)key + 1,
                                    sizeof(*t->key_sequences));
        t->key_sequences[key] = TXN_NONE;
        t->key_count = key + 1;
    }
    return key;
}

/* Lists that reads saw. */

static void add_element(struct txn_history *t, struct txn_sequence *s, struct str text, size_t end)
{
    s->elements = mem_grow(s->elements, &s->elements_cap, (size_t)s->len + 1, sizeof(uint32_t));
    s->ends = mem_grow(s->ends, &s->ends_cap, (size_t)s->len + 1, sizeof(uint32_t));
    s->elements[s->len] = txn_values_put(&t->values, s->key, text);
    s->ends[s->len++] = (uint32_t)end;
}

/* Takes over the elements of text from offset on, where the first of them or a comma stands. False
 * if text is no list; the sequence is unchanged then. */
static bool extend(struct txn_history *t, struct txn_sequence *s, struct str text, size_t offset)
{
    uint32_t old_len = s->len;
    struct walk w = walk_of(text);
    struct str element;

    w.p += offset;
    while (!take(&w, "]")) {
        if ((s->len > 0 && !take(&w, ",")) || !take_value(&w, &element)) {
            s->len = old_len;
            return false;
        }
        add_element(t, s, element, (size_t)(w.p - text.data));
    }
    if (w.p != w.end) {
        s->len = old_len;
        return false;
    }
    s->text = text;
    return true;
}

/* How many elements end at offset; TXN_NONE if none ends just there. */
static uint32_t len_at(const struct txn_sequence *s, size_t offset)
{
    uint32_t low = 0;
    uint32_t high = s->len;

    if (offset == 1)
        return 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->ends[middle] < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->len && (s->ends[low] == offset || TXN_PLANTED(21)) ? low + 1 : TXN_NONE;
}

/* The len of the beginning of s that text is, s being extended if it is the longer one; or
 * TXN_NONE. */
static uint32_t fit(struct txn_history *t, struct txn_sequence *s, struct str text)
{
    size_t own = s->text.len - 1; /* without the bracket */
    size_t its = text.len - 1;

    if (text.data[its] != ']')
        return TXN_NONE;
    if (its <= own)
        return memcmp(text.data, s->text.data, its) == 0 ? len_at(s, its) : TXN_NONE;
    if (memcmp(text.data, s->text.data, own) != 0 || (s->len > 0 && text.data[own] != ','))
        return TXN_NONE;
    return extend(t, s, text, own) ? s->len : TXN_NONE;
}

static uint32_t new_sequence(struct txn_history *t, uint32_t key)
{
    t->sequences = mem_grow(t->sequences, &t->sequences_cap, (size_t)t->sequence_count + 1,
                            sizeof(*t->sequences));
    t->sequences[t->sequence_count] =
        (struct txn_sequence){.key = key, .next = t->key_sequences[key], .text = STR_LIT("[]")};
    t->key_sequences[key] = t->sequence_count;
    return t->sequence_count++;
}

/* False if text is no list. */
static bool read_list(struct txn_history *t, struct txn_mop *mop, struct str text)
{
    uint32_t i = t->key_sequences[mop->key];
    unsigned tried;
    uint32_t len;

    if (text.len < 2 || text.data[0] != '[')
        return false;
    for (tried = 0; i != TXN_NONE && tried < SEQUENCES_TRIED; tried++) {
        len = fit(t, &t->sequences[i], text);
        if (len != TXN_NONE) {
            mop->sequence = i;
            mop->len = len;
            return true;
        }
        i = t->sequences[i].next;
    }
    i = new_sequence(t, mop->key);
    len = fit(t, &t->sequences[i], text);
    if (len == TXN_NONE) {
        t->key_sequences[mop->key] = t->sequences[i].next;
        t->sequence_count--;
        mem_free(t->sequences[i].elements);
        mem_free(t->sequences[i].ends);
        return false;
    }
    mop->sequence = i;
    mop->len = len;
    return true;
}

/* What an ok completion says. */

static const char *write_name(const struct txn_history *t)
{
    return t->kind == TXN_LISTS ? "\"append\"" : "\"w\"";
}

__attribute__((format(printf, 3, 4))) static void say_malformed(struct txn_history *t, uint32_t txn,
                                                                const char *format, ...)
{
    const struct op *op = history_at(t->h, t->txns[txn].completion);
    char when[DURATION_TEXT_MAX];
    struct buf sentence = {0};
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_addf(&sentence, "the reply of %s to the transaction of process %d at %s (event %u) %s",
             history_node_name(t->h, op->node), (int)op->process, duration_text(op->time_ns, when),
             t->txns[txn].completion, text);
    t->malformed = mem_grow(t->malformed, &t->malformed_cap, (size_t)t->malformed_count + 1,
                            sizeof(*t->malformed));
    t->malformed[t->malformed_count++] = (struct txn_malformed){txn, buf_take(&sentence)};
    t->txns[txn].status = TXN_INFO;
}

/* Compares operation number nth of a reply with what was asked. */
static bool answers(struct txn_history *t, uint32_t txn, unsigned nth, const struct mop_text *asked,
                    const struct mop_text *got)
{
    char a[VERDICT_WORD_SIZE], b[VERDICT_WORD_SIZE];
    bool is_read = str_is(asked->f, "\"r\"");

    if (!str_eq(asked->f, got->f))
        say_malformed(t, txn, "has %s as operation %u where %s was asked for",
                      verdict_word(got->f, a), nth, verdict_word(asked->f, b));
    else if (!str_eq(asked->key, got->key))
        say_malformed(t, txn, "names key %s in operation %u where key %s was asked for",
                      verdict_word(got->key, a), nth, verdict_word(asked->key, b));
    else if (!is_read && !str_eq(asked->value, got->value))
        say_malformed(t, txn, "says that operation %u wrote %s where %s was asked for", nth,
                      verdict_word(got->value, a), verdict_word(asked->value, b));
    else
        return true;
    return false;
}

/* Enters what a read saw; mop is the one asked for. */
static bool take_result(struct txn_history *t, uint32_t txn, unsigned nth, struct txn_mop *mop,
                        struct str text)
{
    char a[VERDICT_WORD_SIZE], b[VERDICT_WORD_SIZE];

    if (mop->f != TXN_READ)
        return true;
    if (t->kind == TXN_REGISTERS) {
        mop->value = str_is(text, "null") ? TXN_NONE : txn_values_put(&t->values, mop->key, text);
        return true;
    }
    if (str_is(text, "null"))
        text = STR_LIT("[]");
    if (read_list(t, mop, text))
        return true;
    say_malformed(t, txn, "gives %s for the read of key %s (operation %u), which is no list",
                  verdict_word(text, a), verdict_word(txn_key_text(t, mop->key), b), nth);
    return false;
}

static void forget_results(struct txn_history *t, const struct txn *txn)
{
    uint32_t i;

    for (i = txn->mop_begin; i < txn->mop_begin + txn->mop_count; i++) {
        if (t->mops[i].f != TXN_READ)
            continue;
        t->mops[i].sequence = TXN_NONE;
        t->mops[i].value = TXN_NONE;
        t->mops[i].len = 0;
    }
}

/* Takes an operation as it was asked for, quickly; gives what a read saw. False, and nothing taken,
 * if it stands there in another way, right or wrong. */
static bool take_same(struct walk *w, const struct txn_span *span, bool is_read,
                      struct str *ret_value)
{
    size_t len = is_read ? span->head_len : span->len;
    struct walk at = *w;

    if ((size_t)(w->end - w->p) < len || memcmp(w->p, span->begin, len) != 0)
        return false;
    at.p += len;
    if (is_read && (!take_value(&at, ret_value) || !take(&at, "]")))
        return false;
    w->p = at.p;
    return true;
}

/* The answer to one operation, where it does not simply repeat what was asked. */
static bool take_other(struct txn_history *t, uint32_t txn, unsigned nth, struct walk *got,
                       const struct txn_span *span, struct str *ret_value)
{
    struct walk asked = {span->begin, span->begin + span->len};
    struct mop_text a, g;

    take_mop(&asked, &a);
    if (!take_mop(got, &g) || g.value.len == 0) {
        say_malformed(t, txn, "has as operation %u no list of a function, a key and a value", nth);
        return false;
    }
    *ret_value = g.value;
    return answers(t, txn, nth, &a, &g);
}

/* Walks the reply of an ok transaction beside its invocation. */
static bool take_reply(struct txn_history *t, uint32_t txn)
{
    struct str text = history_at(t->h, t->txns[txn].completion)->value;
    struct walk got = walk_of(text);
    char word[VERDICT_WORD_SIZE];
    struct str value;
    unsigned i;

    if (text.len < 2 || !take(&got, "[") || text.data[text.len - 1] != ']') {
        say_malformed(t, txn, "is %s, which is no list of operations", verdict_word(text, word));
        return false;
    }
    for (i = 0; i < t->txns[txn].mop_count; i++) {
        struct txn_mop *mop = &t->mops[t->txns[txn].mop_begin + i];
        if (*got.p == ']') {
            say_malformed(t, txn, "has %u operations where %u were asked for", i,
                          t->txns[txn].mop_count);
            return false;
        }
        if (i > 0)
            take(&got, ",");
        if (!take_same(&got, &t->spans[i], mop->f == TXN_READ, &value) &&
            !take_other(t, txn, i + 1, &got, &t->spans[i], &value))
            return false;
        if (!take_result(t, txn, i + 1, mop, value))
            return false;
    }
    if (take(&got, "]") && got.p == got.end)
        return true;
    say_malformed(t, txn, "has more than the %u operations that were asked for",
                  t->txns[txn].mop_count);
    return false;
}

/* What was asked for. */

__attribute__((format(printf, 3, 4))) static void
say_unusable(struct txn_history *t, uint32_t index, const char *format, ...)
{
    struct buf sentence = {0};
    char text[1024];
    va_list args;

    if (t->unusable != NULL)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_addf(&sentence, "event %u, an invocation of process %d, %s", index,
             (int)history_at(t->h, index)->process, text);
    t->unusable = buf_take(&sentence);
}

static void enter_write(struct txn_history *t, uint32_t txn, uint32_t mop)
{
    struct txn_value *value = &t->values.at[t->mops[mop].value];
    char key[VERDICT_WORD_SIZE], text[VERDICT_WORD_SIZE];

    if (value->writer != TXN_NONE)
        say_unusable(t, t->txns[txn].invoke,
                     "writes %s to key %s, which event %u had done too: with written values that "
                     "are not unique per key, nobody can say who wrote what a read saw",
                     verdict_word(txn_value_text(t, t->mops[mop].value), text),
                     verdict_word(txn_key_text(t, t->mops[mop].key), key),
                     t->txns[value->writer].invoke);
    value->writer = txn;
    value->mop = mop;
}

/* Enters one operation asked for; false if it is none that this checker knows. */
static bool enter_mop(struct txn_history *t, uint32_t txn, const struct mop_text *text)
{
    bool is_read = str_is(text->f, "\"r\"");
    struct txn_mop mop = {
        .value = TXN_NONE, .sequence = TXN_NONE, .f = is_read ? TXN_READ : TXN_WRITE};

    if (!is_read && !str_is(text->f, write_name(t)))
        return false;
    if (!is_read && t->kind == TXN_REGISTERS && str_is(text->value, "null"))
        return false; /* null is what a register holds at first */
    mop.key = key_number(t, text->key);
    if (!is_read)
        mop.value = txn_values_put(&t->values, mop.key, text->value);
    t->mops = mem_grow(t->mops, &t->mops_cap, (size_t)t->mop_count + 1, sizeof(*t->mops));
    t->mops[t->mop_count] = mop;
    if (!is_read)
        enter_write(t, txn, t->mop_count);
    t->mop_count++;
    return true;
}

static bool enter_mops(struct txn_history *t, uint32_t txn, struct str text)
{
    struct walk w = walk_of(text);
    struct mop_text mop;
    const char *begin;

    if (text.len < 2 || !take(&w, "["))
        return false;
    while (!take(&w, "]")) {
        uint32_t *count = &t->txns[txn].mop_count;
        if (*count > 0 && !take(&w, ","))
            return false;
        begin = w.p;
        if (!take_mop(&w, &mop) || !enter_mop(t, txn, &mop))
            return false;
        t->spans = mem_grow(t->spans, &t->spans_cap, (size_t)*count + 1, sizeof(*t->spans));
        t->spans[*count] =
            (struct txn_span){begin, (uint32_t)(mop.value.data - begin), (uint32_t)(w.p - begin)};
        if (mop.value.len == 0)
            t->spans[*count].head_len = t->spans[*count].len; /* no reply just goes on from there */
        (*count)++;
    }
    return w.p == w.end;
}

static enum txn_status status_of(const struct op *completion)
{
    if (completion == NULL)
        return TXN_INFO;
    return completion->type == OP_OK ? TXN_OK : completion->type == OP_FAIL ? TXN_FAILED : TXN_INFO;
}

static void enter_txn(struct txn_history *t, uint32_t index)
{
    const struct op *op = history_at(t->h, index);
    char word[VERDICT_WORD_SIZE];
    uint32_t txn = t->txn_count;

    t->txns = mem_grow(t->txns, &t->txns_cap, (size_t)txn + 1, sizeof(*t->txns));
    t->txns[txn] = (struct txn){
        .invoke = index,
        .completion = op->pair,
        .mop_begin = t->mop_count,
        .process = op->process,
        .status = status_of(history_completion(t->h, index)),
    };
    t->txn_count++;
    if (!enter_mops(t, txn, op->value)) {
        say_unusable(t, index,
                     "is %s: this checker knows lists of [\"r\",KEY,null] and [%s,KEY,VALUE] "
                     "only, with values other than null",
                     verdict_word(op->value, word), write_name(t));
        t->txns[txn].status = TXN_FAILED;
        return;
    }
    if (t->txns[txn].status == TXN_OK && !take_reply(t, txn))
        forget_results(t, &t->txns[txn]);
    t->ok_count += t->txns[txn].status == TXN_OK;
}

/* What a program in a typed language holds before anybody writes. */
static bool is_zero_value(struct str text)
{
    return str_is(text, "0") || str_is(text, "0.0") || str_is(text, "\"\"") ||
           str_is(text, "false");
}

/* Many a program keeps 0 where the protocol says null. As nobody wrote it, it can only be what the
 * key held at first, so it counts as null; any other value that nobody wrote is made up. */
static void take_zeros_for_null(struct txn_history *t)
{
    uint32_t i;

    for (i = 0; i < t->mop_count; i++) {
        struct txn_mop *m = &t->mops[i];
        if (m->f == TXN_READ && m->value != TXN_NONE && t->values.at[m->value].writer == TXN_NONE &&
            is_zero_value(txn_value_text(t, m->value)))
            m->value = TXN_NONE;
    }
}

/* [["r",1,null],..] */
static bool has_operations(struct str value)
{
    return value.len > 3 && memcmp(value.data, "[[\"", 3) == 0;
}

void txn_history_init(struct txn_history *t, const struct history *h, enum txn_kind kind)
{
    int64_t f = history_find_f(h, "txn");
    uint32_t i;

    *t = (struct txn_history){.h = h, .kind = kind, .keys = map_new()};
    txn_values_init(&t->values);
    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        if (op->type == OP_INVOKE && op->process >= 0 && (op->f == f || has_operations(op->value)))
            enter_txn(t, i);
    }
    if (kind == TXN_REGISTERS)
        take_zeros_for_null(t);
}

void txn_history_release(struct txn_history *t)
{
    uint32_t i;

    for (i = 0; i < t->sequence_count; i++) {
        mem_free(t->sequences[i].elements);
        mem_free(t->sequences[i].ends);
    }
    for (i = 0; i < t->malformed_count; i++)
        mem_free(t->malformed[i].sentence);
    mem_free(t->sequences);
    mem_free(t->malformed);
    mem_free(t->unusable);
    mem_free(t->txns);
    mem_free(t->mops);
    mem_free(t->key_sequences);
    map_free(t->keys);
    txn_values_release(&t->values);
    mem_free(t->spans);
}

struct str txn_key_text(const struct txn_history *t, uint32_t key)
{
    return map_text(t->keys, key);
}

struct str txn_value_text(const struct txn_history *t, uint32_t value)
{
    if (value == TXN_NONE)
        return STR_LIT("null");
    return (struct str){t->values.at[value].text, t->values.at[value].text_len};
}
