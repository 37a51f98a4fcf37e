/* Messages are counted by edge: sender, receiver and type. Each that sets out has the next number
 * of its edge, and with it the name under which a decision may be found.
 *
 * What is recorded of a message is its fate: when its copies were due. Loss is drawn on arrival, so
 * a copy that is lost is taken off the fate then. Partitions and nodes that are down are not part
 * of it: they follow from the faults.
 *
 * Tried and dropped: naming messages by their number in the run, which changes for most if one
 * operation is left out. */
#include "decisions.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "../check/history.h"
#include "fates.h"

#include <stdio.h>
#include <string.h>

struct fate {
    uint32_t copies; /* 0: lost */
    int64_t delay_ns[MESSAGE_COPIES_MAX];
};

/* A message that is decided. */
struct given {
    struct fate fate;
    struct str edge; /* "src dest type", borrowed from a map */
    int64_t at_ns;   /* negative: not known */
    bool used;
};

struct sent {
    uint64_t id;
    int64_t at_ns;
    uint32_t edge, nth;
    struct fate fate;
    bool calm; /* as it would be anyway */
};

struct decisions {
    struct decisions_config config;
    struct map *edges; /* "src dest type" */
    uint32_t *counts;  /* by edge */
    size_t counts_cap;
    struct map *named;       /* "src dest type nth": place in given */
    struct map *given_edges; /* "src dest type" of those */
    struct given *given;
    uint32_t given_len;
    size_t given_cap;
    bool by_time;
    struct sent *sent; /* if recording; ascending by id */
    size_t sent_len, sent_cap;
    json_t *faults;
    int64_t end_ns; /* of the load; negative: not told */
    struct buf name;
};

/* ---- what is given ---- */

static int bad(struct err *err, const char *what)
{
    return err_set(err, ERR_INPUT, "its decisions cannot be used: %s", what);
}

static bool read_delays(const json_t *delays, struct fate *fate)
{
    size_t i;

    fate->copies = (uint32_t)json_array_size(delays);
    if (fate->copies == 0 || fate->copies > MESSAGE_COPIES_MAX)
        return false;
    for (i = 0; i < fate->copies; i++) {
        const json_t *delay = json_array_get(delays, i);
        if (!json_is_integer(delay) || json_integer_value(delay) < 0)
            return false;
        fate->delay_ns[i] = json_integer_value(delay);
    }
    return true;
}

static int read_message(struct decisions *d, const json_t *m, struct err *err)
{
    const char *src = json_string_value(json_object_get(m, "src"));
    const char *dest = json_string_value(json_object_get(m, "dest"));
    const char *type = json_string_value(json_object_get(m, "type"));
    json_int_t nth = json_integer_value(json_object_get(m, "nth"));
    const json_t *at = json_object_get(m, "at");
    struct given g = {.at_ns = json_is_integer(at) ? json_integer_value(at) : -1};
    uint32_t place;
    bool is_new;

    if (src == NULL || dest == NULL || type == NULL || nth < 1)
        return bad(err, "a message needs src, dest, type and nth");
    if (!json_is_true(json_object_get(m, "lost")) &&
        !read_delays(json_object_get(m, "delays"), &g.fate))
        return bad(err, "a message is lost, or has a list of 1 to 4 delays in ns");
    buf_reset(&d->name);
    buf_addf(&d->name, "%s %s %s", src, dest, type);
    g.edge = map_text(d->given_edges, map_put(d->given_edges, buf_str(&d->name), NULL));
    buf_addf(&d->name, " %lld", (long long)nth);
    place = map_put(d->named, buf_str(&d->name), &is_new);
    if (!is_new)
        return bad(err, "two are about one message");
    d->given = mem_grow(d->given, &d->given_cap, (size_t)place + 1, sizeof(*d->given));
    d->given[place] = g;
    d->given_len = place + 1;
    return 0;
}

static int read_given(struct decisions *d, struct err *err)
{
    static const char *const lists[] = {"workers", "operations", "final", "faults", "messages"};
    const json_t *given = d->config.given;
    const json_t *m;
    size_t i;

    for (i = 0; i < 5; i++)
        if (!json_is_array(json_object_get(given, lists[i])))
            return bad(err, "workers, operations, final, faults and messages must be lists");
    if (!json_is_integer(json_object_get(given, "end")))
        return bad(err, "\"end\" must be a time in ns");
    d->by_time = json_string_value(json_object_get(given, "by")) != NULL;
    json_array_foreach(json_object_get(given, "messages"), i, m)
    {
        if (read_message(d, m, err) < 0)
            return ERR_INPUT;
    }
    return 0;
}

int decisions_new(const struct decisions_config *config, struct decisions **ret_decisions,
                  struct err *err)
{
    struct decisions *d = mem_zalloc(sizeof(*d));

    d->config = *config;
    d->edges = map_new();
    d->named = map_new();
    d->given_edges = map_new();
    d->faults = json_array();
    d->end_ns = -1;
    if (config->given != NULL && read_given(d, err) < 0) {
        decisions_free(d);
        return ERR_INPUT;
    }
    *ret_decisions = d;
    return 0;
}

void decisions_free(struct decisions *d)
{
    if (d == NULL)
        return;
    map_free(d->edges);
    map_free(d->named);
    map_free(d->given_edges);
    mem_free(d->counts);
    mem_free(d->given);
    mem_free(d->sent);
    json_decref(d->faults);
    buf_release(&d->name);
    mem_free(d);
}

/* ---- messages ---- */

static int64_t calm_delay(const struct decisions *d, const struct message *m)
{
    bool beside = world_kind(d->config.world, m->src) == ENDPOINT_CLIENT ||
                  world_kind(d->config.world, m->dest) == ENDPOINT_CLIENT;

    return beside ? 0 : d->config.latency_ns;
}

static void be_calm(void *owner, const struct message *m, struct message_fate *fate)
{
    fate->copies = 1;
    fate->delay_ns[0] = calm_delay(owner, m);
    fate->drop = false;
}

/* The message's edge, and how manieth it is; its name stands in d->name then. */
static uint32_t count(struct decisions *d, const struct message *m, uint32_t *ret_nth)
{
    uint32_t edge;
    bool is_new;

    buf_reset(&d->name);
    buf_addf(&d->name, "%.*s %.*s %.*s", STR_ARG(world_name(d->config.world, m->src)),
             STR_ARG(world_name(d->config.world, m->dest)),
             STR_ARG(json_text_at((struct str){m->body, m->body_len}, "type")));
    edge = map_put(d->edges, buf_str(&d->name), &is_new);
    d->counts = mem_grow(d->counts, &d->counts_cap, (size_t)edge + 1, sizeof(*d->counts));
    if (is_new)
        d->counts[edge] = 0;
    *ret_nth = ++d->counts[edge];
    buf_addf(&d->name, " %u", *ret_nth);
    return edge;
}

static void apply(const struct fate *given, struct message_fate *fate)
{
    fate->drop = given->copies == 0;
    if (fate->drop) {
        fate->why = DROP_LOSS;
        return;
    }
    fate->copies = given->copies;
    memcpy(fate->delay_ns, given->delay_ns, sizeof(fate->delay_ns));
}

static void keep(struct decisions *d, const struct message *m, uint32_t edge, uint32_t nth,
                 const struct message_fate *fate)
{
    struct sent s = {
        .id = m->id,
        .at_ns = m->sent_ns,
        .edge = edge,
        .nth = nth,
        .fate = {.copies = fate->copies},
    };

    if (fate->drop && fate->why == DROP_RULE)
        return; /* the rule will do it again */
    memcpy(s.fate.delay_ns, fate->delay_ns, sizeof(s.fate.delay_ns));
    if (fate->drop)
        s.fate.copies = 0;
    s.calm = s.fate.copies == 1 && s.fate.delay_ns[0] == calm_delay(d, m);
    d->sent = mem_grow(d->sent, &d->sent_cap, d->sent_len + 1, sizeof(*d->sent));
    d->sent[d->sent_len++] = s;
}

/* Of those on its edge that are not used yet, the one sent nearest to this time. */
static struct given *find_by_time(struct decisions *d, struct str edge, int64_t at_ns)
{
    struct given *best = NULL;
    int64_t best_off = DECISIONS_NEAR_NS + 1;
    uint32_t i;

    for (i = 0; i < d->given_len; i++) {
        struct given *g = &d->given[i];
        int64_t off = g->at_ns < at_ns ? at_ns - g->at_ns : g->at_ns - at_ns;
        if (!g->used && g->at_ns >= 0 && off < best_off && str_eq(g->edge, edge)) {
            best = g;
            best_off = off;
        }
    }
    return best;
}

static struct given *find_given(struct decisions *d, const struct message *m, uint32_t edge)
{
    int64_t place;

    if (d->by_time)
        return find_by_time(d, map_text(d->edges, edge), m->sent_ns);
    place = map_find(d->named, buf_str(&d->name));
    return place == MAP_NONE ? NULL : &d->given[place];
}

static void decide(void *owner, const struct message *m, struct message_fate *fate)
{
    struct decisions *d = owner;
    uint32_t nth;
    uint32_t edge = count(d, m, &nth);
    struct given *g = find_given(d, m, edge);

    if (g != NULL) {
        g->used = true;
        apply(&g->fate, fate);
    }
    if (d->config.record)
        keep(d, m, edge, nth, fate);
}

void decisions_add_calm(struct decisions *d, struct fates *f)
{
    if (d->config.given != NULL && !json_is_true(json_object_get(d->config.given, "noisy")))
        fates_add(f, be_calm, d);
}

void decisions_add_fates(struct decisions *d, struct fates *f)
{
    fates_add(f, decide, d);
}

static struct sent *find_sent(struct decisions *d, uint64_t id)
{
    size_t low = 0, high = d->sent_len;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (d->sent[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < d->sent_len && d->sent[low].id == id ? &d->sent[low] : NULL;
}

void decisions_dropped(struct decisions *d, const struct message *m, enum drop_reason reason)
{
    struct sent *s = reason == DROP_LOSS ? find_sent(d, m->id) : NULL;
    int64_t delay_ns = world_now(d->config.world) - m->sent_ns;
    uint32_t i = 0;

    if (s == NULL || s->fate.copies == 0)
        return;
    while (i < s->fate.copies - 1 && s->fate.delay_ns[i] != delay_ns)
        i++;
    s->fate.copies--;
    for (; i < s->fate.copies; i++)
        s->fate.delay_ns[i] = s->fate.delay_ns[i + 1];
    s->calm = s->fate.copies == 1 && s->fate.delay_ns[0] == calm_delay(d, m);
}

/* ---- the record ---- */

void decisions_told(struct decisions *d, const char *what, uint32_t place, struct str json)
{
    json_t *o;

    if (!d->config.record)
        return;
    o = json_loadb(json.data, json.len, 0, NULL);
    ASSERT(o != NULL);
    if (strcmp(what, "end") == 0) {
        d->end_ns = json_integer_value(json_object_get(o, "at"));
        json_decref(o);
    } else if (place < json_array_size(d->faults)) {
        json_array_set_new(d->faults, place, o);
    } else {
        ASSERT(place == json_array_size(d->faults));
        json_array_append_new(d->faults, o);
    }
}

/* "src dest type" as three members; names of endpoints have no blanks, a type may. */
static json_t *message_json(const struct decisions *d, const struct sent *s)
{
    struct str edge = map_text(d->edges, s->edge);
    const char *dest = (const char *)memchr(edge.data, ' ', edge.len) + 1;
    const char *type = strchr(dest, ' ') + 1;
    json_t *m = json_pack("{s:s%, s:s%, s:s%, s:i, s:I}", "src", edge.data,
                          (size_t)(dest - 1 - edge.data), "dest", dest, (size_t)(type - 1 - dest),
                          "type", type, edge.len - (size_t)(type - edge.data), "nth", (int)s->nth,
                          "at", (json_int_t)s->at_ns);
    json_t *delays;
    uint32_t i;

    if (s->fate.copies == 0) {
        json_object_set_new(m, "lost", json_true());
        return m;
    }
    delays = json_array();
    for (i = 0; i < s->fate.copies; i++)
        json_array_append_new(delays, json_integer(s->fate.delay_ns[i]));
    json_object_set_new(m, "delays", delays);
    return m;
}

static json_t *messages_json(const struct decisions *d)
{
    json_t *list = json_array();
    size_t i;

    for (i = 0; i < d->sent_len; i++)
        if (!d->sent[i].calm)
            json_array_append_new(list, message_json(d, &d->sent[i]));
    return list;
}

static json_t *workers_json(const struct decisions *d, uint32_t concurrency)
{
    uint32_t node_count = world_node_count(d->config.world);
    json_t *list;
    uint32_t i;

    if (d->config.given != NULL)
        return json_deep_copy(json_object_get(d->config.given, "workers"));
    list = json_array();
    for (i = 0; i < concurrency; i++) {
        struct str name = world_name(d->config.world, i % node_count);
        json_array_append_new(list, json_stringn(name.data, name.len));
    }
    return list;
}

static json_t *operation_json(const struct history *h, const struct op *op, uint32_t worker)
{
    struct str f = history_f_name(h, op->f);
    json_t *value = json_loadb(op->value.data, op->value.len, JSON_DECODE_ANY, NULL);

    return json_pack("{s:I, s:i, s:s%, s:o}", "at", (json_int_t)op->time_ns, "worker", (int)worker,
                     "f", f.data, f.len, "value", value != NULL ? value : json_null());
}

json_t *decisions_json(const struct decisions *d, const struct history *h, uint32_t concurrency,
                       int64_t ended_ns)
{
    json_t *operations = json_array();
    json_t *final = json_array();
    bool *is_final = mem_zalloc(concurrency * sizeof(*is_final));
    uint32_t i;

    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        uint32_t worker;

        if (op->type != OP_INVOKE)
            continue;
        worker = (uint32_t)op->process % concurrency;
        if (op->final)
            is_final[worker] = true;
        else
            json_array_append_new(operations, operation_json(h, op, worker));
    }
    for (i = 0; i < concurrency; i++)
        if (is_final[i])
            json_array_append_new(final, json_integer(i));
    mem_free(is_final);
    return json_pack("{s:o, s:o, s:o, s:O, s:I, s:o}", "workers", workers_json(d, concurrency),
                     "operations", operations, "final", final, "faults", d->faults, "end",
                     (json_int_t)(d->end_ns >= 0 ? d->end_ns : ended_ns), "messages",
                     messages_json(d));
}
