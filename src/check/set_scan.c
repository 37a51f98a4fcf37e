/* One pass over the adds, then one over the ok reads, last invocation first.
 *
 * Looking at every element in every read would cost adds x reads. Backwards, the first read that
 * misses an element is the last one that does, so each element needs that answer once: a bit set
 * holds the elements still without it, and 64 of them are ruled out by one word. What a read shows
 * is walked element by element; that is linear in the text.
 *
 * Elements are numbered in order of their adds, so those that a read may be asked about (their add
 * began before it was complete) are the numbers below one bound: visible. */
#include "set_scan.h"

#include "history.h"
#include "plant.h"

#include "../base/map.h"
#include "../base/mem.h"

#include <string.h>

enum { WORD_BITS = 64 };

/* Scratch of one scan. */
struct pass {
    struct set_scan *s;
    const struct history *h;
    size_t words;
    uint64_t *shown;    /* elements that the current read shows */
    uint64_t *unmissed; /* elements without last_absent */
    uint32_t *repeats;  /* times beyond the first in the current read */
};

/* One ok read. */
struct reading {
    uint32_t invoked;
    uint32_t completed;
    uint32_t visible; /* elements below were being added when it completed */
    bool final;
    int32_t node;
};

static uint32_t *new_indexes(uint32_t count)
{
    uint32_t *all = mem_alloc(count * sizeof(*all));

    memset(all, 0xff, count * sizeof(*all)); /* SET_NEVER */
    return all;
}

static void enter_add(struct set_scan *s, size_t *cap, const struct history *h, uint32_t index)
{
    const struct op *invoked = history_at(h, index);
    const struct op *completed = history_completion(h, index);
    bool is_new;
    uint32_t number = set_elements_enter(s->names, invoked->value, &is_new);
    struct set_element *element;

    if (is_new) {
        s->elements = mem_grow(s->elements, cap, (size_t)number + 1, sizeof(*s->elements));
        s->elements[number] = (struct set_element){
            index, SET_NEVER, true, SET_NEVER, SET_NEVER, 0, SET_NEVER,
        };
        s->len = number + 1;
    }
    element = &s->elements[number];
    if (completed == NULL || completed->type != OP_FAIL)
        element->failed = false;
    if (completed != NULL && completed->type == OP_OK && invoked->pair < element->acked)
        element->acked = invoked->pair;
}

static void scan_adds(struct set_scan *s, const struct history *h, int64_t add)
{
    size_t cap = 0;
    uint32_t i;

    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        if (op->f == add && op->type == OP_INVOKE)
            enter_add(s, &cap, h, i);
    }
}

/* How many elements had an add begun before the event at index. */
static uint32_t added_before(const struct set_scan *s, uint32_t index)
{
    uint32_t low = 0;
    uint32_t high = s->len;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->elements[middle].add < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* An element that nobody had asked to add when the read was complete. Reads come last first, so
 * the last to be noted is the first that shows it. */
static void note_stranger(struct set_scan *s, const struct reading *r, uint32_t number)
{
    size_t i;

    if (number == SET_ELEMENT_FORGOTTEN)
        return;
    if (number < s->len) {
        s->elements[number].premature = r->invoked;
        return;
    }
    i = number - s->len;
    s->stranger_read =
        mem_grow(s->stranger_read, &s->strangers_cap, i + 1, sizeof(*s->stranger_read));
    if (i >= s->stranger_count)
        s->stranger_count = i + 1;
    s->stranger_read[i] = r->invoked;
}

static void note_repeat(struct pass *p, const struct reading *r, uint32_t number)
{
    struct set_element *element = &p->s->elements[number];
    uint32_t times = ++p->repeats[number] + 1;

    if (times < element->repeats_max)
        return;
    element->repeats_max = times;
    element->repeats_read = r->invoked;
}

static void note_shown(struct pass *p, const struct reading *r, const uint32_t *numbers,
                       size_t count)
{
    struct set_scan *s = p->s;
    bool has_repeats = false;
    size_t i;

    for (i = 0; i < count; i++) {
        uint32_t number = numbers[i];
        uint64_t bit = (uint64_t)1 << number % WORD_BITS;
        if (number >= r->visible) {
            note_stranger(s, r, number);
        } else if (p->shown[number / WORD_BITS] & bit) {
            note_repeat(p, r, number);
            has_repeats = true;
        } else {
            p->shown[number / WORD_BITS] |= bit;
            if (s->last_present[number] == SET_NEVER)
                s->last_present[number] = r->invoked;
            if (r->completed < s->first_seen[number])
                s->first_seen[number] = r->completed;
        }
    }
    for (i = 0; has_repeats && i < count; i++)
        if (numbers[i] < r->visible)
            p->repeats[numbers[i]] = 0;
}

static void note_missed(struct pass *p, const struct reading *r)
{
    size_t word;

    for (word = 0; word * WORD_BITS < r->visible; word++) {
        size_t rest = (PLANTED(25) ? p->s->len : r->visible) - word * WORD_BITS;
        uint64_t mask = rest >= WORD_BITS ? UINT64_MAX : ((uint64_t)1 << rest) - 1;
        uint64_t missed = p->unmissed[word] & ~p->shown[word] & mask;
        p->unmissed[word] &= ~missed;
        for (; missed != 0; missed &= missed - 1)
            p->s->last_absent[word * WORD_BITS + (size_t)__builtin_ctzll(missed)] = r->invoked;
    }
}

static struct set_final *final_of(struct set_scan *s, int32_t node)
{
    size_t i = (size_t)node;

    if (i >= s->final_count) {
        s->finals = mem_grow(s->finals, &s->finals_cap, i + 1, sizeof(*s->finals));
        while (s->final_count <= i)
            s->finals[s->final_count++] = (struct set_final){SET_NEVER, NULL};
    }
    return &s->finals[i];
}

/* The last final read of a node decides. One that was still open when that began counts for what
 * it shows, not for what it misses: the node may have answered it later. */
static void note_final(struct pass *p, const struct reading *r)
{
    struct set_final *final;
    size_t word;

    if (!r->final || r->node < 0)
        return;
    final = final_of(p->s, r->node);
    if (final->read == SET_NEVER) {
        final->read = r->invoked;
        final->shown = mem_zalloc(p->words * sizeof(*final->shown));
    } else if (r->completed < final->read) {
        return;
    }
    for (word = 0; word < p->words; word++)
        final->shown[word] |= p->shown[word];
}

static void scan_read(struct pass *p, const struct reading *r)
{
    struct set_scan *s = p->s;
    const uint32_t *numbers;
    size_t count;

    if (!set_elements_read(s->names, history_at(p->h, r->completed)->value, &numbers, &count)) {
        s->malformed_count++;
        s->malformed_read = r->completed;
        return;
    }
    memset(p->shown, 0, p->words * sizeof(*p->shown));
    note_shown(p, r, numbers, count);
    note_missed(p, r);
    note_final(p, r);
}

static void scan_reads(struct pass *p, int64_t read)
{
    uint32_t i = history_len(p->h);

    while (i-- > 0) {
        const struct op *op = history_at(p->h, i);
        const struct op *completed;
        if (op->f != read || op->type != OP_INVOKE)
            continue;
        completed = history_completion(p->h, i);
        if (completed == NULL || completed->type != OP_OK)
            continue;
        scan_read(p, &(struct reading){i, op->pair, added_before(p->s, op->pair),
                                       op->final || completed->final, completed->node});
    }
}

void set_scan_init(struct set_scan *s, const struct history *h, const char *add, const char *read)
{
    struct pass p = {.s = s, .h = h};
    uint32_t i;

    *s = (struct set_scan){.names = set_elements_new(), .malformed_read = SET_NEVER};
    scan_adds(s, h, history_find_f(h, add));
    s->first_seen = new_indexes(s->len);
    s->last_present = new_indexes(s->len);
    s->last_absent = new_indexes(s->len);

    p.words = (s->len + WORD_BITS - 1) / WORD_BITS;
    p.shown = mem_alloc(p.words * sizeof(*p.shown));
    p.unmissed = mem_alloc(p.words * sizeof(*p.unmissed));
    memset(p.unmissed, 0xff, p.words * sizeof(*p.unmissed));
    p.repeats = mem_zalloc(s->len * sizeof(*p.repeats));
    scan_reads(&p, history_find_f(h, read));
    mem_free(p.shown);
    mem_free(p.unmissed);
    mem_free(p.repeats);

    for (i = 0; i < s->len; i++) {
        struct set_element *element = &s->elements[i];
        element->known = s->first_seen[i] < element->acked ? s->first_seen[i] : element->acked;
    }
}

void set_scan_release(struct set_scan *s)
{
    size_t i;

    for (i = 0; i < s->final_count; i++)
        mem_free(s->finals[i].shown);
    set_elements_free(s->names);
    mem_free(s->elements);
    mem_free(s->first_seen);
    mem_free(s->last_present);
    mem_free(s->last_absent);
    mem_free(s->stranger_read);
    mem_free(s->finals);
    *s = (struct set_scan){0};
}

bool set_final_shows(const struct set_final *final, uint32_t element)
{
    return final->shown[element / WORD_BITS] >> element % WORD_BITS & 1;
}
