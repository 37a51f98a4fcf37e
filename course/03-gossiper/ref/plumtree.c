/* plumtree.c - eager where it works, lazy where it may not.
 *
 * Every link is eager or lazy, at each of its two ends.
 *
 *     eager  the value itself is sent at once          gossip {id, message, round}
 *     lazy   only its name is, a little later          ihave {ids}
 *
 *     on_gossip, new          the link it came by becomes eager; pass it on
 *     on_gossip, known        prune {}: two ways lead here, the link becomes lazy at both ends
 *     on_prune                lazy
 *     on_ihave, unknown       wait: the tree may only be slower. When time is up:
 *     ask                     graft {id}: the link becomes eager at both ends, and brings the value
 *
 * At first all links are eager and the first value floods them. Each second copy prunes a link, so
 * that those are left by which first copies came: a spanning tree, found by nobody. A link of the
 * tree that breaks is replaced by a lazy one as soon as that has announced something which the tree
 * did not bring. Who is named by several asks them in turn.
 *
 * A loss may hit the value and all its announcements. The rounds of sync.c are for that. */
#include "plumtree.h"

#include "node.h"
#include "set.h"
#include "spread.h"

#include <stdlib.h>
#include <string.h>

enum {
    GROUP_MS = 20,  /* announcements wait so long for others */
    WAIT_MS = 100,  /* more than the tree is ever slower than the shortest way */
    AGAIN_MS = 50,  /* more than a round trip */
    ASKS_MAX = 4,   /* each announcer so often; a graft may be lost as well */
    IDS_MAX = 1000, /* in one group */
};

struct neighbour {
    const char *name;
    bool eager;
};

/* A value that somebody has and we have not. */
struct missing {
    int64_t id;
    int asked;        /* how many of them we have asked */
    int count;        /* how many have announced it */
    int announcers[]; /* room for all members */
};

static struct neighbour *neighbours; /* one a member; name NULL: it is none */
static int64_t group[IDS_MAX];
static int group_count;
static struct missing **missing;
static int missing_count, missing_cap;

static struct neighbour *neighbour_of(const char *name)
{
    int i = node_find(name);

    return i >= 0 && neighbours[i].name != NULL ? &neighbours[i] : NULL;
}

static void set_eager(const char *name, bool eager)
{
    struct neighbour *n = neighbour_of(name);

    if (n != NULL)
        n->eager = eager;
}

static void send_value(const char *dest, int number, int64_t round)
{
    node_send(dest, "gossip", "id", json_int(set_key(number)), "message", set_value(number),
              "round", json_int(round), NULL);
}

/* Announcements. */

static void announce(void *owner)
{
    struct json *ids = json_array();

    (void)owner;
    for (int i = 0; i < group_count; i++)
        json_push(ids, json_int(group[i]));
    group_count = 0;
    for (int i = 0; i < node_count(); i++) {
        if (neighbours[i].name != NULL && !neighbours[i].eager)
            node_send(neighbours[i].name, "ihave", "ids", ids, NULL);
    }
}

static void pass_on(int number, const char *from, int64_t round)
{
    for (int i = 0; i < node_count(); i++) {
        const struct neighbour *n = &neighbours[i];

        if (n->name != NULL && n->eager && (from == NULL || strcmp(n->name, from) != 0))
            send_value(n->name, number, round);
    }
    if (group_count == IDS_MAX)
        announce(NULL);
    if (group_count == 0)
        node_after(GROUP_MS, announce, NULL);
    group[group_count++] = set_key(number);
}

void plumtree_new(int number)
{
    pass_on(number, NULL, 0);
}

/* What is missing. */

static int missing_find(int64_t id)
{
    int i = 0;

    while (i < missing_count && missing[i]->id != id)
        i++;
    return i < missing_count ? i : -1;
}

static void ask(void *owner)
{
    struct missing *m = owner;
    const char *dest;

    if (set_find_key(m->id) >= 0 || m->asked == ASKS_MAX * m->count) {
        int i = missing_find(m->id);

        missing[i] = missing[--missing_count];
        free(m);
        return;
    }
    dest = neighbours[m->announcers[m->asked++ % m->count]].name;
    if (dest != NULL) {
        set_eager(dest, true);
        node_send(dest, "graft", "id", json_int(m->id), NULL);
    }
    node_after(AGAIN_MS, ask, m);
}

static struct missing *missing_of(int64_t id)
{
    int i = missing_find(id);
    struct missing *m;

    if (i >= 0)
        return missing[i];
    if (missing_count == missing_cap) {
        missing_cap = 2 * missing_cap + 16;
        missing = realloc(missing, (size_t)missing_cap * sizeof(struct missing *));
    }
    m = calloc(1, sizeof(*m) + (size_t)node_count() * sizeof(m->announcers[0]));
    if (missing == NULL || m == NULL)
        abort();
    m->id = id;
    missing[missing_count++] = m;
    node_after(WAIT_MS, ask, m);
    return m;
}

/* Messages. */

static void on_gossip(const struct message *m)
{
    int number = spread_record(json_get(m->body, "message"));

    if (number < 0) {
        set_eager(m->src, false);
        node_send(m->src, "prune", NULL);
        return;
    }
    set_eager(m->src, true);
    pass_on(number, m->src, json_int_of(json_get(m->body, "round"), 0) + 1);
}

static void on_prune(const struct message *m)
{
    set_eager(m->src, false);
}

static void on_ihave(const struct message *m)
{
    const struct json *ids = json_get(m->body, "ids");

    for (size_t i = 0; neighbour_of(m->src) != NULL && i < json_len(ids); i++) {
        int64_t id = json_int_of(json_at(ids, i), 0);
        struct missing *miss = set_find_key(id) < 0 ? missing_of(id) : NULL;

        if (miss != NULL && miss->count < node_count())
            miss->announcers[miss->count++] = node_find(m->src);
    }
}

static void on_graft(const struct message *m)
{
    int number = set_find_key(json_int_of(json_get(m->body, "id"), -1));

    set_eager(m->src, true);
    if (number >= 0)
        send_value(m->src, number, 0);
}

void plumtree_neighbours(const struct json *names)
{
    for (int i = 0; i < node_count(); i++)
        neighbours[i] = (struct neighbour){.name = NULL};
    for (size_t i = 0; i < json_len(names); i++) {
        const char *name = json_text_of(json_at(names, i));
        int member = name != NULL ? node_find(name) : -1;

        if (member >= 0)
            neighbours[member] = (struct neighbour){.name = node_name(member), .eager = true};
    }
}

void plumtree_start(void)
{
    neighbours = calloc((size_t)node_count(), sizeof(*neighbours));
    if (neighbours == NULL)
        abort();
    node_on("gossip", on_gossip);
    node_on("prune", on_prune);
    node_on("ihave", on_ihave);
    node_on("graft", on_graft);
}
