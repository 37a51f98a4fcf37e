/* observe.h - every message of a task, and counts of them by sender, receiver and type.
 *
 * Messages enter in the order of their ids, from 0. Bodies are kept (shared with the world) up to
 * OBSERVE_BYTES_MAX; of what comes after that only counts, times and ends are known. Counting does
 * not walk the messages unless it asks for a time. Pure. */
#ifndef SCRIPT_OBSERVE_H
#define SCRIPT_OBSERVE_H

#include "../sim/world.h"

struct observe;

enum { OBSERVE_BYTES_MAX = 256 << 20, OBSERVE_NO_TYPE = 0 };

struct observed {
    struct message *m; /* NULL: its body was not kept */
    int64_t sent_ns;
    int64_t received_ns; /* when it first reached its receiver; -1: never so far */
    const char *dropped; /* why a copy was lost, if none arrived; NULL; a static text */
    endpoint_t from, to;
    uint32_t bytes;              /* of the body */
    uint32_t type;               /* a number of observe_type(); OBSERVE_NO_TYPE: no text */
    int64_t msg_id, in_reply_to; /* OBSERVE_NO_ID: none */
};
#define OBSERVE_NO_ID INT64_MIN

/* Which messages; what is left at its "any" value leaves all. */
struct observe_filter {
    endpoint_t from, to;        /* ENDPOINT_NONE: any */
    int from_kind, to_kind;     /* enum endpoint_kind; -1: any */
    int64_t type;               /* -1: any; -2: one that no message has */
    int64_t since_ns, until_ns; /* 0 and INT64_MAX: any */
};
#define OBSERVE_ANY                                                                                \
    ((struct observe_filter){ENDPOINT_NONE, ENDPOINT_NONE, -1, -1, -1, 0, INT64_MAX})

struct observe *observe_new(const struct world *w); /* the world is borrowed */
void observe_free(struct observe *o);               /* NULL is fine */

void observe_sent(struct observe *o, struct message *m);
void observe_received(struct observe *o, uint64_t id, int64_t now_ns);
void observe_dropped(struct observe *o, uint64_t id, const char *why);

uint64_t observe_len(const struct observe *o);
const struct observed *observe_at(struct observe *o, uint64_t id); /* type and ids are known */
int64_t observe_type(struct observe *o, struct str type);          /* -2: no message has it */
struct str observe_type_text(const struct observe *o, uint32_t type);

/* The first message with this id or a later one that the filter leaves; observe_len(): none. */
uint64_t observe_next(struct observe *o, const struct observe_filter *f, uint64_t id);

struct observe_counts {
    uint64_t count, bytes;
};
struct observe_counts observe_count(struct observe *o, const struct observe_filter *f);

#endif
