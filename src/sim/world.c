/* The world holds the parts together: the queue says what is next, the links say what happens to a
 * message under way, the services answer, and everything that happens is told to the sink.
 *
 *     world_send --> sink.fate --> [DROP_FULL?] --> queue --> deliver --> sink.to_node
 *                                  for each copy              |           sink.to_client
 *                                                             |           sink.to_service, answer
 *                                                             +---------> sink.dropped
 *
 * When what is decided: how many copies there are and how long each takes, when it is sent; cuts,
 * loss and whether the receiver is there, when it arrives. The sink may decide otherwise when the
 * message is sent, and the draws have been made by then: they are the same whatever it says. So a
 * fault that starts now also hits the messages under way, except that it does not change when they
 * arrive.
 *
 * Invariants, held by world_check():
 *  1. copies sent = delivered + dropped + waiting (law 2 of the header).
 *  2. waiting_bytes is the sum over waiting copies of copy_size(), at most WORLD_WAITING_MAX. (Of
 *     this only the cap, and 0 when nothing waits, are checked.)
 *  3. Names and endpoints are one to one: nodes, services in the order of service.h, clients. */
#include "world.h"

#include "links.h"
#include "message.h"
#include "queue.h"
#include "service.h"
#include "streams.h"

#include "../base/assert.h"
#include "../base/map.h"
#include "../base/mem.h"

#include <stdio.h>
#include <string.h>

enum event_kind { EVENT_ARRIVAL, EVENT_TIMER };

struct timer {
    world_timer_fn fn;
    void *owner;
    uint64_t cookie;
};

struct world {
    struct world_sink sink;
    struct queue *queue;
    struct streams *streams;
    struct links *links;
    struct service *services[SERVICE_COUNT];
    struct buf reply; /* of the service that is answering */

    struct map *names;     /* first names to endpoints */
    struct map *new_names; /* those that nodes were given later */
    endpoint_t *renamed;   /* by number in new_names */
    size_t renamed_cap, renamed_count;
    int32_t name_now[WORLD_NODES_MAX]; /* number in new_names; negative: the first name holds */
    uint32_t node_count;
    uint32_t client_count;
    endpoint_t first_client;
    bool down[WORLD_NODES_MAX];
    uint64_t heard[WORLD_NODES_MAX]; /* see world_heard() */
    bool *gone;                      /* by endpoint - first_client */
    size_t gone_cap;

    uint64_t next_id; /* of a message */
    uint64_t event_count;
    uint64_t waiting_bytes, waiting_count;
    uint64_t sent_count, delivered_count, dropped_count; /* of copies, ever */
    struct net_counts net;
    uint64_t net_first_id; /* messages before this one are not counted in net */
    bool advancing;
    int64_t carry_ns;      /* what links need for a message; 0: nothing */
    int64_t carried_by_ns; /* when they will have carried all so far */
};

static uint64_t copy_size(const struct message *m)
{
    return sizeof(*m) + m->body_len;
}

/* --- making ------------------------------------------------------------------------------ */

static void add_name(struct world *w, struct str name)
{
    bool is_new;

    ASSERT(name.len > 0 && name.len <= WORLD_NAME_MAX);
    map_put(w->names, name, &is_new);
    ASSERT(is_new);
}

static void add_services(struct world *w)
{
    char stream[64];
    int kind;

    for (kind = 0; kind < SERVICE_COUNT; kind++) {
        const char *name = service_name(kind);

        add_name(w, str_of(name));
        snprintf(stream, sizeof(stream), "service %s", name);
        w->services[kind] = service_new(kind, streams_get(w->streams, stream));
    }
}

struct world *world_new(const struct world_config *config)
{
    struct world *w = mem_zalloc(sizeof(*w));
    uint32_t i;

    ASSERT(config->node_count <= WORLD_NODES_MAX);
    ASSERT(config->sink.sent && config->sink.dropped && config->sink.to_node &&
           config->sink.to_client && config->sink.to_service);
    w->sink = config->sink;
    w->queue = queue_new();
    w->streams = streams_new(config->seed);
    w->links = links_new(&(struct links_config){config->node_count, config->latency_ns,
                                                config->latency_dist, w->streams});
    w->names = map_new();
    w->new_names = map_new();
    memset(w->name_now, -1, sizeof(w->name_now));
    w->node_count = config->node_count;
    w->first_client = config->node_count + SERVICE_COUNT;
    for (i = 0; i < config->node_count; i++)
        add_name(w, str_of(config->node_names[i]));
    add_services(w);
    return w;
}

static void drain(struct world *w)
{
    struct queue_event e;

    while (queue_pop(w->queue, INT64_MAX, &e)) {
        if (e.kind == EVENT_ARRIVAL)
            message_drop(e.data);
        else
            mem_free(e.data);
    }
}

void world_free(struct world *w)
{
    int kind;

    if (w == NULL)
        return;
    drain(w);
    for (kind = 0; kind < SERVICE_COUNT; kind++)
        service_free(w->services[kind]);
    buf_release(&w->reply);
    links_free(w->links);
    streams_free(w->streams);
    queue_free(w->queue);
    map_free(w->names);
    map_free(w->new_names);
    mem_free(w->renamed);
    mem_free(w->gone);
    mem_free(w);
}

/* --- addresses --------------------------------------------------------------------------- */

uint32_t world_node_count(const struct world *w)
{
    return w->node_count;
}

/* Names that nodes were given later stand in a map of their own, each beside its node; the last one
 * counts. */
endpoint_t world_find(const struct world *w, struct str name)
{
    int64_t number = map_find(w->names, name);
    int64_t later = w->renamed_count > 0 ? map_find(w->new_names, name) : MAP_NONE;
    endpoint_t e = number == MAP_NONE ? ENDPOINT_NONE : (endpoint_t)number;

    if (later != MAP_NONE)
        e = w->renamed[later];
    return e != ENDPOINT_NONE && str_eq(world_name(w, e), name) ? e : ENDPOINT_NONE;
}

struct str world_name(const struct world *w, endpoint_t e)
{
    if (e < w->node_count && w->name_now[e] >= 0)
        return map_text(w->new_names, (uint32_t)w->name_now[e]);
    return map_text(w->names, e);
}

bool world_rename(struct world *w, endpoint_t node, struct str name)
{
    uint32_t number;

    ASSERT(node < w->node_count);
    if (str_eq(world_name(w, node), name))
        return true;
    if (name.len == 0 || name.len > WORLD_NAME_MAX || world_find(w, name) != ENDPOINT_NONE)
        return false;
    if (map_find(w->names, name) != MAP_NONE && map_find(w->names, name) != node)
        return false; /* it was another's at first */
    number = map_put(w->new_names, name, NULL);
    w->renamed = mem_grow(w->renamed, &w->renamed_cap, number + (size_t)1, sizeof(*w->renamed));
    w->renamed[number] = node;
    w->renamed_count = map_len(w->new_names);
    w->name_now[node] = (int32_t)number;
    return true;
}

static bool is_client(const struct world *w, endpoint_t e)
{
    return e >= w->first_client;
}

enum endpoint_kind world_kind(const struct world *w, endpoint_t e)
{
    if (e < w->node_count)
        return ENDPOINT_NODE;
    return is_client(w, e) ? ENDPOINT_CLIENT : ENDPOINT_SERVICE;
}

endpoint_t world_client_new(struct world *w)
{
    char name[16];
    int len = snprintf(name, sizeof(name), "c%u", w->client_count);

    add_name(w, (struct str){name, (size_t)len});
    w->gone = mem_grow(w->gone, &w->gone_cap, (size_t)w->client_count + 1, sizeof(*w->gone));
    w->gone[w->client_count] = false;
    return w->first_client + w->client_count++;
}

static bool *gone_mark(const struct world *w, endpoint_t client)
{
    ASSERT(is_client(w, client) && client - w->first_client < w->client_count);
    return &w->gone[client - w->first_client];
}

void world_client_gone(struct world *w, endpoint_t client)
{
    *gone_mark(w, client) = true;
}

bool world_client_is_gone(const struct world *w, endpoint_t client)
{
    return *gone_mark(w, client);
}

/* --- counts ------------------------------------------------------------------------------ */

static struct net_count *count_of(struct world *w, const struct message *m)
{
    return is_client(w, m->src) || is_client(w, m->dest) ? &w->net.clients : &w->net.servers;
}

static void count_dropped(struct world *w, const struct message *m, enum drop_reason reason)
{
    w->dropped_count++;
    if (m->id >= w->net_first_id)
        w->net.dropped[reason]++;
}

static void count_received(struct world *w, const struct message *m)
{
    w->delivered_count++;
    if (m->src < w->node_count && m->dest < w->node_count)
        w->heard[m->src] += m->src != m->dest;
    if (m->id >= w->net_first_id)
        count_of(w, m)->received++;
}

void world_net(const struct world *w, struct net_counts *ret_counts)
{
    *ret_counts = w->net;
    ret_counts->all.sent = w->net.clients.sent + w->net.servers.sent;
    ret_counts->all.received = w->net.clients.received + w->net.servers.received;
    ret_counts->all.messages = w->net.clients.messages + w->net.servers.messages;
}

uint64_t world_heard(const struct world *w, endpoint_t node)
{
    ASSERT(node < w->node_count);
    return w->heard[node];
}

void world_net_reset(struct world *w)
{
    w->net = (struct net_counts){0};
    w->net_first_id = w->next_id;
}

/* --- sending ----------------------------------------------------------------------------- */

/* Clients stand beside the network: no latency, and no fault touches what they send and get. */
static bool subject_to_links(const struct world *w, const struct message *m)
{
    return !is_client(w, m->src) && !is_client(w, m->dest);
}

/* Takes over one reference to m. */
static void dispatch(struct world *w, struct message *m, int64_t delay_ns)
{
    w->sent_count++;
    count_of(w, m)->sent++;
    if (w->waiting_bytes + copy_size(m) > WORLD_WAITING_MAX) {
        count_dropped(w, m, DROP_FULL);
        w->sink.dropped(w->sink.owner, m, DROP_FULL);
        message_drop(m);
        return;
    }
    w->waiting_bytes += copy_size(m);
    w->waiting_count++;
    queue_push(w->queue, queue_now(w->queue) + delay_ns, (struct queue_event){m, EVENT_ARRIVAL});
}

void world_set_carried(struct world *w, int64_t per_s)
{
    w->carry_ns = per_s > 0 ? 1000000000 / per_s : 0;
}

/* How much later a message is because so many others are under way. */
static int64_t congestion(struct world *w)
{
    int64_t now = queue_now(w->queue);
    int64_t late;

    if (w->carried_by_ns < now)
        w->carried_by_ns = now;
    w->carried_by_ns += w->carry_ns;
    late = w->carried_by_ns - now - WORLD_BURST * w->carry_ns;
    return late > 0 ? late : 0;
}

static struct message_fate draw_fate(struct world *w, const struct message *m)
{
    struct message_fate fate = {.copies = 1, .why = DROP_RULE};
    int64_t late;
    uint32_t i;

    if (!subject_to_links(w, m))
        return fate;
    late = congestion(w);
    if (links_doubles(w->links))
        fate.copies = 2;
    for (i = 0; i < fate.copies; i++)
        fate.delay_ns[i] = late + links_delay(w->links, m->src, m->dest);
    return fate;
}

static void ask_fate(struct world *w, struct message *m, struct message_fate *fate)
{
    uint32_t i;

    w->sink.fate(w->sink.owner, m, fate);
    ASSERT(fate->copies > 0 && fate->copies <= MESSAGE_COPIES_MAX);
    for (i = 0; i < fate->copies; i++)
        ASSERT(fate->delay_ns[i] >= 0);
    m->doomed = fate->drop;
    m->doom = (uint8_t)fate->why;
}

uint64_t world_send(struct world *w, endpoint_t src, endpoint_t dest, struct str body)
{
    struct message *m = message_new(body);
    struct message_fate fate;
    uint64_t id = w->next_id++;
    uint32_t i;

    ASSERT(src < map_len(w->names) && dest < map_len(w->names));
    m->id = id;
    m->sent_ns = queue_now(w->queue);
    m->src = src;
    m->dest = dest;
    count_of(w, m)->messages++;
    w->sink.sent(w->sink.owner, m);

    fate = draw_fate(w, m);
    if (w->sink.fate != NULL)
        ask_fate(w, m, &fate);
    for (i = 0; i < fate.copies && !fate.hold; i++)
        dispatch(w, message_hold(m), fate.delay_ns[i]);
    message_drop(m);
    return id;
}

void world_let_go(struct world *w, struct message *m, int64_t delay_ns)
{
    ASSERT(delay_ns >= 0 && m->id < w->next_id);
    dispatch(w, m, delay_ns);
}

/* --- arriving ---------------------------------------------------------------------------- */

static bool cut_off(const struct world *w, const struct message *m)
{
#if PLANT_SIM == 2 /* planted bug: the cut is looked up in the wrong direction */
    endpoint_t from = m->dest, to = m->src;
#else
    endpoint_t from = m->src, to = m->dest;
#endif
    return from < w->node_count && to < w->node_count && links_is_cut(w->links, from, to);
}

/* False: it arrives. */
static bool is_dropped(struct world *w, const struct message *m, enum drop_reason *ret_reason)
{
#if PLANT_SIM == 9 /* planted bug: what its fate says is dropped arrives all the same */
    if (false) {
#else
    if (m->doomed) {
#endif
        *ret_reason = (enum drop_reason)m->doom;
        return true;
    }
    if (cut_off(w, m)) {
        *ret_reason = DROP_PARTITION;
        return true;
    }
#if PLANT_SIM == 4 /* planted bug: loss also hits what clients send and get */
    if (links_loses(w->links, m->src, m->dest)) {
#else
    if (subject_to_links(w, m) && links_loses(w->links, m->src, m->dest)) {
#endif
        *ret_reason = DROP_LOSS;
        return true;
    }
    if (m->dest < w->node_count && w->down[m->dest]) {
        *ret_reason = DROP_DOWN;
        return true;
    }
    if (is_client(w, m->dest) && *gone_mark(w, m->dest)) {
        *ret_reason = DROP_GONE;
        return true;
    }
    return false;
}

/* A message that claims to come from a service gets no answer: services never ask. */
static void serve(struct world *w, const struct message *m)
{
    struct service *service = w->services[m->dest - w->node_count];

    w->sink.to_service(w->sink.owner, m);
    if (world_kind(w, m->src) == ENDPOINT_SERVICE)
        return;
    buf_reset(&w->reply);
    if (service_answer(service, m->src, (struct str){m->body, m->body_len}, &w->reply))
        world_send(w, m->dest, m->src, buf_str(&w->reply));
}

static void arrive(struct world *w, struct message *m)
{
    enum drop_reason reason;

    w->waiting_bytes -= copy_size(m);
    w->waiting_count--;
    if (is_dropped(w, m, &reason)) {
        count_dropped(w, m, reason);
        w->sink.dropped(w->sink.owner, m, reason);
#if PLANT_SIM == 5 /* planted bug: what is lost is delivered all the same */
        if (reason == DROP_LOSS)
            w->sink.to_node(w->sink.owner, m);
#endif
    } else {
        count_received(w, m);
        if (m->dest < w->node_count)
            w->sink.to_node(w->sink.owner, m);
        else if (is_client(w, m->dest))
            w->sink.to_client(w->sink.owner, m);
        else
            serve(w, m);
    }
    message_drop(m);
}

/* --- time -------------------------------------------------------------------------------- */

int64_t world_now(const struct world *w)
{
    return queue_now(w->queue);
}

int64_t world_next_ns(const struct world *w)
{
    return queue_next_ns(w->queue);
}

uint64_t world_event_count(const struct world *w)
{
    return w->event_count;
}

uint64_t world_waiting_bytes(const struct world *w)
{
    return w->waiting_bytes;
}

static void fire(struct timer *timer)
{
    struct timer t = *timer;

    mem_free(timer);
    t.fn(t.owner, t.cookie);
}

void world_advance(struct world *w, int64_t now_ns, uint64_t limit)
{
    struct queue_event e;

    ASSERT(!w->advancing);
    w->advancing = true;
    if (now_ns < queue_now(w->queue))
        now_ns = queue_now(w->queue);
    for (; limit > 0 && queue_pop(w->queue, now_ns, &e); limit--) {
        w->event_count++;
        if (e.kind == EVENT_ARRIVAL)
            arrive(w, e.data);
        else
            fire(e.data);
    }
    if (queue_next_ns(w->queue) > now_ns)
        queue_pass(w->queue, now_ns);
    w->advancing = false;
}

uint64_t world_at(struct world *w, int64_t due_ns, world_timer_fn fn, void *owner, uint64_t cookie)
{
    struct timer *timer = mem_alloc(sizeof(*timer));

    *timer = (struct timer){fn, owner, cookie};
    return queue_push_cancellable(w->queue, due_ns, (struct queue_event){timer, EVENT_TIMER});
}

void world_cancel(struct world *w, uint64_t timer)
{
    struct queue_event e;

    if (queue_cancel(w->queue, timer, &e))
        mem_free(e.data);
}

struct prng *world_prng(struct world *w, const char *name)
{
    return streams_get(w->streams, name);
}

/* --- faults ------------------------------------------------------------------------------ */

void world_cut(struct world *w, endpoint_t from, endpoint_t to, bool cut)
{
    links_cut(w->links, from, to, cut);
}

bool world_is_cut(const struct world *w, endpoint_t from, endpoint_t to)
{
    return links_is_cut(w->links, from, to);
}

void world_set_link(struct world *w, endpoint_t from, endpoint_t to, int64_t latency_ns,
                    double loss)
{
    links_set_link(w->links, from, to, latency_ns, loss);
}

void world_heal(struct world *w)
{
    links_heal(w->links);
}

void world_set_loss(struct world *w, double probability)
{
    links_set_loss(w->links, probability);
}

void world_set_duplication(struct world *w, double probability)
{
    links_set_duplication(w->links, probability);
}

void world_set_reorder(struct world *w, double probability, int64_t extra_ns)
{
    links_set_reorder(w->links, probability, extra_ns);
}

void world_set_slow(struct world *w, double factor)
{
    links_set_slow(w->links, factor);
}

void world_set_down(struct world *w, endpoint_t node, bool down)
{
    ASSERT(node < w->node_count);
    w->down[node] = down;
}

void world_check(const struct world *w)
{
    queue_check(w->queue);
    links_check(w->links);
    ASSERT(w->sent_count == w->delivered_count + w->dropped_count + w->waiting_count);
    ASSERT(w->waiting_count <= queue_len(w->queue));
    ASSERT(w->waiting_bytes <= WORLD_WAITING_MAX);
    ASSERT(w->waiting_count > 0 || w->waiting_bytes == 0);
    ASSERT(map_len(w->names) == w->node_count + SERVICE_COUNT + w->client_count);
}
