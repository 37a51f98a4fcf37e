/* meta.h - what all nodes agree on: which partitions there are, who leads each, who is in sync.
 *
 * One node, the controller, changes it; it is the leader of raft.h. The others learn. */
#ifndef LOGGER_META_H
#define LOGGER_META_H

#include "node.h"
#include "part.h"
#include "raft.h"

enum { META_LOGS_MAX = 64, META_KEY_MAX = 63, META_DEAD_MS = 1000 };

struct meta_log {
    char key[META_KEY_MAX + 1];
    struct part_config config;
    int replicas[RAFT_MEMBERS_MAX];
    int replica_count;
    int leader;       /* a node, or -1 */
    uint32_t epoch;   /* rises with each new leader */
    uint32_t isr;     /* bit n: node n is in sync */
    uint32_t version; /* rises with each change of the above */
};

struct meta {
    int log_count; /* a log's id is its place */
    struct meta_log logs[META_LOGS_MAX];
    int64_t folder[RAFT_MEMBERS_MAX]; /* which folder each node has; 0: not heard of */
};

/* changed is called when the state that we know to be agreed on is another one. */
void meta_open(void (*changed)(void));
void meta_routes(void);

const struct meta *meta_now(void);
int64_t meta_folder(void);    /* ours */
int meta_controller(void);    /* a node, or -1 */
bool meta_is_connected(void); /* a majority was heard, or who leads it, in the last 2 s */
/* Controller: how long ago a node was heard, and which folder it said it has. */
int64_t meta_silence_ms(int node);
int64_t meta_folder_of(int node);

/* Changes a copy; what is not NODE_OK leaves all as it was. */
typedef enum node_code (*meta_fn)(struct meta *m, const void *arg);
/* Controller: done is called when the change is agreed on, or with what fn said, or
 * NODE_UNAVAILABLE if we do not control, or NODE_TIMEOUT if we stopped to. arg is copied. */
void meta_change(meta_fn fn, const void *arg, size_t arg_size,
                 void (*done)(void *owner, enum node_code code), void *owner);

#endif
