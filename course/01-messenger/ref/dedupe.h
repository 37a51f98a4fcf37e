/* dedupe.h - requests seen lately, with their replies: at least once in, at most once applied.
 *
 * A request is known by (src, msg_id); either alone names nothing. The DEDUPE_MAX that were asked
 * for last are remembered, a repeat counts as being asked for. One whose reply is still to come is
 * never forgotten. */
#ifndef MESSENGER_DEDUPE_H
#define MESSENGER_DEDUPE_H

#include <stdint.h>

struct json;

enum { DEDUPE_MAX = 1000 };

enum dedupe_state {
    DEDUPE_NEW,     /* never seen, or forgotten: carry it out. From now on it is in work */
    DEDUPE_IN_WORK, /* the first one is being carried out */
    DEDUPE_DONE,    /* *ret_reply is the body that was sent; borrowed until the next call */
};

enum dedupe_state dedupe_enter(const char *src, int64_t msg_id, struct json **ret_reply);
void dedupe_store(const char *src, int64_t msg_id, const struct json *reply); /* copies it */

#endif
