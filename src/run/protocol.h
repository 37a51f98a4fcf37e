/* protocol.h - what a node's line of output must be (docs/protocol.md). */
#ifndef RUN_PROTOCOL_H
#define RUN_PROTOCOL_H

#include "../base/str.h"
#include "../sim/world.h"

#include <stdbool.h>

/* The clients whose requests a node has received: it may pass such a request on under the client's
 * name, as some programs do, so that the answer goes to the client directly. One bit a client. */
struct protocol_clients {
    uint64_t *words;
    size_t cap; /* words */
};
void protocol_clients_add(struct protocol_clients *c, endpoint_t client);
bool protocol_clients_has(const struct protocol_clients *c, endpoint_t client);
void protocol_clients_release(struct protocol_clients *c);

struct protocol_message {
    endpoint_t src; /* the node itself, or a client of it */
    endpoint_t dest;
    struct str body; /* borrowed from the line */
};

/* True and the parts of a message from node, or false and a sentence about the line in
 * *ret_sentence (which is reset first): who, what is wrong with which line, and what the protocol
 * wants. */
bool protocol_read(const struct world *w, endpoint_t node, const struct protocol_clients *clients,
                   struct str line, struct protocol_message *ret_message, struct buf *ret_sentence);

/* The note about a message to a client that has gone: one that got no answer in time is replaced,
 * so a late answer meets nobody. *ret_sentence is reset first. */
void protocol_unheard(const struct world *w, const struct message *m, struct buf *ret_sentence);

/* Appends a piece of a node's output for a person: bounded, without control characters. */
void protocol_add_excerpt(struct buf *out, struct str text);

#endif
