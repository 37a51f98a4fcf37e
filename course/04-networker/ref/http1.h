/* http1.h - requests of HTTP/1.1 (RFC 9112), read from the front of a buffer.
 *
 * A request is there as a whole or not at all. What is wrong with it is a status of the answer
 * after which the connection ends, since nobody knows where the next request would begin. */
#ifndef NETWORKER_HTTP1_H
#define NETWORKER_HTTP1_H

#include "buffer.h"
#include "table.h"

#include <stdbool.h>

enum { HTTP1_HEAD_MAX = 16 << 10, HTTP1_BODY_MAX = 1 << 20 };

struct http1_request {
    struct bytes method, target;
    bool keep_alive, expects_continue;
    struct buffer body;
    size_t head_len, total_len; /* in the buffer it was read from */
};

enum http1_state {
    HTTP1_MORE,     /* the head is not all there */
    HTTP1_HEAD,     /* the head is there, the body is not */
    HTTP1_COMPLETE, /* take total_len when done, and release the body */
    HTTP1_WRONG,    /* answer with *ret_status and close */
};

enum http1_state http1_read(struct bytes in, struct http1_request *ret_request, int *ret_status);

#endif
