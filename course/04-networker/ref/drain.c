/* drain.c - the graceful shutdown.
 *
 * Three things happen at once: the listening sockets are closed, connections without work are
 * closed (conn_turn() does it, since draining makes an idle connection a finished one), and a timer
 * starts. The others close by themselves, one by one, as their last answer leaves. The end is when
 * the last connection is gone, or when the timer fires and takes the rest along.
 *
 * An answer counts as given when its bytes have left our buffer, not when they were put into it: so
 * requests are counted where connections close. */
#include "drain.h"

#include "conn.h"
#include "listener.h"
#include "node.h"

#include <stdlib.h>

enum { ASKERS_MAX = 16 };

static struct message *askers[ASKERS_MAX]; /* requests of type shutdown, waiting for the end */
static int asker_count;
static bool closing_all, over;
static int64_t finished, cut;

bool drain_is_on(void)
{
    return asker_count > 0;
}

void drain_count(const struct conn *c)
{
    if (c->out.len == 0)
        finished += c->answered;
    else
        cut += c->answered;
    cut += c->busy;
}

void drain_check(void)
{
    if (!drain_is_on() || closing_all || over)
        return;
    for (const struct listener *l = listener_first(); l != NULL; l = l->next) {
        if (l->served != NULL || l->waiting != NULL)
            return;
    }
    over = true;
    for (int i = 0; i < asker_count; i++)
        node_reply(askers[i], "shutdown_ok", "finished", json_int(finished), "cut", json_int(cut),
                   NULL);
    node_stop(0);
}

/* Each of the connections of a list may close, and the next one stays where it is. */
static void each(struct conn *c, void (*act)(struct conn *))
{
    while (c != NULL) {
        struct conn *next = c->next;

        act(c);
        c = next;
    }
}

static void on_grace_over(void *owner)
{
    (void)owner;
    closing_all = true;
    for (struct listener *l = listener_first(); l != NULL; l = l->next)
        each(l->served, conn_close);
    closing_all = false;
    drain_check();
}

void on_shutdown(const struct message *m)
{
    bool first = asker_count == 0;

    if (asker_count == ASKERS_MAX) {
        node_error(m, NODE_UNAVAILABLE, "too many have asked already");
        return;
    }
    askers[asker_count++] = node_keep(m);
    if (!first)
        return; /* it learns the end of the first one */
    closing_all = true;
    finished = cut = 0;
    for (struct listener *l = listener_first(); l != NULL; l = l->next) {
        listener_shut(l);
        each(l->waiting, conn_close);
        each(l->served, conn_turn);
    }
    closing_all = false;
    node_after((int)json_int_of(json_get(m->body, "grace_ms"), 0), on_grace_over, NULL);
    drain_check();
}
