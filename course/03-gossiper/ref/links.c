/* links.c - acknowledgement and resend.
 *
 * A new value leaves at once, in a message of its own. It stays in the link's list until an answer
 * to a message that held it has come from that neighbour, or the value itself has. A timer looks at
 * all lists: whatever was sent AGAIN_MS ago or earlier goes out again, as one message for the whole
 * link. So a neighbour that is away costs 1000 / AGAIN_MS messages a second, however much waits for
 * it, and when it comes back one message brings everything.
 *
 * Nothing is ever given up. A neighbour is not "down": it has only not answered yet (Demers et al.
 * 1987 call what we do direct mail, and say that it fails where the sender forgets). */
#include "links.h"

#include "node.h"
#include "set.h"

#include <stdlib.h>
#include <string.h>

enum {
    AGAIN_MS = 150,
    BATCH_MAX = 500, /* values in one message: half a MiB, if they have 1000 bytes each */
};

struct waiting {
    int number;
    int64_t sent_ms;
};

struct link {
    const char *neighbour;
    bool open;
    struct waiting *waiting; /* in order of arrival */
    int count, cap;
};

/* What one message held; the owner of its answer. */
struct batch {
    struct link *link;
    int count;
    int numbers[BATCH_MAX];
};

static struct link *links; /* one a member, in their order */
static int open_count;

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
    free(b);
}

/* Everything on the link that was sent at due_ms or earlier. */
static void send_due(struct link *l, int64_t due_ms)
{
    struct batch *b = calloc(1, sizeof(*b));
    struct json *values = json_array();

    if (b == NULL)
        abort();
    b->link = l;
    for (int i = 0; i < l->count && b->count < BATCH_MAX; i++) {
        if (l->waiting[i].sent_ms > due_ms)
            continue;
        l->waiting[i].sent_ms = node_now_ms();
        b->numbers[b->count++] = l->waiting[i].number;
        json_push(values, set_value(l->waiting[i].number));
    }
    if (b->count > 0)
        node_call(l->neighbour, 10 * AGAIN_MS, answered, b, "news", "values", values, NULL);
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
    l->waiting[l->count++] = (struct waiting){.number = number, .sent_ms = INT64_MIN};
}

static void look_again(void *owner)
{
    (void)owner;
    for (int i = 0; i < node_count(); i++) {
        if (links[i].open && links[i].count > 0)
            send_due(&links[i], node_now_ms() - AGAIN_MS);
    }
}

void links_start(void)
{
    links = calloc((size_t)node_count(), sizeof(*links));
    if (links == NULL)
        abort();
    for (int i = 0; i < node_count(); i++)
        links[i].neighbour = node_name(i);
    node_every(AGAIN_MS, look_again, NULL);
}

static bool among(const struct json *names, const char *name)
{
    for (size_t i = 0; i < json_len(names); i++) {
        const char *other = json_text_of(json_at(names, i));

        if (other != NULL && strcmp(other, name) == 0)
            return true;
    }
    return false;
}

void links_set(const struct json *names)
{
    open_count = 0;
    for (int i = 0; i < node_count(); i++) {
        struct link *l = &links[i];
        bool open = i != node_self() && among(names, l->neighbour);

        open_count += open;
        for (int number = 0; open && !l->open && number < set_count(); number++)
            wait_for(l, number);
        if (!open)
            l->count = 0;
        l->open = open;
    }
    look_again(NULL);
}

int links_count(void)
{
    return open_count;
}

void links_offer(int number, const char *except)
{
    for (int i = 0; i < node_count(); i++) {
        struct link *l = &links[i];

        if (!l->open || (except != NULL && strcmp(l->neighbour, except) == 0))
            continue;
        wait_for(l, number);
        send_due(l, INT64_MIN);
    }
}

void links_knows(const char *neighbour, int number)
{
    int i = node_find(neighbour);

    if (i >= 0)
        forget(&links[i], number);
}
