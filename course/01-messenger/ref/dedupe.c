/* dedupe.c - a hash table to find an entry, a list in order of use to know the oldest.
 *
 *     newest <-> ... <-> ... <-> oldest         each entry is also in one chain of the table
 *
 * The entry is made when the request arrives and not when its reply leaves. In between lies the
 * time in which a repeat would be carried out a second time. */
#include "dedupe.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>

enum { CHAINS = 2048 };

struct entry {
    struct entry *newer, *older; /* a ring through `ring` */
    struct entry *chain_next;
    char *src;
    int64_t msg_id;
    struct json *reply; /* kept; NULL: in work */
};

static struct entry ring = {.newer = &ring, .older = &ring}; /* ring.older is the newest */
static struct entry *chains[CHAINS];
static int entry_count;

static struct entry **chain_of(const char *src, int64_t msg_id)
{
    uint64_t hash = (uint64_t)msg_id;

    for (const char *c = src; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001B3u;
    return &chains[(hash ^ hash >> 32) % CHAINS];
}

static struct entry *find(const char *src, int64_t msg_id)
{
    struct entry *e = *chain_of(src, msg_id);

    while (e != NULL && (e->msg_id != msg_id || strcmp(e->src, src) != 0))
        e = e->chain_next;
    return e;
}

static void ring_remove(struct entry *e)
{
    e->newer->older = e->older;
    e->older->newer = e->newer;
}

static void ring_add_newest(struct entry *e)
{
    e->newer = &ring;
    e->older = ring.older;
    e->older->newer = e;
    ring.older = e;
}

static void forget(struct entry *e)
{
    struct entry **at = chain_of(e->src, e->msg_id);

    while (*at != e)
        at = &(*at)->chain_next;
    *at = e->chain_next;
    ring_remove(e);
    entry_count--;
    json_free(e->reply);
    free(e->src);
    free(e);
}

static void forget_oldest(void)
{
    struct entry *e = ring.newer;

    while (e != &ring && e->reply == NULL)
        e = e->newer;
    if (e != &ring)
        forget(e);
}

static void add(const char *src, int64_t msg_id)
{
    struct entry **chain = chain_of(src, msg_id);
    struct entry *e = calloc(1, sizeof(*e));

    if (e == NULL)
        abort();
    e->src = strdup(src);
    e->msg_id = msg_id;
    e->chain_next = *chain;
    *chain = e;
    ring_add_newest(e);
    entry_count++;
}

enum dedupe_state dedupe_enter(const char *src, int64_t msg_id, struct json **ret_reply)
{
    struct entry *e = find(src, msg_id);

    if (e == NULL) {
        if (entry_count >= DEDUPE_MAX)
            forget_oldest();
        add(src, msg_id);
        return DEDUPE_NEW;
    }
    ring_remove(e);
    ring_add_newest(e);
    if (e->reply == NULL)
        return DEDUPE_IN_WORK;
    *ret_reply = e->reply;
    return DEDUPE_DONE;
}

void dedupe_store(const char *src, int64_t msg_id, const struct json *reply)
{
    struct entry *e = find(src, msg_id);

    if (e != NULL && e->reply == NULL)
        e->reply = json_keep(reply);
}
