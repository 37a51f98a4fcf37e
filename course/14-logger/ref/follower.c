/* follower.c - fetches from a leader, and brings the own log into line with its.
 *
 * There is one fetch under way to each leader, for all partitions that we follow there. A new one
 * makes the one before void: its answer is not listened to, since what it was asked with may not
 * hold any more (another role, another epoch, a log that was cut). */
#include "follower.h"

#include "replica.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FETCH_TIMEOUT_MS = 1000, RETRY_MS = 100 };

static uint64_t fetch_round[RAFT_MEMBERS_MAX]; /* answers to older rounds are not listened to */

static void fetch_again(void *owner)
{
    uint64_t ticket = (uint64_t)(uintptr_t)owner;
    int leader = (int)(ticket % RAFT_MEMBERS_MAX);

    if (ticket / RAFT_MEMBERS_MAX == fetch_round[leader])
        follower_fetch(leader);
}

static int take_items(struct topic *t, const struct json *list)
{
    size_t count = json_len(list);
    struct item *items = json_scratch((count + 1) * sizeof(*items));

    for (size_t i = 0; i < count; i++) {
        const struct json *one = json_at(list, i);
        const char *text = json_show(json_at(one, 3));

        items[i] = (struct item){.offset = (uint64_t)json_int_of(json_at(one, 0), 0),
                                 .ms = (uint64_t)json_int_of(json_at(one, 1), 0),
                                 .epoch = (uint32_t)json_int_of(json_at(one, 2), 0),
                                 .payload = {text, strlen(text)}};
    }
    if (count > 0 && items[0].offset < part_end(t->part))
        return -EINVAL;
    return count == 0 ? 0 : part_append(t->part, items, count);
}

/* Back to where the two logs part: the end of the last epoch that both have, on the shorter one. */
static int cut_back(struct topic *t, uint64_t end, uint32_t epoch)
{
    uint32_t own;
    uint64_t own_end = part_epoch_end(t->part, epoch, &own);

    if (own_end > end)
        own_end = end;
    node_log("%s: cut back from %llu to %llu", t->log->key, (unsigned long long)part_end(t->part),
             (unsigned long long)own_end);
    return part_cut(t->part, own_end);
}

static void take_news(const struct json *j)
{
    struct topic *t = topic_at((int)json_int_of(json_get(j, "id"), -1));
    uint64_t watermark = (uint64_t)json_int_of(json_get(j, "watermark"), 0);
    int status;

    if (t == NULL || t->role != FOLLOWER || json_int_of(json_get(j, "epoch"), 0) != t->epoch)
        return;
    if (json_get(j, "cut") != NULL)
        status = cut_back(t, (uint64_t)json_int_of(json_get(j, "cut"), 0),
                          (uint32_t)json_int_of(json_get(j, "cut_epoch"), 0));
    else if (json_get(j, "restart") != NULL)
        status = part_restart(t->part, (uint64_t)json_int_of(json_get(j, "restart"), 0));
    else
        status = take_items(t, json_get(j, "items"));
    if (status < 0)
        node_log("%s: %s", t->log->key, strerror(-status)); /* the next fetch asks for it again */
    if (watermark > part_end(t->part))
        watermark = part_end(t->part);
    if (watermark > t->watermark)
        t->watermark = watermark;
    replica_tidy(t);
}

static void fetched(void *owner, const struct message *m)
{
    uint64_t ticket = (uint64_t)(uintptr_t)owner;
    int leader = (int)(ticket % RAFT_MEMBERS_MAX);
    const struct json *parts;

    if (ticket / RAFT_MEMBERS_MAX != fetch_round[leader])
        return;
    if (m == NULL || strcmp(m->type, "fetch_ok") != 0) {
        node_after(RETRY_MS, fetch_again, owner);
        return;
    }
    parts = json_get(m->body, "parts");
    for (size_t i = 0; i < json_len(parts); i++)
        take_news(json_at(parts, i));
    follower_fetch(leader);
}

void follower_fetch(int leader)
{
    struct json *parts = json_array();
    uint64_t ticket = ++fetch_round[leader] * RAFT_MEMBERS_MAX + (uint64_t)leader;

    for (int i = 0; topic_at(i) != NULL; i++) {
        const struct topic *t = topic_at(i);
        struct json *one = json_object();

        if (t->role != FOLLOWER || t->log->leader != leader)
            continue;
        json_set(one, "id", json_int(i));
        json_set(one, "epoch", json_int(t->epoch));
        json_set(one, "offset", json_int((int64_t)part_end(t->part)));
        json_set(one, "last_epoch", json_int(part_last_epoch(t->part)));
        json_set(one, "watermark", json_int((int64_t)t->watermark));
        json_push(parts, one);
    }
    if (json_len(parts) > 0)
        node_call(node_name(leader), FETCH_TIMEOUT_MS, fetched, (void *)(uintptr_t)ticket, "fetch",
                  "parts", parts, NULL);
}
