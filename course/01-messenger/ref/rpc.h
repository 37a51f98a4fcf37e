/* rpc.h - questions to other nodes, and what became of them.
 *
 * A call is open from rpc_open() until its answer came or its time is up. Each of the two is an
 * event; after an event the call is closed, unless the event said otherwise. So a call ends once,
 * and what arrives for it later finds nothing. */
#ifndef MESSENGER_RPC_H
#define MESSENGER_RPC_H

#include <stddef.h>
#include <stdint.h>

struct call;
struct json;

/* reply: the body that came, borrowed; NULL: the time is up. */
typedef void (*rpc_event)(struct call *c, void *owner, const struct json *reply);

/* Sends inner to target under a msg_id of its own and waits timeout_ms. Never calls event before it
 * returns. target and inner are copied. */
void rpc_open(const char *target, const struct json *inner, int64_t timeout_ms, rpc_event event,
              void *owner);

/* For use inside an event only: the call stays open ... */
void rpc_keep(struct call *c);                     /* ... until the time it has anyway */
void rpc_wait(struct call *c, int64_t timeout_ms); /* ... for so long from now */
void rpc_repeat(struct call *c);                   /* sends it once more, under the same msg_id */

void rpc_answer(const char *src, int64_t in_reply_to, const struct json *body);
size_t rpc_open_count(void);

#endif
