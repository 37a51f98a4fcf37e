/* node.h - who the node is, what reaches its handlers, and the one way out.
 *
 * A line becomes a request for a handler only after the checks of task 4 and the schema of task 11.
 * Everything that leaves, replies, calls, repeats and errors alike, goes through node_send(). */
#ifndef MESSENGER_NODE_H
#define MESSENGER_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json;

/* A request on its way through a handler: borrowed until the handler returns. */
struct request {
    const char *src;
    const char *type;
    int64_t msg_id;    /* -1: the sender wants no answer */
    bool once;         /* its reply is remembered for repeats */
    struct json *body; /* the fields that the schema lists, checked; NULL in kept requests */
};

enum node_code {
    NODE_TIMEOUT = 0,
    NODE_NOT_SUPPORTED = 10,
    NODE_UNAVAILABLE = 11,
    NODE_MALFORMED = 12,
};

void node_run(void); /* until the input ends and nothing is owed */

const char *node_name(void);
size_t node_count(void);
const char *node_member(size_t index); /* in the order of init, the node itself included */
bool node_is_member(const char *name);

int64_t node_new_id(void); /* a msg_id that was never used, nor by an earlier life of the node */

/* A body with this type; add fields to it, then hand it to one of the next three. */
struct json *node_body(const char *type);
void node_reply(const struct request *r, struct json *body); /* answers r, if it wants an answer */
void node_tell(const char *dest, struct json *body);         /* one way: nobody will answer */
void node_send(const char *dest, const struct json *body);   /* as it is, ids included */
void node_error(const struct request *r, int code, const char *text);

/* To answer later: who asked, without the body. Free it after the reply. */
struct request *node_keep(const struct request *r);
void node_free(struct request *kept);

#endif
