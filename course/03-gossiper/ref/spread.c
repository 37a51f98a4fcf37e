/* spread.c - the choice between links, lot and rounds.
 *
 * The order in spread_heard() is the whole art of flooding: first the value is recorded, then it is
 * passed on. A second copy that comes in between is known already and goes no further. */
#include "spread.h"

#include "data.h"
#include "detour.h"
#include "links.h"
#include "node.h"
#include "plumtree.h"
#include "push.h"
#include "set.h"
#include "sync.h"
#include "tree.h"

#include <string.h>

enum { FANOUT = 3 };

static bool push_only;
static bool plumtree;
static bool members_only; /* there are no values */
static bool own_links;    /* the mode chooses the neighbours; a topology is not needed */
static enum sync_rounds with_links;
static int fanout = FANOUT;

static void tell(int number, const char *from)
{
    if (push_only)
        push(number, fanout);
    else if (plumtree)
        plumtree_new(number);
    else if (links_count() > 0)
        links_offer(number, from);
    else
        push_soon(number);
}

int spread_record(const struct json *value)
{
    return data_record(value);
}

void spread_new(const struct json *value)
{
    spread_heard(value, NULL);
}

/* Not so where a fact was joined with what was here: then its sender does not have the result. */
static bool is_same(int number, const struct json *value)
{
    return json_equal(set_value(number), value);
}

void spread_heard(const struct json *value, const char *from)
{
    int number = spread_record(value);

    if (number >= 0)
        tell(number, from != NULL && is_same(number, value) ? from : NULL);
    else if (from != NULL)
        links_knows(from, set_find(value));
}

void spread_found(const struct json *value, const char *from)
{
    int number = spread_record(value);

    if (number >= 0 && links_count() > 0)
        links_offer_soon(number, is_same(number, value) ? from : NULL);
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
    if (push_only || members_only)
        sync_rounds(SYNC_NEVER);
    else if (plumtree)
        sync_rounds(SYNC_SELDOM);
    else
        sync_rounds(links_count() > 0 ? with_links : SYNC_OFTEN);
}

static bool is_listed(int member, const void *owner)
{
    for (size_t i = 0; i < json_len(owner); i++) {
        const char *name = json_text_of(json_at(owner, i));

        if (name != NULL && strcmp(name, node_name(member)) == 0)
            return true;
    }
    return false;
}

static bool is_in_star(int member, const void *owner)
{
    (void)owner;
    return tree_rank(node_self()) == 0 || tree_rank(member) == 0;
}

static bool is_in_tree(int member, const void *owner)
{
    (void)owner;
    return tree_edge(tree_rank(node_self()), tree_rank(member));
}

void spread_topology(const struct json *names)
{
    if (plumtree)
        plumtree_neighbours(names);
    else if (!own_links)
        links_set(is_listed, names);
    choose();
}

/* Modes in which the node chooses its neighbours itself. Links of 100 ms take 200 ms there and
 * back: who repeats earlier repeats for nothing. A value is held once on each link of its way, of
 * which a star has two and a tree of 25 up to four. */
static const struct shape {
    const char *mode;
    bool (*is)(int member, const void *owner); /* NULL: the tree with its detours */
    struct links_pace pace;
} shapes[] = {
    {"fast", is_in_star, {.hold_ms = 50, .again_ms = 400, .late_ms = 400}},
    {"cheap", is_in_tree, {.hold_ms = 100, .again_ms = 500, .late_ms = 500}},
    {"tree", NULL, {.hold_ms = 0, .again_ms = 300, .late_ms = 300}},
    {"lww", NULL, {.hold_ms = 20, .again_ms = 150, .late_ms = 200}},
    {"versions", NULL, {.hold_ms = 20, .again_ms = 150, .late_ms = 200}},
};

static void use_shape(const struct shape *s)
{
    own_links = true;
    links_pace(s->pace);
    if (s->is == NULL)
        detour_on();
    else
        links_set(s->is, NULL);
    with_links = s->is == NULL ? SYNC_SELDOM : SYNC_NEVER;
}

static bool is(const char *mode, const char *name)
{
    return mode != NULL && strcmp(mode, name) == 0;
}

void spread_mode(const char *mode, int wanted)
{
    push_only = is(mode, "push");
    plumtree = is(mode, "plumtree");
    members_only = is(mode, "swim") || is(mode, "phi");
    fanout = wanted > 0 ? wanted : FANOUT;
    own_links = false;
    with_links = SYNC_NEVER;
    detour_off();
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (is(mode, shapes[i].mode))
            use_shape(&shapes[i]);
    }
    choose();
}

void spread_start(void)
{
    links_start();
    plumtree_start();
    sync_start();
    choose();
    node_on("news", on_news);
    node_on("rumour", on_rumour);
}
