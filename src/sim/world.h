/* world.h - the simulated world of one run: time, addresses, messages, services, timers.
 *
 * Pure: no system call, no thread; the caller says what time it is. All chance comes from the
 * seed. The world is a step function: world_send(), world_at() and the faults put events into a
 * queue ordered by (time, order of entry); world_advance() takes them out in that order and calls
 * the sink, which carries effects to processes, clients and the journal. The sink may call back
 * into the world (send, timers, faults) but not world_advance(). Besides the nodes and clients
 * the world holds the services of service.h, which answer by themselves.
 *
 * Laws: 1. Same seed, same calls, same trace. 2. A message (or each copy of a duplicated one) is
 * waiting, delivered or dropped, never two of these. 3. Messages between two endpoints may overtake
 * each other when their latencies differ; equal due times keep the order of sending.
 * Not thread-safe, by design. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct world;
struct prng;

enum {
    WORLD_NODES_MAX = 1024,
    WORLD_NAME_MAX = 64,          /* bytes in the name of a node or client */
    WORLD_BURST = 10000,          /* messages; see world_set_carried */
    WORLD_WAITING_MAX = 64 << 20, /* bytes of messages on their way; beyond that, dropped */
    MESSAGE_COPIES_MAX = 4,       /* of one message; the world itself never makes more than 2 */
};

/* An endpoint is a number: nodes first (0 .. node_count-1), then services, then clients in the
 * order of their making. Never reused within a run. */
typedef uint32_t endpoint_t;
#define ENDPOINT_NONE UINT32_MAX

enum endpoint_kind { ENDPOINT_NODE, ENDPOINT_SERVICE, ENDPOINT_CLIENT };

/* A message on its way or just delivered. Shared by the copies of a duplicated one; counted. */
struct message {
    uint64_t id; /* global, from 0, in order of sending */
    int64_t sent_ns;
    endpoint_t src, dest;
    uint32_t refs;
    uint32_t body_len;
    bool doomed; /* its fate says that it never arrives, for the reason doom */
    uint8_t doom;
    char body[]; /* JSON object text, as the sender wrote it */
};

enum drop_reason {
    DROP_PARTITION, /* cut off at the moment of delivery, as in Maelstrom */
    DROP_LOSS,
    DROP_DOWN, /* the receiving node is not running */
    DROP_GONE, /* the receiving client is no longer there */
    DROP_FULL, /* WORLD_WAITING_MAX reached */
    DROP_RULE, /* the sink's fate() said so */
    DROP_REASON_COUNT,
};
const char *drop_reason_text(enum drop_reason reason); /* "partition", "loss", ... */

/* What becomes of a message, as the world drew it when it set out. */
struct message_fate {
    uint32_t copies; /* 1 .. MESSAGE_COPIES_MAX; the world makes 1, or 2 of a duplicated one */
    int64_t delay_ns[MESSAGE_COPIES_MAX]; /* from now to when each copy is due; 0 and up */
    bool drop;                            /* no copy arrives */
    enum drop_reason why;                 /* if so; DROP_RULE at first */
    bool hold; /* it does not set out: world_let_go() is called with it, or with another in its
                  place, later or never; who says so holds it if it is to live that long */
};

struct world_sink { /* every function but fate must be there */
    void *owner;
    /* m is borrowed; to keep it, message_hold() it. */
    void (*sent)(void *owner, const struct message *m);
    void (*dropped)(void *owner, const struct message *m, enum drop_reason reason);
    void (*to_node)(void *owner, struct message *m);   /* deliver to the process */
    void (*to_client)(void *owner, struct message *m); /* deliver to the client */
    /* It has reached a service, whose reply, if any, is sent right after this; for the journal. */
    void (*to_service)(void *owner, const struct message *m);
    /* Once for every message, those to and from clients too, after sent(): may change its fate.
     * Must not call back into the world but to ask and for timers. What is to be dropped is dropped
     * when it is due, before cuts and loss are looked at. Loss is not part of it: it is drawn on
     * arrival; who records a run learns of it by dropped(), and who repeats it says drop and
     * DROP_LOSS. */
    void (*fate)(void *owner, const struct message *m, struct message_fate *fate);
};

enum latency_dist { LATENCY_CONSTANT, LATENCY_UNIFORM, LATENCY_EXPONENTIAL };

struct world_config {
    uint64_t seed;
    uint32_t node_count;
    /* node_count of them, copied; distinct, none the name of a service or of a client (c0, ...) */
    const char *const *node_names;
    int64_t latency_ns; /* mean, between nodes and to and from services; clients: 0 */
    enum latency_dist latency_dist;
    struct world_sink sink;
};

struct world *world_new(const struct world_config *config);
void world_free(struct world *w); /* NULL is fine */

int64_t world_now(const struct world *w);
int64_t world_next_ns(const struct world *w); /* when the next event is due; INT64_MAX: none */
/* Moves time to now_ns and carries out the events due by then, in order. Each event sees
 * world_now() == its own due time. Stops early (time stays there) after limit events. Time never
 * goes back: a now_ns in the past counts as world_now(). */
void world_advance(struct world *w, int64_t now_ns, uint64_t limit);
uint64_t world_event_count(const struct world *w);   /* carried out so far */
uint64_t world_waiting_bytes(const struct world *w); /* of messages on their way */

/* Addresses */
uint32_t world_node_count(const struct world *w);
endpoint_t world_find(const struct world *w,
                      struct str name); /* or ENDPOINT_NONE; gone clients are found */
struct str world_name(const struct world *w, endpoint_t e);
enum endpoint_kind world_kind(const struct world *w, endpoint_t e);
endpoint_t world_client_new(struct world *w);               /* c0, c1, ...: one counter a run */
void world_client_gone(struct world *w, endpoint_t client); /* later messages to it are dropped */
bool world_client_is_gone(const struct world *w, endpoint_t client);

/* Messages. dest must exist. body is copied. Returns the message's id. */
uint64_t world_send(struct world *w, endpoint_t src, endpoint_t dest, struct str body);
/* A message that was held back sets out now and is due after delay_ns. Takes over one reference.
 * Not from within fate(). */
void world_let_go(struct world *w, struct message *m, int64_t delay_ns);
/* A message like m, its id included, with another body, and one reference. */
struct message *message_with_body(const struct message *m, struct str body);
struct message *message_hold(struct message *m);
void message_drop(struct message *m); /* NULL is fine */

/* Timers. The callback runs once, at due_ns or at the current time if that is later. */
typedef void (*world_timer_fn)(void *owner, uint64_t cookie);
uint64_t world_at(struct world *w, int64_t due_ns, world_timer_fn fn, void *owner, uint64_t cookie);
void world_cancel(struct world *w, uint64_t timer); /* fine if it has fired */

/* The chance stream with this name (prng.h), made at first use; borrowed from the world. */
struct prng *world_prng(struct world *w, const char *name);

/* Faults. Cuts, loss and down are judged when a message arrives, so they take effect at once also
 * for those under way; duplication, reordering and slowness when it sets out. None of them but down
 * touches messages to or from clients (the sink's fate() may). A node is never cut off from itself.
 */
void world_cut(struct world *w, endpoint_t from, endpoint_t to,
               bool cut); /* one direction, nodes only */
/* One direction of one link, nodes only, from now on: its own mean latency and its own loss beside
 * that of all. Negative: as all others. */
void world_set_link(struct world *w, endpoint_t from, endpoint_t to, int64_t latency_ns,
                    double loss);
/* The node is called so from now on; its old name is nobody's any more. False: the name is taken,
 * or too long. */
bool world_rename(struct world *w, endpoint_t node, struct str name);
bool world_is_cut(const struct world *w, endpoint_t from, endpoint_t to);
void world_heal(struct world *w);                         /* no cuts */
void world_set_loss(struct world *w, double probability); /* node to node and services */
void world_set_duplication(struct world *w, double probability);
void world_set_reorder(struct world *w, double probability,
                       int64_t extra_ns);            /* adds U(0, extra) */
void world_set_slow(struct world *w, double factor); /* multiplies latency; 1 is normal */
void world_set_down(struct world *w, endpoint_t node, bool down); /* DROP_DOWN while down */

/* How many messages a second links carry in the long run; WORLD_BURST more at once. What comes
 * above that is late. 0, as at first: without bound; then nodes that answer each other at once
 * without end, at latency 0, keep a clock that jumps from event to event where it is. */
void world_set_carried(struct world *w, int64_t per_s);

/* Counts so far, messages of init left out (the caller marks them with world_net_reset once all
 * nodes are up). all = clients + servers. */
struct net_count {
    uint64_t sent, received; /* each copy of a duplicated message counts */
    uint64_t messages;       /* distinct ones sent */
};
struct net_counts {
    struct net_count all, clients, servers;
    uint64_t dropped[DROP_REASON_COUNT];
};
void world_net(const struct world *w, struct net_counts *ret_counts);
void world_net_reset(struct world *w);

/* How many copies of messages from this node the other nodes have received, ever. */
uint64_t world_heard(const struct world *w, endpoint_t node);

/* Asserts every invariant; for tests. */
void world_check(const struct world *w);

#endif
