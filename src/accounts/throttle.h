/* throttle.h - how often somebody may try something: token buckets, kept in memory.
 *
 * A bucket belongs to a kind of attempt and to a key: an address, a name, a person. It holds a
 * burst and fills at a steady rate. Memory is bounded: there are so many buckets and no more, and
 * when room is needed the fullest near by goes, which forgets the least; so a flood of new keys
 * cannot free one that is held back. Reads no clock. Not thread-safe. */
#ifndef ACCOUNTS_THROTTLE_H
#define ACCOUNTS_THROTTLE_H

#include "../base/str.h"

enum throttle_kind {
    THROTTLE_SIGN_IN_ADDRESS, /* also new passwords and links: whatever can be guessed */
    THROTTLE_SIGN_IN_NAME,
    THROTTLE_SIGN_UP,  /* by address */
    THROTTLE_PROVIDER, /* by address: sign-ins at OIDC providers */
    THROTTLE_SUBMIT,   /* by person, or by address without accounts */
    THROTTLE_EXPORT,   /* by person: exports and CSV */
    THROTTLE_KINDS,
};

enum { THROTTLE_BUCKETS = 16384 };

struct throttle;

struct throttle *throttle_new(void);
void throttle_free(struct throttle *t); /* NULL is fine */

/* true: go on, and one token is gone. false: not now; *ret_wait_ms says when it may be worth
 * trying again. */
bool throttle_take(struct throttle *t, enum throttle_kind kind, struct str key, int64_t now_ms,
                   int64_t *ret_wait_ms);
/* It was no misuse after all (a password that fits): the token comes back. */
void throttle_give_back(struct throttle *t, enum throttle_kind kind, struct str key);
/* The key of an address: itself, or the first 64 bits of one of IPv6, since who has one of those
 * has them all. Returns into. */
enum { THROTTLE_ADDRESS_SIZE = 64 };
const char *throttle_address(const char *address, char into[THROTTLE_ADDRESS_SIZE]);

#endif
