#include "queue.h"

#include "../base/prng.h"
#include "../base/test.h"

/* Events are numbers from 1 here. */
static struct queue_event event(uintptr_t number)
{
    return (struct queue_event){(void *)number, 7};
}

static uintptr_t pop(struct queue *q, int64_t until_ns)
{
    struct queue_event e;

    queue_check(q);
    if (!queue_pop(q, until_ns, &e))
        return 0;
    CHECK_INT(e.kind, 7);
    return (uintptr_t)e.data;
}

TEST(events_leave_by_time_and_equal_ones_in_order_of_entry)
{
    struct queue *q = queue_new();

    queue_push(q, 20, event(4));
    queue_push(q, 10, event(2));
    queue_push(q, 20, event(5));
    queue_push(q, 0, event(1));
    queue_push(q, 10, event(3));
    CHECK_INT(queue_next_ns(q), 0);
    CHECK_INT(pop(q, 20), 1);
    CHECK_INT(pop(q, 20), 2);
    CHECK_INT(queue_now(q), 10);
    CHECK_INT(pop(q, 20), 3);
    CHECK_INT(pop(q, 19), 0);
    CHECK_INT(queue_now(q), 10);
    CHECK_INT(pop(q, 20), 4);
    CHECK_INT(pop(q, 20), 5);
    CHECK_INT(pop(q, 20), 0);
    CHECK_INT(queue_next_ns(q), INT64_MAX);
    queue_free(q);
}

TEST(what_is_due_now_comes_after_what_was_due_now_before)
{
    struct queue *q = queue_new();

    queue_push(q, 10, event(1));
    queue_push(q, 10, event(2));
    CHECK_INT(pop(q, 10), 1);
    queue_push(q, 10, event(3));
    queue_push(q, 4, event(4)); /* in the past: now */
    CHECK_INT(queue_next_ns(q), 10);
    CHECK_INT(pop(q, 10), 2);
    CHECK_INT(pop(q, 10), 3);
    CHECK_INT(pop(q, 10), 4);
    CHECK_INT(queue_now(q), 10);
    queue_free(q);
}

TEST(time_passes_only_forwards)
{
    struct queue *q = queue_new();

    queue_pass(q, 50);
    queue_pass(q, 40);
    CHECK_INT(queue_now(q), 50);
    queue_push(q, 60, event(1));
    queue_pass(q, 60);
    queue_push(q, 60, event(2));
    CHECK_INT(pop(q, 60), 1);
    CHECK_INT(pop(q, 60), 2);
    queue_free(q);
}

TEST(a_cancelled_event_never_comes)
{
    struct queue *q = queue_new();
    struct queue_event e;
    uint64_t now = queue_push_cancellable(q, 0, event(1));
    uint64_t first = queue_push_cancellable(q, 10, event(2));
    uint64_t second = queue_push_cancellable(q, 20, event(3));

    CHECK(queue_cancel(q, first, &e));
    CHECK_INT((uintptr_t)e.data, 2);
    CHECK(!queue_cancel(q, first, &e));
    CHECK(queue_cancel(q, now, &e));
    CHECK_INT(queue_next_ns(q), 20); /* not the time of a cancelled one */
    CHECK_INT(queue_len(q), 1);
    CHECK_INT(pop(q, 20), 3);
    CHECK(!queue_cancel(q, second, &e)); /* has come */
    CHECK(!queue_cancel(q, 0, &e));
    CHECK(!queue_cancel(q, 12345, &e));
    CHECK_INT(queue_len(q), 0);
    queue_free(q);
}

TEST(an_old_handle_does_not_cancel_a_new_event)
{
    struct queue *q = queue_new();
    struct queue_event e;
    uint64_t old = queue_push_cancellable(q, 5, event(1));
    uint64_t new;

    CHECK_INT(pop(q, 5), 1);
    new = queue_push_cancellable(q, 9, event(2));
    CHECK(old != new);
    CHECK(!queue_cancel(q, old, &e));
    CHECK_INT(pop(q, 9), 2);
    queue_free(q);
}

TEST(many_cancelled_timers_do_not_pile_up)
{
    struct queue *q = queue_new();
    struct queue_event e;
    uintptr_t i;

    queue_push(q, 1000000, event(1));
    for (i = 0; i < 100000; i++)
        CHECK(queue_cancel(q, queue_push_cancellable(q, 2000000 + (int64_t)i, event(i)), &e));
    CHECK_INT(queue_len(q), 1);
    queue_check(q);
    CHECK_INT(pop(q, INT64_MAX), 1);
    CHECK_INT(queue_next_ns(q), INT64_MAX);
    queue_free(q);
}

/* --- against a model: a list in which one looks for the next ------------------------------- */

enum { MODEL_MAX = 4000 };

struct model_event {
    int64_t due_ns; /* -1: gone */
    uint64_t handle;
};

static struct model_event model[MODEL_MAX + 1]; /* by number, hence in order of entry */
static uintptr_t model_len;

static uintptr_t model_next(int64_t until_ns)
{
    uintptr_t best = 0;
    uintptr_t i;

    for (i = 1; i <= model_len; i++)
        if (model[i].due_ns >= 0 && model[i].due_ns <= until_ns &&
            (best == 0 || model[i].due_ns < model[best].due_ns))
            best = i;
    return best;
}

static void push_both(struct queue *q, struct prng *p)
{
    int64_t delays[] = {0, 0, 1, 5, 5, (int64_t)prng_below(p, 30)};
    int64_t due_ns = queue_now(q) + delays[prng_below(p, 6)];
    uintptr_t number = ++model_len;

    model[number] = (struct model_event){due_ns, 0};
    if (prng_chance(p, 0.5))
        model[number].handle = queue_push_cancellable(q, due_ns, event(number));
    else
        queue_push(q, due_ns, event(number));
}

static void cancel_both(struct queue *q, struct prng *p)
{
    uintptr_t number = 1 + prng_below(p, model_len);
    bool is_there = model[number].handle != 0 && model[number].due_ns >= 0;
    struct queue_event e;

    CHECK_INT(queue_cancel(q, model[number].handle, &e), is_there);
    if (is_there)
        model[number].due_ns = -1;
}

static void pop_both(struct queue *q, struct prng *p)
{
    int64_t until_ns = queue_now(q) + (int64_t)prng_below(p, 4);
    uintptr_t wanted = model_next(until_ns);

    CHECK_INT(pop(q, until_ns), wanted);
    if (wanted == 0) {
        queue_pass(q, until_ns);
    } else {
        CHECK_INT(queue_now(q), model[wanted].due_ns);
        model[wanted].due_ns = -1;
    }
}

TEST(the_queue_does_what_a_plain_list_does)
{
    uint64_t seed;

    for (seed = 0; seed < 20; seed++) {
        struct queue *q = queue_new();
        struct prng p;
        int step;

        prng_init(&p, seed, "test");
        model_len = 0;
        push_both(q, &p);
        for (step = 0; step < 400; step++) {
            uint64_t what = prng_below(&p, 100);
            if (what < 45)
                push_both(q, &p);
            else if (what < 55 + 20 * (seed % 2))
                cancel_both(q, &p);
            else
                pop_both(q, &p);
        }
        queue_check(q);
        queue_free(q);
    }
}
