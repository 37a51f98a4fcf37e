/* The load: 600,000 messages a second, most of them due at once (latency 0), some in flight for
 * 100 ms (tens of thousands waiting), and one timer for each request, nearly always cancelled.
 *
 * Two stores keep each kind of load cheap:
 *
 *     now ring   events due at the present time, in order of entry
 *     heap       events due later: a 4-ary heap on (due_ns, seq)
 *
 *  1. Everything in the ring is due now; everything in the heap is due now or later.
 *  2. An event of the heap that is due now entered before now was reached, hence before every
 *     event of the ring. So the heap goes first while its top is due now, and the pair together
 *     keeps the law without comparing them.
 *  3. The time moves only when the ring is empty, so 1 holds for ever.
 *  4. A cancelled event stays where it is, marked by its slot, and is thrown away when it comes up
 *     or when more than half of the heap is such: cancelling costs O(1) on average. The first
 *     event of each store is never a cancelled one, so that queue_next_ns tells the truth.
 *
 * Why not a heap that knows every event's place and removes at once: each step of each sift would
 * also write the place, and messages, which are never cancelled, would pay for the timers. */
#include "queue.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <string.h>

enum { ARITY = 4, RING_LEN_MIN = 64, DEAD_MIN = 64 };

struct cell {
    int64_t due_ns;
    uint64_t seq;
    void *data;
    uint32_t kind;
    uint32_t slot; /* 0: not cancellable */
};

/* What a handle points to. A handle is generation << 32 | slot. */
struct slot {
    void *data;
    uint32_t kind;
    uint32_t generation; /* of the handle that is, or was last, valid */
    uint32_t next_free;
    bool waiting; /* in a store and not cancelled */
    bool in_heap;
};

struct queue {
    int64_t now_ns;
    uint64_t next_seq;

    struct cell *ring;
    size_t ring_cap; /* a power of two */
    size_t ring_head, ring_len;

    struct cell *heap;
    size_t heap_cap, heap_len;

    struct slot *slots; /* slots[0] is never used */
    size_t slot_cap, slot_len;
    uint32_t free_slot; /* 0: none */

    size_t ring_dead, heap_dead; /* cancelled events still inside */
};

struct queue *queue_new(void)
{
    struct queue *q = mem_zalloc(sizeof(*q));

    q->ring_cap = RING_LEN_MIN;
    q->ring = mem_alloc(q->ring_cap * sizeof(*q->ring));
    q->slots = mem_grow(NULL, &q->slot_cap, 1, sizeof(*q->slots));
    q->slots[0] = (struct slot){0};
    q->slot_len = 1;
    return q;
}

void queue_free(struct queue *q)
{
    if (q == NULL)
        return;
    mem_free(q->ring);
    mem_free(q->heap);
    mem_free(q->slots);
    mem_free(q);
}

int64_t queue_now(const struct queue *q)
{
    return q->now_ns;
}

int64_t queue_next_ns(const struct queue *q)
{
    if (q->ring_len > 0)
        return q->now_ns;
    return q->heap_len > 0 ? q->heap[0].due_ns : INT64_MAX;
}

size_t queue_len(const struct queue *q)
{
    return q->ring_len + q->heap_len - q->ring_dead - q->heap_dead;
}

/* --- the ring ---------------------------------------------------------------------------- */

static struct cell *ring_at(const struct queue *q, size_t i)
{
    return &q->ring[(q->ring_head + i) & (q->ring_cap - 1)];
}

static void ring_double(struct queue *q)
{
    struct cell *bigger = mem_alloc(2 * q->ring_cap * sizeof(*bigger));
    size_t until_end = q->ring_cap - q->ring_head;

    memcpy(bigger, q->ring + q->ring_head, until_end * sizeof(*bigger));
    memcpy(bigger + until_end, q->ring, q->ring_head * sizeof(*bigger));
    mem_free(q->ring);
    q->ring = bigger;
    q->ring_head = 0;
    q->ring_cap *= 2;
}

static void ring_push(struct queue *q, struct cell c)
{
    if (q->ring_len == q->ring_cap)
        ring_double(q);
    q->ring_len++;
    *ring_at(q, q->ring_len - 1) = c;
}

static struct cell ring_pop(struct queue *q)
{
    struct cell c = *ring_at(q, 0);

    q->ring_head = (q->ring_head + 1) & (q->ring_cap - 1);
    q->ring_len--;
    return c;
}

/* --- the heap ---------------------------------------------------------------------------- */

static bool before(const struct cell *a, const struct cell *b)
{
    if (a->due_ns != b->due_ns)
        return a->due_ns < b->due_ns;
#if PLANT_SIM == 1 /* planted bug: equal due times leave in the wrong order */
    return a->seq > b->seq;
#else
    return a->seq < b->seq;
#endif
}

/* Puts c where the hole at i should be, looking upwards. */
static void sift_up(struct queue *q, size_t i, struct cell c)
{
    while (i > 0) {
        size_t parent = (i - 1) / ARITY;
        if (!before(&c, &q->heap[parent]))
            break;
        q->heap[i] = q->heap[parent];
        i = parent;
    }
    q->heap[i] = c;
}

static void sift_down(struct queue *q, size_t i, struct cell c)
{
    for (;;) {
        size_t first = i * ARITY + 1;
        size_t end = first + ARITY < q->heap_len ? first + ARITY : q->heap_len;
        size_t best = first;
        size_t child;

        if (first >= q->heap_len)
            break;
        for (child = first + 1; child < end; child++)
            if (before(&q->heap[child], &q->heap[best]))
                best = child;
        if (!before(&q->heap[best], &c))
            break;
        q->heap[i] = q->heap[best];
        i = best;
    }
    q->heap[i] = c;
}

static void heap_push(struct queue *q, struct cell c)
{
    q->heap = mem_grow(q->heap, &q->heap_cap, q->heap_len + 1, sizeof(*q->heap));
    q->heap_len++;
    sift_up(q, q->heap_len - 1, c);
}

static struct cell heap_pop(struct queue *q)
{
    struct cell top = q->heap[0];
    struct cell last = q->heap[--q->heap_len];

    if (q->heap_len > 0)
        sift_down(q, 0, last);
    return top;
}

/* --- cancelling -------------------------------------------------------------------------- */

static uint32_t slot_take(struct queue *q)
{
    uint32_t slot = q->free_slot;

    if (slot != 0) {
        q->free_slot = q->slots[slot].next_free;
    } else {
        ASSERT(q->slot_len < UINT32_MAX);
        q->slots = mem_grow(q->slots, &q->slot_cap, q->slot_len + 1, sizeof(*q->slots));
        slot = (uint32_t)q->slot_len++;
        q->slots[slot] = (struct slot){0};
    }
    q->slots[slot].generation++;
    return slot;
}

static void slot_give_back(struct queue *q, uint32_t slot)
{
    q->slots[slot].waiting = false;
    q->slots[slot].next_free = q->free_slot;
    q->free_slot = slot;
}

static bool dead(const struct queue *q, const struct cell *c)
{
#if PLANT_SIM == 8 /* planted bug: an event due now cannot be cancelled */
    return c->slot != 0 && !q->slots[c->slot].waiting && q->slots[c->slot].in_heap;
#else
    return c->slot != 0 && !q->slots[c->slot].waiting;
#endif
}

/* Restores invariant 4 at the front of both stores. */
static void bury_front(struct queue *q)
{
    while (q->ring_dead > 0 && q->ring_len > 0 && dead(q, ring_at(q, 0))) {
        slot_give_back(q, ring_pop(q).slot);
        q->ring_dead--;
    }
    while (q->heap_dead > 0 && q->heap_len > 0 && dead(q, &q->heap[0])) {
        slot_give_back(q, heap_pop(q).slot);
        q->heap_dead--;
    }
}

/* Throws all cancelled events out of the heap, in linear time. */
static void bury_heap(struct queue *q)
{
    size_t kept = 0;
    size_t i;

    for (i = 0; i < q->heap_len; i++) {
        if (dead(q, &q->heap[i]))
            slot_give_back(q, q->heap[i].slot);
        else
            q->heap[kept++] = q->heap[i];
    }
    q->heap_len = kept;
    q->heap_dead = 0;
    for (i = kept / ARITY + 1; i-- > 0;)
        if (i < kept)
            sift_down(q, i, q->heap[i]);
}

/* --- in and out -------------------------------------------------------------------------- */

static void push(struct queue *q, int64_t due_ns, struct queue_event e, uint32_t slot)
{
    struct cell c = {due_ns, q->next_seq++, e.data, e.kind, slot};

    if (due_ns > q->now_ns) {
        heap_push(q, c);
    } else {
        c.due_ns = q->now_ns;
        ring_push(q, c);
    }
}

void queue_push(struct queue *q, int64_t due_ns, struct queue_event e)
{
    push(q, due_ns, e, 0);
}

uint64_t queue_push_cancellable(struct queue *q, int64_t due_ns, struct queue_event e)
{
    uint32_t slot = slot_take(q);
    struct slot *s = &q->slots[slot];

    s->data = e.data;
    s->kind = e.kind;
    s->waiting = true;
    s->in_heap = due_ns > q->now_ns;
    push(q, due_ns, e, slot);
    return (uint64_t)s->generation << 32 | slot;
}

bool queue_cancel(struct queue *q, uint64_t handle, struct queue_event *ret_event)
{
    uint32_t slot = (uint32_t)handle;
    struct slot *s;

    if (slot == 0 || slot >= q->slot_len)
        return false;
    s = &q->slots[slot];
    if (!s->waiting || s->generation != handle >> 32)
        return false;

    *ret_event = (struct queue_event){s->data, s->kind};
    s->waiting = false;
    if (s->in_heap)
        q->heap_dead++;
    else
        q->ring_dead++;
    if (q->heap_dead > DEAD_MIN && q->heap_dead > q->heap_len / 2)
        bury_heap(q);
    bury_front(q);
    return true;
}

bool queue_pop(struct queue *q, int64_t until_ns, struct queue_event *ret_event)
{
    struct cell c;

    if (q->ring_len > 0 && (q->heap_len == 0 || q->heap[0].due_ns > q->now_ns)) {
        c = ring_pop(q);
    } else {
        if (q->heap_len == 0 || q->heap[0].due_ns > until_ns)
            return false;
        c = heap_pop(q);
        q->now_ns = c.due_ns;
    }
    if (c.slot != 0)
        slot_give_back(q, c.slot);
    bury_front(q);
    *ret_event = (struct queue_event){c.data, c.kind};
    return true;
}

void queue_pass(struct queue *q, int64_t now_ns)
{
    if (now_ns <= q->now_ns)
        return;
    ASSERT(queue_next_ns(q) >= now_ns);
    q->now_ns = now_ns;
}

static size_t check_heap(const struct queue *q)
{
    size_t dead_count = 0;
    size_t i;

    for (i = 0; i < q->heap_len; i++) {
        const struct cell *c = &q->heap[i];
        ASSERT(c->due_ns >= q->now_ns);
        ASSERT(i == 0 || !before(c, &q->heap[(i - 1) / ARITY]));
        ASSERT(c->due_ns > q->now_ns || q->ring_len == 0 || c->seq < ring_at(q, 0)->seq);
        ASSERT(c->slot == 0 || q->slots[c->slot].in_heap);
        dead_count += dead(q, c);
    }
    return dead_count;
}

void queue_check(const struct queue *q)
{
    size_t dead_count = 0;
    size_t i;

    for (i = 0; i < q->ring_len; i++) {
        ASSERT(ring_at(q, i)->due_ns == q->now_ns);
        ASSERT(i == 0 || ring_at(q, i)->seq > ring_at(q, i - 1)->seq);
        ASSERT(ring_at(q, i)->slot == 0 || !q->slots[ring_at(q, i)->slot].in_heap);
        dead_count += dead(q, ring_at(q, i));
    }
    ASSERT(dead_count == q->ring_dead);
    ASSERT(check_heap(q) == q->heap_dead);
    ASSERT(q->ring_len == 0 || !dead(q, ring_at(q, 0)));
    ASSERT(q->heap_len == 0 || !dead(q, &q->heap[0]));
}
