/* links.c - acknowledgement and resend, and how long a value may wait for company.
 *
 * A new value leaves at once, in a message of its own; or hold_ms later, together with what else is
 * new on that link by then. It stays in the link's list until an answer to a message that held it
 * has come from that neighbour, or the value itself has. A timer looks at all lists: whatever was
 * sent again_ms ago or earlier goes out again, as one message for the whole link. So a neighbour
 * that is away costs 1000 / again_ms messages a second, however much waits for it, and when it
 * comes back one message brings everything. The timer of the held values belongs to the link, runs
 * only while there are some, and never sends an empty batch.
 *
 * Nothing is ever given up. A neighbour is not "down": it has only not answered yet (Demers et al.
 * 1987 call what we do direct mail, and say that it fails where the sender forgets). One that owes
 * an answer for late_ms is called silent until it has been prompt for a second: long enough that a
 * slow neighbour does not come and go with each of its answers. What that means is detour.c's
 * business.
 *
 * A value may be dropped from the set while it waits (set.h); then nobody needs it any more. */
#include "links.h"

#include "node.h"
#include "set.h"

#include <stdlib.h>
#include <string.h>

enum {
    BATCH_MAX = 500, /* values in one message: half a MiB, if they have 1000 bytes each */
    TICK_MS = 50,
    ANSWER_MS = 5000, /* for so long an answer still counts */
    SOON_MS = 5,
    CALM_MS = 1000, /* prompt for so long: no longer silent */
};

#define NOT_SENT INT64_MIN

struct waiting {
    int number;
    int64_t sent_ms;
    int64_t first_ms; /* when it was sent for the first time */
};

struct link {
    const char *neighbour;
    bool open;
    bool holding; /* a timer will send what is new */
    int64_t repeated_ms;
    int64_t was_late_ms;     /* when it last owed an answer for too long; 0: never */
    struct waiting *waiting; /* in order of arrival */
    int count, cap;
};

/* What one message held; the owner of its answer. */
struct batch {
    struct link *link;
    int64_t sent_ms;
    int count;
    int numbers[BATCH_MAX];
};

static struct link *links; /* one a member, in their order */
static int open_count;
static struct links_pace pace = {.hold_ms = 0, .again_ms = 150, .late_ms = 300};

static void forget(struct link *l, int number)
{
    for (int i = 0; i < l->count; i++) {
        if (l->waiting[i].number == number) {
            memmove(&l->waiting[i], &l->waiting[i + 1],
                    (size_t)(l->count - i - 1) * sizeof(*l->waiting));
            l->count--;
            return;
        }
    }
}

static void answered(void *owner, const struct message *m)
{
    struct batch *b = owner;

    for (int i = 0; i < b->count && node_code_of(m) == NODE_OK; i++)
        forget(b->link, b->numbers[i]);
    if (m != NULL && node_now_ms() - b->sent_ms > pace.late_ms)
        b->link->was_late_ms = node_now_ms();
    free(b);
}

static void purge(struct link *l)
{
    int kept = 0;

    for (int i = 0; i < l->count; i++) {
        if (set_value(l->waiting[i].number) != NULL)
            l->waiting[kept++] = l->waiting[i];
    }
    l->count = kept;
}

/* Everything on the link that was sent at due_ms or earlier. */
static void send_due(struct link *l, int64_t due_ms)
{
    struct batch *b = calloc(1, sizeof(*b));
    struct json *values = json_array();

    if (b == NULL)
        abort();
    b->link = l;
    b->sent_ms = node_now_ms();
    purge(l);
    for (int i = 0; i < l->count && b->count < BATCH_MAX; i++) {
        if (l->waiting[i].sent_ms > due_ms)
            continue;
        if (l->waiting[i].sent_ms == NOT_SENT)
            l->waiting[i].first_ms = node_now_ms();
        l->waiting[i].sent_ms = node_now_ms();
        b->numbers[b->count++] = l->waiting[i].number;
        json_push(values, set_value(l->waiting[i].number));
    }
    if (b->count > 0)
        node_call(l->neighbour, ANSWER_MS, answered, b, "news", "values", values, NULL);
    else
        free(b);
}

static void wait_for(struct link *l, int number)
{
    if (l->count == l->cap) {
        l->cap = 2 * l->cap + 16;
        l->waiting = realloc(l->waiting, (size_t)l->cap * sizeof(*l->waiting));
        if (l->waiting == NULL)
            abort();
    }
    l->waiting[l->count++] = (struct waiting){.number = number, .sent_ms = NOT_SENT};
}

static void hold_is_over(void *owner)
{
    struct link *l = owner;

    l->holding = false;
    if (l->open)
        send_due(l, NOT_SENT);
}

static bool is_due(const struct link *l, int64_t due_ms)
{
    if (!l->open || l->count == 0 || l->repeated_ms > due_ms)
        return false;
    return l->waiting[0].sent_ms <= due_ms && !(l->waiting[0].sent_ms == NOT_SENT && l->holding);
}

static bool owes(const struct link *l)
{
    return l->open && l->count > 0 && l->waiting[0].sent_ms != NOT_SENT &&
           l->waiting[0].first_ms < node_now_ms() - pace.late_ms;
}

/* However much waits, and however it is staggered: one message in again_ms. */
static void look_again(void *owner)
{
    int64_t due_ms = node_now_ms() - pace.again_ms;

    (void)owner;
    for (int i = 0; i < node_count(); i++) {
        if (owes(&links[i]))
            links[i].was_late_ms = node_now_ms();
        if (is_due(&links[i], due_ms)) {
            links[i].repeated_ms = node_now_ms();
            send_due(&links[i], due_ms);
        }
    }
}

/* A node that never has links needs no timer. */
static void keep_looking(void)
{
    static bool looking;

    if (!looking && open_count > 0) {
        looking = true;
        node_every(TICK_MS, look_again, NULL);
    }
}

void links_start(void)
{
    links = calloc((size_t)node_count(), sizeof(*links));
    if (links == NULL)
        abort();
    for (int i = 0; i < node_count(); i++)
        links[i].neighbour = node_name(i);
}

void links_pace(struct links_pace wanted)
{
    pace = wanted;
}

void links_set(bool (*is)(int member, const void *owner), const void *owner)
{
    open_count = 0;
    for (int i = 0; i < node_count(); i++) {
        struct link *l = &links[i];
        bool open = i != node_self() && is(i, owner);

        open_count += open;
        for (int number = 0; open && !l->open && number < set_count(); number++) {
            if (set_value(number) != NULL)
                wait_for(l, number);
        }
        if (!open)
            l->count = 0;
        l->open = open;
    }
    look_again(NULL);
    keep_looking();
}

int links_count(void)
{
    return open_count;
}

bool links_open(int member)
{
    return links[member].open;
}

bool links_draw(int *ret_member)
{
    int which = open_count > 0 ? (int)(node_random() % (uint64_t)open_count) : -1;

    for (int i = 0; i < node_count(); i++) {
        if (links[i].open && which-- == 0)
            *ret_member = i;
    }
    return open_count > 0;
}

bool links_silent(int member)
{
    int64_t late = links[member].was_late_ms;

    return late != 0 && node_now_ms() - late < CALM_MS;
}

void links_add(int member, int instead)
{
    struct link *l = &links[member];

    l->open = true;
    open_count++;
    for (int i = 0; i < links[instead].count; i++)
        wait_for(l, links[instead].waiting[i].number);
    send_due(l, NOT_SENT);
}

void links_drop(int member)
{
    links[member].open = false;
    links[member].count = 0;
    open_count--;
}

static void offer(int number, const char *except, int hold_ms)
{
    for (int i = 0; i < node_count(); i++) {
        struct link *l = &links[i];

        if (!l->open || (except != NULL && strcmp(l->neighbour, except) == 0))
            continue;
        wait_for(l, number);
        if (hold_ms == 0)
            send_due(l, NOT_SENT);
        else if (!l->holding)
            node_after(hold_ms, hold_is_over, l);
        l->holding = hold_ms > 0;
    }
}

void links_offer(int number, const char *except)
{
    offer(number, except, pace.hold_ms);
}

void links_offer_soon(int number, const char *except)
{
    offer(number, except, pace.hold_ms > SOON_MS ? pace.hold_ms : SOON_MS);
}

void links_knows(const char *neighbour, int number)
{
    int i = node_find(neighbour);

    if (i >= 0)
        forget(&links[i], number);
}
