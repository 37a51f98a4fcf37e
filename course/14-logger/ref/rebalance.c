/* rebalance.c - the coordinator of consumer groups: the leader of the partition of the offsets.
 *
 * For each partition there is a target, who should have it, and an owner, who has it. A change of
 * the members sets the targets anew and touches no owner. Then:
 *
 *     owner == target        nothing happens; the member goes on reading
 *     owner, other target    the owner is told to give it up (heartbeat: rejoin; join: revoke)
 *     no owner               the target is told to come (heartbeat: rejoin), and gets it when it
 *                            joins or syncs
 *
 * So a partition that stays is never without its reader, and one that moves never has two. A member
 * that is silent for its session time is put out, and so is one that has been told for as long to
 * give something up and has not.
 *
 * The state of a group is one message of the partition of the offsets, written anew at each change
 * and answered for when it is under the watermark. When members were heard last is not in it: a new
 * coordinator gives each of them a whole session time. */
#include "rebalance.h"

#include "assign.h"
#include "engine.h"
#include "offsets.h"
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 100, SESSION_MS = 3000 };

static struct group *groups;
static bool is_ticking; /* from the first group on */

static void tick(void *owner);

static struct group *group_find(const char *name)
{
    struct group *g = groups;

    while (g != NULL && strcmp(g->name, name) != 0)
        g = g->next;
    return g;
}

static struct group *group_of(const char *name)
{
    struct group *g = group_find(name);

    if (g != NULL)
        return g;
    g = must_alloc(NULL, sizeof(*g));
    memset(g, 0, sizeof(*g));
    snprintf(g->name, sizeof(g->name), "%s", name);
    for (int i = 0; i < META_LOGS_MAX; i++)
        g->owner[i] = g->target[i] = -1;
    g->next = groups;
    groups = g;
    if (!is_ticking)
        node_every(TICK_MS, tick, NULL);
    is_ticking = true;
    return g;
}

static int member_find(const struct group *g, const char *name)
{
    for (int i = 0; i < MEMBERS_MAX; i++) {
        if (name[0] != '\0' && strcmp(g->members[i].name, name) == 0)
            return i;
    }
    return -1;
}

static int member_add(struct group *g, const char *name, int64_t session_ms)
{
    for (int i = 0; i < MEMBERS_MAX; i++) {
        struct member *m = &g->members[i];

        if (m->name[0] != '\0')
            continue;
        *m = (struct member){.session_ms = session_ms, .heard_ms = node_now_ms()};
        snprintf(m->name, sizeof(m->name), "%s", name);
        return i;
    }
    return -1;
}

/* ---- owners ---- */

static void put_out(struct group *g, int m)
{
    g->members[m].name[0] = '\0';
    for (int i = 0; i < META_LOGS_MAX; i++) {
        if (g->owner[i] == m)
            g->owner[i] = -1;
    }
    assign(g);
}

static bool is_listed(const struct json *list, const char *key)
{
    for (size_t i = 0; i < json_len(list); i++) {
        const char *text = json_text_of(json_at(list, i));

        if (text != NULL && strcmp(text, key) == 0)
            return true;
    }
    return false;
}

/* The member says what it has; it gets what is free and meant for it. True: owners have changed. */
static bool hand_over(struct group *g, int m, const struct json *owned)
{
    bool changed = false;

    for (int i = 0; topic_at(i) != NULL; i++) {
        if (g->owner[i] == m && !is_listed(owned, topic_at(i)->log->key)) {
            g->owner[i] = -1;
            changed = true;
        }
        if (g->owner[i] < 0 && g->target[i] == m) {
            g->owner[i] = m;
            g->since[i] = g->generation;
            changed = true;
        }
    }
    return changed;
}

static bool has_to_give(const struct group *g, int m)
{
    for (int i = 0; i < META_LOGS_MAX; i++) {
        if (g->owner[i] == m && g->target[i] != m)
            return true;
    }
    return false;
}

static bool has_to_take(const struct group *g, int m)
{
    for (int i = 0; i < META_LOGS_MAX; i++) {
        if (g->owner[i] < 0 && g->target[i] == m)
            return true;
    }
    return false;
}

static struct json *keys_of(const struct group *g, int m, bool to_keep)
{
    struct json *list = json_array();
    struct plan p = assign_plan(g);

    for (int k = 0; k < p.log_count; k++) {
        int i = p.logs[k];

        if (g->owner[i] == m && (g->target[i] == m) == to_keep)
            json_push(list, json_string(topic_at(i)->log->key));
    }
    return list;
}

/* ---- kept in the partition of the offsets ---- */

static struct json *group_json(const struct group *g)
{
    struct json *j = json_object(), *members = json_array(), *logs = json_array();

    for (int i = 0; i < MEMBERS_MAX; i++) {
        struct json *one = json_array();

        if (g->members[i].name[0] == '\0')
            continue;
        json_push(one, json_int(i));
        json_push(one, json_string(g->members[i].name));
        json_push(one, json_int(g->members[i].session_ms));
        json_push(members, one);
    }
    for (int i = 0; i < META_LOGS_MAX; i++) {
        struct json *one = json_array();

        if (!(g->logs >> i & 1))
            continue;
        json_push(one, json_int(i));
        json_push(one, json_int(g->owner[i]));
        json_push(one, json_int(g->target[i]));
        json_push(one, json_int(g->since[i]));
        json_push(logs, one);
    }
    json_set(j, "generation", json_int(g->generation));
    json_set(j, "sticky", json_int(g->is_sticky));
    json_set(j, "members", members);
    json_set(j, "logs", logs);
    return j;
}

void rebalance_note(const char *name, const struct json *v)
{
    struct group *g = group_of(name);
    const struct json *members = json_get(v, "members"), *logs = json_get(v, "logs");

    g->generation = json_int_of(json_get(v, "generation"), 0);
    g->is_sticky = json_int_of(json_get(v, "sticky"), 0) != 0;
    g->logs = 0;
    memset(g->members, 0, sizeof(g->members));
    for (size_t i = 0; i < json_len(members); i++) {
        const struct json *one = json_at(members, i);
        struct member *m = &g->members[json_int_of(json_at(one, 0), 0) % MEMBERS_MAX];

        snprintf(m->name, sizeof(m->name), "%s", json_text_of(json_at(one, 1)));
        m->session_ms = json_int_of(json_at(one, 2), SESSION_MS);
        m->heard_ms = node_now_ms();
    }
    for (int i = 0; i < META_LOGS_MAX; i++)
        g->owner[i] = g->target[i] = -1;
    for (size_t i = 0; i < json_len(logs); i++) {
        const struct json *one = json_at(logs, i);
        int64_t id = json_int_of(json_at(one, 0), 0) % META_LOGS_MAX;

        g->logs |= (uint64_t)1 << id;
        g->owner[id] = (int)json_int_of(json_at(one, 1), -1);
        g->target[id] = (int)json_int_of(json_at(one, 2), -1);
        g->since[id] = json_int_of(json_at(one, 3), 0);
    }
}

void rebalance_forget(void)
{
    while (groups != NULL) {
        struct group *next = groups->next;

        free(groups);
        groups = next;
    }
}

/* An answer that waits until what it tells cannot be taken back. */
struct answer {
    struct message *request;
    struct json *body;
};

static void answer_now(void *owner, bool ok)
{
    struct answer *a = owner;
    char type[64];

    snprintf(type, sizeof(type), "%s_ok", a->request->type);
    if (ok)
        node_reply(a->request, type, "generation", json_get(a->body, "generation"), "assigned",
                   json_get(a->body, "assigned"), "revoke", json_get(a->body, "revoke"), NULL);
    else
        node_error(a->request, NODE_UNAVAILABLE, "the coordinator changed; ask again");
    node_free(a->request);
    json_free(a->body);
    free(a);
}

/* What is not stored has not happened: the state is read again, and nobody is told. */
static bool store(const struct group *g)
{
    bool ok = offsets_store_group(g->name, group_json(g)) == NODE_OK;

    if (!ok)
        offsets_read_again();
    return ok;
}

/* After a change, or none. */
static void answer(const struct message *m, const struct group *g, int member, bool changed)
{
    struct topic *t = topic_find(OFFSETS_KEY);
    struct json *body = json_object();
    struct answer *a;

    if (changed && !store(g)) {
        node_error(m, NODE_UNAVAILABLE, "the change could not be stored");
        return;
    }
    json_set(body, "generation", json_int(g->generation));
    json_set(body, "assigned", keys_of(g, member, true));
    json_set(body, "revoke", keys_of(g, member, false));
    a = must_alloc(NULL, sizeof(*a));
    *a = (struct answer){node_keep(m), json_keep(body)};
    replica_wait(t, part_end(t->part), answer_now, a);
}

/* ---- requests ---- */

static const char *text_of(const struct message *m, const char *key)
{
    const char *text = json_text_of(json_get(m->body, key));

    return text != NULL && strlen(text) <= NAME_MAX_LEN ? text : "";
}

/* Topic "t" is every partition whose key begins with "t/". */
static uint64_t logs_of(const struct json *topics)
{
    uint64_t logs = 0;

    for (int i = 0; topic_at(i) != NULL; i++) {
        const char *key = topic_at(i)->log->key, *slash = strchr(key, '/');

        for (size_t k = 0; slash != NULL && k < json_len(topics); k++) {
            const char *topic = json_text_of(json_at(topics, k));

            if (topic != NULL && strlen(topic) == (size_t)(slash - key) &&
                strncmp(topic, key, (size_t)(slash - key)) == 0)
                logs |= (uint64_t)1 << i;
        }
    }
    return logs;
}

static void on_join_group(const struct message *m)
{
    const char *group = text_of(m, "group"), *name = text_of(m, "member");
    int why_not, member;
    struct topic *t = offsets_topic(&why_not);
    uint64_t logs = logs_of(json_get(m->body, "topics"));
    bool changed = false;
    struct group *g;

    if (offsets_refused(m, t, why_not))
        return;
    if (group[0] == '\0' || name[0] == '\0' || logs == 0) {
        node_error(m, NODE_MALFORMED, "group, member, and topics that have partitions");
        return;
    }
    g = group_of(group);
    member = member_find(g, name);
    if (member < 0 || logs != g->logs) {
        if (member < 0)
            member = member_add(g, name, json_int_of(json_get(m->body, "session_ms"), SESSION_MS));
        if (member < 0) {
            node_error(m, NODE_UNAVAILABLE, "the group is full");
            return;
        }
        g->logs = logs;
        g->is_sticky = strcmp(text_of(m, "strategy"), "range") != 0;
        assign(g);
        changed = true;
    }
    g->members[member].heard_ms = node_now_ms();
    changed |= hand_over(g, member, json_get(m->body, "owned"));
    answer(m, g, member, changed);
}

/* The group, if this is a member of it; else the request has been refused. */
static struct group *joined(const struct message *m, int *ret_member)
{
    int why_not;
    struct topic *t = offsets_topic(&why_not);
    struct group *g;

    if (offsets_refused(m, t, why_not))
        return NULL;
    g = group_find(text_of(m, "group"));
    *ret_member = g == NULL ? -1 : member_find(g, text_of(m, "member"));
    if (*ret_member < 0) {
        node_error(m, NODE_PRECONDITION, "not a member; join the group");
        return NULL;
    }
    g->members[*ret_member].heard_ms = node_now_ms();
    return g;
}

static void on_sync_group(const struct message *m)
{
    int member;
    struct group *g = joined(m, &member);

    if (g == NULL)
        return;
    if (json_int_of(json_get(m->body, "generation"), 0) != g->generation) {
        node_error(m, NODE_PRECONDITION, "there is a newer generation; join again");
        return;
    }
    answer(m, g, member, hand_over(g, member, json_get(m->body, "owned")));
}

static void on_heartbeat(const struct message *m)
{
    int member;
    struct group *g = joined(m, &member);

    if (g == NULL)
        return;
    node_reply(m, "heartbeat_ok", "rejoin",
               json_bool(json_int_of(json_get(m->body, "generation"), 0) != g->generation ||
                         has_to_give(g, member) || has_to_take(g, member)),
               NULL);
}

static void on_leave_group(const struct message *m)
{
    int member;
    struct group *g = joined(m, &member);

    if (g == NULL)
        return;
    put_out(g, member);
    answer(m, g, member, true);
}

/* ---- silence ---- */

static bool is_to_go(struct group *g, int i, int64_t now_ms)
{
    struct member *m = &g->members[i];

    if (m->name[0] == '\0')
        return false;
    if (!has_to_give(g, i))
        m->asked_ms = 0;
    else if (m->asked_ms == 0)
        m->asked_ms = now_ms;
    return now_ms - m->heard_ms > m->session_ms ||
           (m->asked_ms != 0 && now_ms - m->asked_ms > m->session_ms);
}

static void tick(void *owner)
{
    int64_t now_ms = node_now_ms();
    int why_not;

    (void)owner;
    if (topic_find(OFFSETS_KEY) == NULL || offsets_topic(&why_not) == NULL)
        return;
    for (struct group *g = groups; g != NULL; g = g->next) {
        bool changed = false;

        for (int i = 0; i < MEMBERS_MAX; i++) {
            if (!is_to_go(g, i, now_ms))
                continue;
            put_out(g, i);
            changed = true;
        }
        if (changed) {
            store(g);
            return; /* the others in 100 ms: the list may be another one */
        }
    }
}

bool rebalance_has(const char *group)
{
    return group_find(group) != NULL;
}

bool rebalance_owns(const char *group, const char *member, int64_t generation, const char *key)
{
    const struct group *g = group_find(group);
    const struct topic *t = topic_find(key);
    int m = g == NULL ? -1 : member_find(g, member), id = 0;

    if (m < 0 || t == NULL)
        return false;
    while (topic_at(id) != t)
        id++;
    return g->owner[id] == m && generation >= g->since[id] && generation <= g->generation;
}

void rebalance_routes(void)
{
    engine_on("join_group", &engine_dlog, on_join_group);
    engine_on("sync_group", &engine_dlog, on_sync_group);
    engine_on("heartbeat", &engine_dlog, on_heartbeat);
    engine_on("leave_group", &engine_dlog, on_leave_group);
}
