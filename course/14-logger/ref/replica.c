/* replica.c - leader and follower of each partition (Kafka's replication, with fetching by offset
 * and epoch as in KIP-101 and KIP-595).
 *
 *     follower                                   leader
 *        |  fetch {offset, epoch of the last item} |
 *        |---------------------------------------->|  offset says what the follower has on its disk
 *        |                items, watermark         |
 *        |<----------------------------------------|  or: "cut back to ...", or nothing for 800 ms
 *
 * One fetch asks for all partitions that a follower has from one leader. It is answered when there
 * is something, else held. So an append costs one round trip until it is everywhere, and a quiet
 * pair of nodes exchanges five messages in two seconds.
 *
 * The watermark counts over all who are in sync and all who were asked to be added: whether the
 * controller has agreed to that is not known until we hear of it, and either way we are right. Who
 * is too slow is taken out by agreement only, since a node that is not in the agreed set cannot
 * become leader, and until then it could.
 *
 * Dropped: cutting back to the own watermark at a start. It is known later than what it marks, so a
 * member in sync would throw away what all of them have acknowledged. */
#include "replica.h"

#include "config.h"
#include "engine.h"
#include "follower.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HOLD_MS = 800, FRESH_MS = 1000, TICK_MS = 100, ASK_AGAIN_MS = 500 };

static struct topic topics[META_LOGS_MAX];
static int topic_count;

struct waiting {
    uint64_t end;
    void (*done)(void *owner, bool ok);
    void *owner;
    struct waiting *next;
};

static struct held {
    struct message *fetch; /* NULL: none */
    int64_t until_ms;
    uint64_t timer;
} held[RAFT_MEMBERS_MAX];

struct topic *topic_find(const char *key)
{
    for (int i = 0; i < topic_count; i++) {
        if (strcmp(topics[i].log->key, key) == 0)
            return &topics[i];
    }
    return NULL;
}

struct topic *topic_at(int id)
{
    return id >= 0 && id < topic_count ? &topics[id] : NULL;
}

int replica_leads(const struct topic *t)
{
    return t->role == LEADER && meta_is_connected() ? NODE_OK : CODE_NOT_LEADER;
}

void replica_refuse(const struct message *m, const struct topic *t)
{
    int leader = t->role == LEADER ? -1 : t->log->leader; /* we are cut off, or somebody else */

    node_reply(m, "error", "code", json_int(CODE_NOT_LEADER), "text", json_string("not the leader"),
               "leader", leader < 0 ? json_null() : json_string(node_name(leader)), "epoch",
               json_int(t->log->epoch), NULL);
}

/* ---- leader: watermark ---- */

static void wake(struct topic *t, bool all, bool ok)
{
    struct waiting **link = &t->waiting;

    while (*link != NULL) {
        struct waiting *w = *link;

        if (!all && w->end > t->watermark) {
            link = &w->next;
            continue;
        }
        *link = w->next;
        w->done(w->owner, ok);
        free(w);
    }
}

static void answer_held(int node, bool at_any_rate);

static void advance(struct topic *t)
{
    uint32_t members = t->log->isr | t->asked_isr;
    uint64_t lowest = part_end(t->part);

    for (int i = 0; i < node_count(); i++) {
        if (i != node_self() && (members >> i & 1) && t->peers[i].end < lowest)
            lowest = t->peers[i].end;
    }
    if (lowest <= t->watermark)
        return;
    t->watermark = lowest;
    wake(t, false, true);
}

void replica_wait(struct topic *t, uint64_t end, void (*done)(void *owner, bool ok), void *owner)
{
    struct waiting *w, **link = &t->waiting;

    if (t->watermark >= end) {
        done(owner, true);
        return;
    }
    w = must_alloc(NULL, sizeof(*w));
    *w = (struct waiting){.end = end, .done = done, .owner = owner};
    while (*link != NULL)
        link = &(*link)->next;
    *link = w;
}

static int members_of(uint32_t isr)
{
    int count = 0;

    for (; isr != 0; isr &= isr - 1)
        count++;
    return count;
}

void replica_tidy(struct topic *t)
{
    int status = t->part == NULL ? 0 : part_tidy(t->part, t->watermark);

    if (status < 0)
        node_log("tidying %s: %s", t->log->key, strerror(-status)); /* it is tried again */
}

enum node_code replica_append(struct topic *t, struct payloads payloads, int acks,
                              struct item *ret_first)
{
    struct item *items;
    int needed = (int)config_int("min_isr", 2), status;

    if (needed > t->log->replica_count)
        needed = t->log->replica_count;
    if (acks == ACKS_ALL && members_of(t->log->isr) < needed)
        return NODE_UNAVAILABLE;
    items = json_scratch(payloads.count * sizeof(*items));
    for (size_t i = 0; i < payloads.count; i++)
        items[i] = (struct item){.offset = part_end(t->part) + i,
                                 .ms = part_now(t->part),
                                 .epoch = t->epoch,
                                 .payload = payloads.list[i]};
    status = part_append(t->part, items, payloads.count);
    if (status < 0)
        return NODE_UNAVAILABLE;
    *ret_first = items[0];
    advance(t);
    for (int i = 0; i < node_count(); i++)
        answer_held(i, false);
    replica_tidy(t);
    return NODE_OK;
}

/* ---- leader: fetches ---- */

struct wanted {
    struct topic *t;
    uint64_t offset, watermark;
    uint32_t last_epoch;
};

/* One partition of a fetch; false: we do not lead it in this epoch. */
static bool wanted_of(const struct json *j, struct wanted *ret_w)
{
    struct topic *t = topic_at((int)json_int_of(json_get(j, "id"), -1));

    if (t == NULL || t->role != LEADER || json_int_of(json_get(j, "epoch"), 0) != t->epoch)
        return false;
    *ret_w = (struct wanted){
        .t = t,
        .offset = (uint64_t)json_int_of(json_get(j, "offset"), 0),
        .last_epoch = (uint32_t)json_int_of(json_get(j, "last_epoch"), 0),
        .watermark = (uint64_t)json_int_of(json_get(j, "watermark"), 0),
    };
    return true;
}

/* Whether the follower's log is a beginning of ours (from our first offset on). */
static bool is_prefix(const struct wanted *w)
{
    uint32_t epoch;
    uint64_t end = part_epoch_end(w->t->part, w->last_epoch, &epoch);

    if (w->offset < part_first(w->t->part))
        return false;
    if (w->last_epoch == 0)
        return w->offset == part_first(w->t->part) || w->offset == 0;
    return epoch == w->last_epoch && w->offset <= end;
}

static bool push_item(void *owner, const struct item *it)
{
    struct json *list = owner, *one = json_array();
    char *copy = json_scratch(it->payload.len + 1);

    memcpy(copy, it->payload.data, it->payload.len);
    json_push(one, json_int((int64_t)it->offset));
    json_push(one, json_int((int64_t)it->ms));
    json_push(one, json_int(it->epoch));
    json_push(one, json_parse(copy, it->payload.len));
    json_push(list, one);
    return json_len(list) < 200;
}

/* What a follower has to hear of one partition; NULL: nothing. */
static struct json *news(const struct wanted *w)
{
    struct part *p = w->t->part;
    struct json *j = json_object(), *items = json_array();

    if (w->offset < part_end(p) && is_prefix(w))
        part_read(p, w->offset, push_item, items);
    if (is_prefix(w) && json_len(items) == 0 && w->watermark >= w->t->watermark)
        return NULL;
    json_set(j, "id", json_int(w->t - topics));
    json_set(j, "epoch", json_int(w->t->epoch));
    json_set(j, "watermark", json_int((int64_t)w->t->watermark));
    if (is_prefix(w)) {
        json_set(j, "items", items);
    } else if (w->offset < part_first(p) || w->last_epoch == 0) {
        json_set(j, "restart", json_int((int64_t)part_first(p)));
    } else {
        uint32_t epoch;
        uint64_t end = part_epoch_end(p, w->last_epoch, &epoch);

        json_set(j, "cut", json_int((int64_t)end));
        json_set(j, "cut_epoch", json_int(epoch));
    }
    return j;
}

static void let_go(int node)
{
    node_cancel(held[node].timer);
    node_free(held[node].fetch);
    held[node].fetch = NULL;
}

static void answer_held(int node, bool at_any_rate)
{
    const struct json *asked;
    struct json *parts = json_array();
    struct wanted w;

    if (held[node].fetch == NULL)
        return;
    asked = json_get(held[node].fetch->body, "parts");
    for (size_t i = 0; i < json_len(asked); i++) {
        struct json *one = wanted_of(json_at(asked, i), &w) ? news(&w) : NULL;

        if (one != NULL)
            json_push(parts, one);
    }
    if (json_len(parts) == 0 && !at_any_rate)
        return;
    node_reply(held[node].fetch, "fetch_ok", "parts", parts, NULL);
    let_go(node);
}

static void hold_is_over(void *owner)
{
    answer_held((int)(intptr_t)owner, true);
}

/* What the fetch says of the follower's log: all below its offset is on its disk. */
static void note_fetch(int node, const struct wanted *w)
{
    struct peer *peer = &w->t->peers[node];
    int64_t now_ms = node_now_ms();
    uint64_t end = part_end(w->t->part);

    if (!is_prefix(w))
        return;
    peer->end = w->offset;
    if (w->offset >= end)
        peer->caught_up_ms = now_ms;
    else if (w->offset >= peer->end_at_fetch && peer->fetch_ms > peer->caught_up_ms)
        peer->caught_up_ms = peer->fetch_ms;
    peer->end_at_fetch = end;
    peer->fetch_ms = now_ms;
    advance(w->t);
}

static void on_fetch(const struct message *m)
{
    const struct json *asked = json_get(m->body, "parts");
    int node = node_find(m->src);
    struct wanted w;

    if (node < 0)
        return;
    if (held[node].fetch != NULL)
        let_go(node); /* it has given up waiting for that answer */
    for (size_t i = 0; i < json_len(asked); i++) {
        if (wanted_of(json_at(asked, i), &w))
            note_fetch(node, &w);
    }
    held[node].fetch = node_keep(m);
    held[node].timer = node_after(HOLD_MS, hold_is_over, (void *)(intptr_t)node);
    for (int i = 0; i < node_count(); i++)
        answer_held(i, false); /* the watermark may have moved for the others too */
}

/* ---- leader: who is in sync ---- */

struct isr_change {
    int id;
    uint32_t epoch, version, isr;
};

static enum node_code change_isr(struct meta *m, const void *arg)
{
    const struct isr_change *c = arg;
    struct meta_log *l = &m->logs[c->id];

    if (c->id >= m->log_count || l->epoch != c->epoch || l->version != c->version)
        return NODE_PRECONDITION;
    l->isr = c->isr;
    l->version++;
    return NODE_OK;
}

static void on_alter_isr(const struct message *m)
{
    struct isr_change c = {
        .id = (int)json_int_of(json_get(m->body, "id"), 0),
        .epoch = (uint32_t)json_int_of(json_get(m->body, "epoch"), 0),
        .version = (uint32_t)json_int_of(json_get(m->body, "version"), 0),
        .isr = (uint32_t)json_int_of(json_get(m->body, "isr"), 0),
    };

    meta_change(change_isr, &c, sizeof(c), NULL, NULL);
}

static bool is_in_step(const struct topic *t, int node, int64_t now_ms)
{
    const struct peer *peer = &t->peers[node];
    bool is_waiting = held[node].fetch != NULL && peer->end >= part_end(t->part);

    return is_waiting || now_ms - peer->caught_up_ms <= config_int("lag_ms", 2000);
}

static bool may_join(const struct topic *t, int node, int64_t now_ms)
{
    const struct peer *peer = &t->peers[node];

    return peer->fetch_ms != 0 && now_ms - peer->fetch_ms < FRESH_MS && peer->end >= t->watermark &&
           peer->end >= t->epoch_start;
}

static void review(struct topic *t, int64_t now_ms)
{
    const struct meta_log *l = t->log;
    uint32_t isr = 1u << node_self();
    struct isr_change c;

    for (int i = 0; i < l->replica_count; i++) {
        int node = l->replicas[i];

        if (node == node_self())
            continue;
        if (l->isr >> node & 1 ? is_in_step(t, node, now_ms) : may_join(t, node, now_ms))
            isr |= 1u << node;
    }
    if (isr == l->isr || meta_controller() < 0 ||
        (t->asked_isr != 0 && now_ms - t->asked_ms < ASK_AGAIN_MS))
        return;
    t->asked_isr |= isr;
    t->asked_version = l->version;
    t->asked_ms = now_ms;
    c = (struct isr_change){(int)(t - topics), t->epoch, l->version, isr};
    if (meta_controller() == node_self())
        meta_change(change_isr, &c, sizeof(c), NULL, NULL);
    else
        node_send(node_name(meta_controller()), "alter_isr", "id", json_int(c.id), "epoch",
                  json_int(c.epoch), "version", json_int(c.version), "isr", json_int(c.isr), NULL);
}

static void tick(void *owner)
{
    int64_t now_ms = node_now_ms();

    (void)owner;
    for (int i = 0; i < topic_count; i++) {
        if (topics[i].role == LEADER)
            review(&topics[i], now_ms);
    }
}

/* ---- roles ---- */

static bool is_replica(const struct meta_log *l)
{
    for (int i = 0; i < l->replica_count; i++) {
        if (l->replicas[i] == node_self())
            return meta_now()->folder[node_self()] == meta_folder();
    }
    return false;
}

static void begin_to_lead(struct topic *t)
{
    t->role = LEADER;
    t->epoch_start = part_end(t->part);
    t->asked_isr = 0;
    for (int i = 0; i < node_count(); i++)
        t->peers[i] = (struct peer){.caught_up_ms = node_now_ms()};
}

static void take_role(struct topic *t)
{
    const struct meta_log *l = t->log;
    int before = t->role;
    uint32_t epoch_before = t->epoch;

    t->epoch = l->epoch;
    t->role = NO_ROLE;
    if (!is_replica(l)) {
        wake(t, true, false);
        return;
    }
    if (t->part == NULL)
        t->part = part_open((unsigned)(t - topics), &l->config);
    if (l->leader == node_self() && before == LEADER && epoch_before == l->epoch)
        t->role = LEADER;
    else if (l->leader == node_self())
        begin_to_lead(t);
    else
        t->role = l->leader < 0 ? NO_ROLE : FOLLOWER;
    if (t->role != LEADER || epoch_before != l->epoch)
        wake(t, true, false);
    if (t->role != LEADER)
        return;
    if (t->asked_version != l->version)
        t->asked_isr = 0;
    advance(t);
}

static void on_change(void)
{
    const struct meta *m = meta_now();

    for (; topic_count < m->log_count; topic_count++)
        topics[topic_count] = (struct topic){.role = NO_ROLE};
    for (int i = 0; i < topic_count; i++)
        topics[i].log = &m->logs[i];
    for (int i = 0; i < topic_count; i++)
        take_role(&topics[i]);
    for (int i = 0; i < node_count(); i++) {
        answer_held(i, true);
        if (i != node_self())
            follower_fetch(i);
    }
}

void replica_open(void)
{
    meta_open(on_change);
    if (node_count() > 1)
        node_every(TICK_MS, tick, NULL);
}

void replica_routes(void)
{
    engine_on("fetch", &engine_dlog, on_fetch);
    engine_on("alter_isr", &engine_dlog, on_alter_isr);
    meta_routes();
}
