/* meta.c - raft.c with a disk, a network and a clock; the state as JSON.
 *
 * The file `meta` holds term, vote, the entry and its place, and a random number that is the name
 * of this folder: a node that comes back with another folder has lost what it acknowledged, and
 * must not be taken for the one that it was.
 *
 * Changes wait in a queue until the entry before is agreed on; then all that wait become one. */
#include "meta.h"

#include "engine.h"
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 100, CONTACT_MS = 2000 };

static struct raft raft;
static struct meta agreed, entry;
static int64_t applied; /* index of agreed */
static int64_t folder_id, folders[RAFT_MEMBERS_MAX];
static void (*on_change)(void);

struct change {
    meta_fn fn;
    void *arg;
    void (*done)(void *owner, enum node_code code);
    void *owner;
    struct change *next;
};
static struct change *waiting, *in_flight;

/* JSON */

static struct json *log_json(const struct meta_log *l)
{
    struct json *j = json_object(), *replicas = json_array();

    for (int i = 0; i < l->replica_count; i++)
        json_push(replicas, json_int(l->replicas[i]));
    json_set(j, "key", json_string(l->key));
    json_set(j, "segment_bytes", json_int((int64_t)l->config.segment_bytes));
    json_set(j, "retention_bytes", json_int((int64_t)l->config.retention_bytes));
    json_set(j, "retention_ms", json_int((int64_t)l->config.retention_ms));
    json_set(j, "tombstone_ms", json_int((int64_t)l->config.tombstone_ms));
    json_set(j, "compact", json_int(l->config.compact));
    json_set(j, "replicas", replicas);
    json_set(j, "leader", json_int(l->leader));
    json_set(j, "epoch", json_int(l->epoch));
    json_set(j, "isr", json_int(l->isr));
    json_set(j, "version", json_int(l->version));
    return j;
}

static struct json *meta_json(const struct meta *m)
{
    struct json *j = json_object(), *logs = json_array(), *ids = json_array();

    for (int i = 0; i < m->log_count; i++)
        json_push(logs, log_json(&m->logs[i]));
    for (int i = 0; i < node_count(); i++)
        json_push(ids, json_int(m->folder[i]));
    json_set(j, "logs", logs);
    json_set(j, "folders", ids);
    return j;
}

static int64_t number(const struct json *j, const char *key)
{
    return json_int_of(json_get(j, key), 0);
}

static void log_read_json(struct meta_log *l, const struct json *j)
{
    const struct json *replicas = json_get(j, "replicas");
    const char *key = json_text_of(json_get(j, "key"));

    *l = (struct meta_log){
        .config = {.segment_bytes = (uint64_t)number(j, "segment_bytes"),
                   .retention_bytes = (uint64_t)number(j, "retention_bytes"),
                   .retention_ms = (uint64_t)number(j, "retention_ms"),
                   .tombstone_ms = (uint64_t)number(j, "tombstone_ms"),
                   .compact = number(j, "compact") != 0},
        .leader = (int)number(j, "leader"),
        .epoch = (uint32_t)number(j, "epoch"),
        .isr = (uint32_t)number(j, "isr"),
        .version = (uint32_t)number(j, "version"),
    };
    if (key != NULL)
        strncpy(l->key, key, META_KEY_MAX);
    for (size_t i = 0; i < json_len(replicas) && i < RAFT_MEMBERS_MAX; i++)
        l->replicas[l->replica_count++] = (int)json_int_of(json_at(replicas, i), 0);
}

static void meta_read_json(struct meta *m, const struct json *j)
{
    const struct json *logs = json_get(j, "logs"), *ids = json_get(j, "folders");

    memset(m, 0, sizeof(*m));
    for (size_t i = 0; i < json_len(logs) && i < META_LOGS_MAX; i++)
        log_read_json(&m->logs[m->log_count++], json_at(logs, i));
    for (size_t i = 0; i < json_len(ids) && i < RAFT_MEMBERS_MAX; i++)
        m->folder[i] = json_int_of(json_at(ids, i), 0);
}

/* Disk */

static void save(void)
{
    struct json *j = json_object();
    const char *text;
    int status;

    json_set(j, "term", json_int(raft.term));
    json_set(j, "vote", json_int(raft.vote));
    json_set(j, "entry_term", json_int(raft.place.term));
    json_set(j, "entry_index", json_int(raft.place.index));
    json_set(j, "folder", json_int(folder_id));
    json_set(j, "entry", meta_json(&entry));
    text = json_show(j);
    status = file_replace("meta", text, strlen(text));
    if (status < 0) { /* what we have promised must not leave us */
        node_log("meta: %s", strerror(-status));
        exit(1);
    }
}

static void load(void)
{
    struct bytes b = {0};
    struct json *j = NULL;
    int fd = file_open("meta", false);

    folder_remove("meta.tmp");
    if (fd >= 0 && file_read_all(fd, &b) == 0)
        j = json_parse(b.data, b.len);
    if (fd >= 0 && j == NULL) {
        node_log("meta is damaged"); /* it was put there whole, by one rename */
        exit(1);
    }
    file_close(fd);
    meta_read_json(&entry, json_get(j, "entry"));
    folder_id = number(j, "folder");
    if (folder_id == 0)
        folder_id = (int64_t)(node_random() >> 12) + 1;
    raft_init(&raft, node_self(), node_count(), number(j, "term"),
              j == NULL ? RAFT_NOBODY : (int)number(j, "vote"),
              (struct raft_place){number(j, "entry_term"), number(j, "entry_index")}, node_random(),
              node_now_ms());
    if (j == NULL)
        save();
    free(b.data);
}

/* Network */

static const char *const types[] = {"raft_vote", "raft_vote_ok", "raft_append", "raft_append_ok"};

static void send_one(const struct raft_message *m)
{
    struct json *yes = json_bool(m->yes), *pre = json_bool(m->pre);

    node_send(node_name(m->peer), types[m->type], "term", json_int(m->term), "pre", pre, "yes", yes,
              "place_term", json_int(m->place.term), "place_index", json_int(m->place.index),
              "commit", json_int(m->commit), "folder", json_int(folder_id),
              m->has_entry ? "entry" : NULL, meta_json(&entry), NULL);
}

static void finish(struct change **list, enum node_code code)
{
    struct change *c = *list;

    *list = NULL;
    while (c != NULL) {
        struct change *next = c->next;

        if (c->done != NULL)
            c->done(c->owner, code);
        free(c->arg);
        free(c);
        c = next;
    }
}

static void propose_waiting(void);

/* What a step wants: the disk first, then the network, then what follows from it. */
static void carry_out(struct raft_out *out)
{
    if (out->save)
        save();
    for (int i = 0; i < out->count; i++)
        send_one(&out->messages[i]);
    if (raft.place.index > 0 && raft.commit >= raft.place.index && applied != raft.place.index) {
        applied = raft.place.index;
        agreed = entry;
        on_change();
        finish(&in_flight, NODE_OK);
    }
    if (raft.role != RAFT_LEADER) {
        finish(&in_flight, NODE_TIMEOUT);
        finish(&waiting, NODE_UNAVAILABLE);
    }
    propose_waiting();
}

static void propose_waiting(void)
{
    struct raft_out out = {.count = 0};
    struct change *todo = waiting;

    if (todo == NULL || raft.role != RAFT_LEADER || raft.commit < raft.place.index)
        return;
    waiting = NULL;
    while (todo != NULL) {
        struct change *c = todo;
        struct meta copy = entry;
        enum node_code code = c->fn(&copy, c->arg);

        todo = c->next;
        c->next = NULL;
        if (code != NODE_OK) {
            finish(&c, code);
            continue;
        }
        entry = copy;
        c->next = in_flight;
        in_flight = c;
    }
    if (in_flight == NULL)
        return;
    raft_propose(&raft, node_now_ms(), &out);
    carry_out(&out);
}

void meta_change(meta_fn fn, const void *arg, size_t arg_size,
                 void (*done)(void *owner, enum node_code code), void *owner)
{
    struct change *c = must_alloc(NULL, sizeof(*c)), **end = &waiting;

    *c = (struct change){.fn = fn, .done = done, .owner = owner};
    c->arg = must_alloc(NULL, arg_size);
    memcpy(c->arg, arg, arg_size);
    if (raft.role != RAFT_LEADER) {
        finish(&c, NODE_UNAVAILABLE);
        return;
    }
    while (*end != NULL)
        end = &(*end)->next;
    *end = c;
    propose_waiting();
}

static void on_raft(const struct message *m)
{
    struct json *yes = json_get(m->body, "yes"), *pre = json_get(m->body, "pre");
    struct raft_message in = {
        .peer = node_find(m->src),
        .term = number(m->body, "term"),
        .yes = yes != NULL && yes->boolean,
        .pre = pre != NULL && pre->boolean,
        .place = {number(m->body, "place_term"), number(m->body, "place_index")},
        .commit = number(m->body, "commit"),
        .has_entry = json_get(m->body, "entry") != NULL,
    };
    struct raft_out out;

    while (strcmp(types[in.type], m->type) != 0)
        in.type++;
    if (in.peer < 0 || in.peer == node_self())
        return;
    folders[in.peer] = number(m->body, "folder");
    raft_step(&raft, &in, node_now_ms(), &out);
    if (out.take)
        meta_read_json(&entry, json_get(m->body, "entry"));
    carry_out(&out);
}

static void tick(void *owner)
{
    struct raft_out out;

    (void)owner;
    raft_tick(&raft, node_now_ms(), &out);
    carry_out(&out);
}

/* What others ask */

const struct meta *meta_now(void)
{
    return &agreed;
}

int64_t meta_folder(void)
{
    return folder_id;
}

int meta_controller(void)
{
    return raft.leader;
}

bool meta_is_connected(void)
{
    int64_t now_ms = node_now_ms();

    if (raft.role == RAFT_LEADER)
        return raft_hears_majority(&raft, now_ms);
    return raft.leader_heard_ms != 0 && now_ms - raft.leader_heard_ms < CONTACT_MS;
}

int64_t meta_silence_ms(int node)
{
    return node == node_self() ? 0 : node_now_ms() - raft.heard_ms[node];
}

int64_t meta_folder_of(int node)
{
    return node == node_self() ? folder_id : folders[node];
}

void meta_open(void (*changed)(void))
{
    on_change = changed;
    load();
    if (node_count() > 1)
        node_every(TICK_MS, tick, NULL);
    else
        tick(NULL);
}

void meta_routes(void)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        engine_on(types[i], &engine_dlog, on_raft);
}
