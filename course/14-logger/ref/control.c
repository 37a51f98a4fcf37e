/* control.c - the controller's decisions, each a function from the metadata to the metadata.
 *
 * Every 100 ms the controller looks at all partitions. A node that has not been heard for
 * META_DEAD_MS is dead: it leaves the sets of those in sync (but the last one stays: its disk may
 * hold what no other has), and where it led, a living member in sync leads from now on, in a new
 * epoch. A node that comes with another folder has left them too. When all is well, leaders move
 * from nodes that have many to nodes that have few, to members in sync only. */
#include "control.h"

#include "config.h"
#include "engine.h"
#include "reply.h"

#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000, TICK_MS = 100, CALL_MS = 2000, CALM_ROUNDS = 20 };

/* ---- new partitions ---- */

struct creation {
    struct meta_log log;
    int wanted; /* replicas */
};

static bool is_alive(int node)
{
    return meta_silence_ms(node) < META_DEAD_MS;
}

static enum node_code create(struct meta *m, const void *arg)
{
    const struct creation *c = arg;
    struct meta_log *l = &m->logs[m->log_count];
    int start = m->log_count, count = 0;

    for (int i = 0; i < m->log_count; i++) {
        if (strcmp(m->logs[i].key, c->log.key) == 0)
            return NODE_KEY_EXISTS;
    }
    if (m->log_count == META_LOGS_MAX)
        return NODE_ABORT;
    *l = c->log;
    for (int i = 0; i < node_count(); i++)
        count += is_alive(i);
    if (count < c->wanted)
        return NODE_UNAVAILABLE;
    for (int i = 0; l->replica_count < c->wanted; i++) {
        int node = (start + i) % node_count();

        if (!is_alive(node))
            continue;
        l->replicas[l->replica_count++] = node;
        l->isr |= 1u << node;
    }
    l->leader = l->replicas[0];
    l->epoch = l->version = 1;
    m->log_count++;
    return NODE_OK;
}

static enum node_code creation_of(const char *key, const struct json *fields,
                                  struct creation *ret_c)
{
    const struct json *compact = json_get(fields, "compact");
    int otherwise = node_count() < 3 ? node_count() : 3;

    memset(ret_c, 0, sizeof(*ret_c));
    ret_c->wanted = (int)json_int_of(json_get(fields, "replicas"), otherwise);
    if (key == NULL || strlen(key) > META_KEY_MAX || ret_c->wanted < 1 ||
        ret_c->wanted > node_count())
        return NODE_MALFORMED;
    strcpy(ret_c->log.key, key);
    ret_c->log.config = (struct part_config){
        .segment_bytes = (uint64_t)json_int_of(json_get(fields, "segment_bytes"), 1 << 20),
        .retention_bytes = (uint64_t)json_int_of(json_get(fields, "retention_bytes"), 0),
        .retention_ms = (uint64_t)json_int_of(json_get(fields, "retention_ms"), 0),
        .tombstone_ms = (uint64_t)json_int_of(json_get(fields, "tombstone_ms"), DAY_MS),
        .compact = compact != NULL && compact->type == JSON_BOOL && compact->boolean,
    };
    return NODE_OK;
}

struct remote {
    void (*done)(void *owner, enum node_code code);
    void *owner;
};

static void answered(void *owner, const struct message *m)
{
    struct remote *r = owner;

    if (r->done != NULL)
        r->done(r->owner, node_code_of(m));
    free(r);
}

void control_create(const char *key, const struct json *fields,
                    void (*done)(void *owner, enum node_code code), void *owner)
{
    struct creation c;
    enum node_code code = creation_of(key, fields, &c);
    int controller = meta_controller();

    if (code == NODE_OK && controller < 0)
        code = NODE_UNAVAILABLE;
    if (code != NODE_OK) {
        if (done != NULL)
            done(owner, code);
    } else if (controller == node_self()) {
        meta_change(create, &c, sizeof(c), done, owner);
    } else {
        struct remote *r = must_alloc(NULL, sizeof(*r));
        struct json *copy = json_object();

        *r = (struct remote){done, owner};
        for (uint32_t i = 0; fields != NULL && i < fields->len; i++)
            json_set(copy, fields->members[i].key, fields->members[i].value);
        node_call(node_name(controller), CALL_MS, answered, r, "control_create", "key",
                  json_string(key), "fields", copy, NULL);
    }
}

static void created(void *owner, enum node_code code)
{
    struct message *m = owner;

    if (code == NODE_OK)
        reply_ok(m, NULL, NULL);
    else
        node_error(m, code, code == NODE_KEY_EXISTS ? "there is such a partition" : "not made");
    node_free(m);
}

static void on_create_log(const struct message *m)
{
    struct json *key = json_get(m->body, "key");

    control_create(json_text_of(key), m->body, created, node_keep(m));
}

static void on_control_create(const struct message *m)
{
    if (meta_controller() != node_self())
        node_error(m, NODE_UNAVAILABLE, "not the controller");
    else
        control_create(json_text_of(json_get(m->body, "key")), json_get(m->body, "fields"), created,
                       node_keep(m));
}

/* ---- nodes that die and come back ---- */

static void lead_by(struct meta_log *l, int node)
{
    l->leader = node;
    l->version++;
    if (node >= 0)
        l->epoch++;
}

/* A living member in sync; else, if loss is allowed, any living replica, which is then the set. */
static void elect(struct meta_log *l)
{
    int passes = config_bool("unclean", false) ? 2 : 1;

    for (int pass = 0; pass < passes; pass++) {
        for (int i = 0; i < l->replica_count; i++) {
            int node = l->replicas[i];

            if (!is_alive(node) || (pass == 0 && !(l->isr >> node & 1)))
                continue;
            if (pass == 1)
                l->isr = 1u << node;
            lead_by(l, node);
            return;
        }
    }
    if (l->leader >= 0)
        lead_by(l, -1);
}

static void drop_dead(struct meta_log *l)
{
    uint32_t living = 0;

    for (int i = 0; i < node_count(); i++) {
        if (is_alive(i))
            living |= 1u << i;
    }
    if ((l->isr & living) == 0 || (l->isr & living) == l->isr)
        return;
    l->isr &= living;
    l->version++;
}

/* Who comes with another folder has nothing of what it had. */
static void note_folders(struct meta *m)
{
    for (int node = 0; node < node_count(); node++) {
        int64_t folder = meta_folder_of(node);

        if (folder == 0 || folder == m->folder[node])
            continue;
        for (int i = 0; m->folder[node] != 0 && i < m->log_count; i++) {
            struct meta_log *l = &m->logs[i];

            if (l->isr >> node & 1) {
                l->isr &= ~(1u << node);
                l->version++;
            }
            if (l->leader == node)
                lead_by(l, -1);
        }
        m->folder[node] = folder;
    }
}

/* One leader from a node that has two more than another one that is in sync. */
static bool balance(struct meta *m)
{
    int load[RAFT_MEMBERS_MAX] = {0};

    for (int i = 0; i < m->log_count; i++) {
        if (m->logs[i].leader >= 0)
            load[m->logs[i].leader]++;
    }
    for (int i = 0; i < m->log_count; i++) {
        struct meta_log *l = &m->logs[i];

        for (int k = 0; l->leader >= 0 && k < l->replica_count; k++) {
            int node = l->replicas[k];

            if ((l->isr >> node & 1) && is_alive(node) && load[node] + 2 <= load[l->leader]) {
                lead_by(l, node);
                return true;
            }
        }
    }
    return false;
}

static int calm_rounds;

static enum node_code review(struct meta *m, const void *arg)
{
    struct meta before;

    (void)arg;
    memcpy(&before, m, sizeof(before)); /* with what lies between the fields */
    note_folders(m);
    for (int i = 0; i < m->log_count; i++) {
        struct meta_log *l = &m->logs[i];

        drop_dead(l);
        if (l->leader < 0 || !is_alive(l->leader))
            elect(l);
    }
    if (memcmp(&before, m, sizeof(before)) != 0)
        calm_rounds = 0;
    else if (++calm_rounds >= CALM_ROUNDS && balance(m))
        calm_rounds = 0;
    else
        return NODE_ABORT; /* nothing to change */
    return NODE_OK;
}

static void tick(void *owner)
{
    (void)owner;
    if (meta_controller() == node_self())
        meta_change(review, "", 1, NULL, NULL);
}

void control_open(void)
{
    if (node_count() > 1)
        node_every(TICK_MS, tick, NULL);
    else
        tick(NULL);
}

void control_routes(void)
{
    engine_on("create_log", &engine_dlog, on_create_log);
    engine_on("control_create", &engine_dlog, on_control_create);
}
