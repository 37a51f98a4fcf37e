/* spread.c - the choice between links, lot and rounds.
 *
 * The order in spread_heard() is the whole art of flooding: first the value is recorded, then it is
 * passed on. A second copy that comes in between is known already and goes no further. */
#include "spread.h"

#include "links.h"
#include "node.h"
#include "push.h"
#include "set.h"
#include "sync.h"

#include <string.h>

enum { FANOUT = 3 };

static bool push_only;
static int fanout = FANOUT;

static void tell(int number, const char *from)
{
    if (push_only)
        push(number, fanout);
    else if (links_count() > 0)
        links_offer(number, from);
    else
        push_soon(number);
}

void spread_new(const struct json *value)
{
    spread_heard(value, NULL);
}

void spread_heard(const struct json *value, const char *from)
{
    int number = set_add(value);

    if (number >= 0)
        tell(number, from);
    else if (from != NULL)
        links_knows(from, set_find(value));
}

void spread_found(const struct json *value, const char *from)
{
    int number = set_add(value);

    if (number >= 0 && links_count() > 0)
        links_offer(number, from);
}

static void on_news(const struct message *m)
{
    const struct json *values = json_get(m->body, "values");

    for (size_t i = 0; i < json_len(values); i++)
        spread_heard(json_at(values, i), m->src);
    node_reply(m, "news_ok", NULL);
}

static void on_rumour(const struct message *m)
{
    const struct json *values = json_get(m->body, "values");

    for (size_t i = 0; i < json_len(values); i++)
        spread_heard(json_at(values, i), m->src);
}

/* Rounds are for those who have no links that see to everything. */
static void choose(void)
{
    sync_rounds(links_count() == 0 && !push_only);
}

void spread_topology(const struct json *names)
{
    links_set(names);
    choose();
}

void spread_mode(const char *mode, int wanted)
{
    push_only = mode != NULL && strcmp(mode, "push") == 0;
    fanout = wanted > 0 ? wanted : FANOUT;
    choose();
}

void spread_start(void)
{
    links_start();
    sync_start();
    choose();
    node_on("news", on_news);
    node_on("rumour", on_rumour);
}
