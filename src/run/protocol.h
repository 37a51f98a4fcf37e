/* protocol.h - what a node's line of output must be (docs/protocol.md). */
#ifndef RUN_PROTOCOL_H
#define RUN_PROTOCOL_H

#include "../base/str.h"
#include "../sim/world.h"

#include <stdbool.h>

struct protocol_message {
    endpoint_t dest;
    struct str body; /* borrowed from the line */
};

/* True and the parts of a message from node, or false and a sentence about the line in
 * *ret_sentence (which is reset first): who, what is wrong with which line, and what the protocol
 * wants. */
bool protocol_read(const struct world *w, endpoint_t node, struct str line,
                   struct protocol_message *ret_message, struct buf *ret_sentence);

/* Appends a piece of a node's output for a person: bounded, without control characters. */
void protocol_add_excerpt(struct buf *out, struct str text);

#endif
