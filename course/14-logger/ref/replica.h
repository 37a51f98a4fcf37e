/* replica.h - a partition that lies on several nodes: one leads, the others fetch from it.
 *
 * Laws: 1. Only the leader of the newest epoch gives offsets. 2. The high watermark is the offset
 * below which every member in sync has everything; readers see nothing above it. 3. A follower cuts
 * back only to where its log and its leader's part, and that is found by epochs, never by the
 * watermark. 4. Who is in sync is decided by how far it has fetched. */
#ifndef LOGGER_REPLICA_H
#define LOGGER_REPLICA_H

#include "meta.h"

enum { ACKS_ALL = -1, CODE_NOT_LEADER = 1002 };

struct waiting;

struct topic {
    const struct meta_log *log; /* what is agreed on; its id is the topic's place */
    struct part *part;          /* NULL: not on this node */
    enum { NO_ROLE, FOLLOWER, LEADER } role;
    uint32_t epoch; /* in which we have this role */
    uint64_t watermark;
    /* Leader: */
    uint64_t epoch_start; /* the end of our log when we began to lead */
    struct peer {
        uint64_t end;          /* it has everything below; 0: not known */
        uint64_t end_at_fetch; /* our end when it fetched last */
        int64_t fetch_ms;      /* when that was */
        int64_t caught_up_ms;  /* when it last had all that we had */
    } peers[RAFT_MEMBERS_MAX];
    uint32_t asked_isr, asked_version; /* a change that may have been agreed on; 0: none */
    int64_t asked_ms;
    struct waiting *waiting;
};

void replica_open(void);
void replica_routes(void);

struct topic *topic_find(const char *key); /* NULL: no such partition */
struct topic *topic_at(int id);            /* NULL: there are not so many */

/* Whether we lead it, and may believe so: NODE_OK, or the code of the error. */
int replica_leads(const struct topic *t);
void replica_refuse(const struct message *m, const struct topic *t); /* error 1002 */

/* Leader: appends payloads as one write; gives the first one's offset and time. acks: 0, 1 or
 * ACKS_ALL. NODE_OK, or why not. */
struct payloads {
    const struct slice *list;
    size_t count;
};
enum node_code replica_append(struct topic *t, struct payloads payloads, int acks,
                              struct item *ret_first);
/* done runs when everything below end is under the watermark, or with false when we stop to lead;
 * at once if that is so already. */
void replica_wait(struct topic *t, uint64_t end, void (*done)(void *owner, bool ok), void *owner);

void replica_tidy(struct topic *t);

#endif
