/* grpc.h - calls: messages in a stream of HTTP/2, and a status at its end.
 *
 *     request   headers, then messages            message = flag (1) length (4) bytes
 *     answer    headers, messages, trailers with grpc-status; or trailers only */
#ifndef NETWORKER_GRPC_H
#define NETWORKER_GRPC_H

#include "buffer.h"
#include "table.h"

#include <stdbool.h>
#include <stdint.h>

struct h2_stream;
struct grpc_call;

enum grpc_status {
    GRPC_OK = 0,
    GRPC_CANCELLED = 1,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_DEADLINE_EXCEEDED = 4,
    GRPC_NOT_FOUND = 5,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAUTHENTICATED = 16,
};

struct grpc_method {
    const char *path;
    bool streams; /* messages are told as they come; */
    void (*message)(struct grpc_call *c, struct bytes message); /* else when the one is all */
    void (*half_closed)(struct grpc_call *c); /* with streams: the client sends no more */
    void (*sent)(struct grpc_call *c);        /* NULL, or: nothing of it waits any more */
    void (*closed)(struct grpc_call *c);      /* NULL, or: the call is over; forget it */
};

struct grpc_call {
    struct h2_stream *stream;
    const struct grpc_method *method; /* NULL: unknown */
    bool answered, ended;
    int message_count;
    struct buffer message;   /* of a method without streams, until the client has ended */
    uint64_t deadline_timer; /* 0: there is none */
    const char *user;        /* NULL: unknown */
    int64_t begun_ms;
    void *state; /* the method's */
};

const struct grpc_method *grpc_find(struct bytes path); /* grpc_kv.c */

void grpc_send(struct grpc_call *c, struct bytes message);
size_t grpc_waiting(const struct grpc_call *c); /* bytes sent for which the windows have no room */
void grpc_end(struct grpc_call *c, enum grpc_status status, const char *text); /* text: or NULL */

#endif
