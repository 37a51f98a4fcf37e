/* retry.h - a call that tries again, when trying again can help. */
#ifndef MESSENGER_RETRY_H
#define MESSENGER_RETRY_H

#include <stdint.h>

struct json;

struct retry_plan {
    int64_t timeout_ms; /* how long each attempt waits */
    int attempts;       /* sends in all, at least 1 */
    int64_t base_ms;    /* of the pause after a failed attempt (backoff.h); 0: no pause */
    int64_t cap_ms;
};

/* How it ended: the reply that ended it (borrowed), or NULL and an error code. */
typedef void (*retry_done)(void *owner, const struct json *reply, int code);

void retry_call(const char *target, const struct json *inner, const struct retry_plan *plan,
                retry_done done, void *owner);

#endif
