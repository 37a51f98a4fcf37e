/* service_kv.h - the three key-value stores, told apart by what a client may see.
 *
 *     KV_LIN  the one present state (linearizable)
 *     KV_SEQ  the one order of changes, but not always its end: a request that changes nothing may
 *             see any of the last KV_SEQ_STATES states that is not older than what that client saw
 *             last (sequentially consistent). A change is made to the newest state.
 *     KV_LWW  one of several replicas, merged at random; the last write wins, others are lost
 *
 * Keys are canonical JSON texts, values JSON texts as they were written; all are borrowed. */
#ifndef SIM_SERVICE_KV_H
#define SIM_SERVICE_KV_H

#include "../base/str.h"

#include <stdint.h>

enum kv_law { KV_SEQ, KV_LIN, KV_LWW };

enum {
    KV_SEQ_STATES = 32,
    KV_BYTES_MAX = 64 << 20, /* of keys and values in one store, past states included */
    KV_KEYS_MAX = 1 << 18,   /* in one store; each costs some 150 bytes besides its own */
};

enum kv_result {
    KV_OK,
    KV_NO_KEY,   /* the key does not exist */
    KV_MISMATCH, /* the current value is not from */
    KV_FULL,     /* KV_BYTES_MAX or KV_KEYS_MAX reached; nothing was changed */
};

struct kv;
struct prng;

struct kv_cas {
    struct str key, from, to;
    bool create_if_not_exists; /* write to if there is no such key; without effect in KV_LWW */
};

struct kv *kv_new(enum kv_law law, struct prng *prng); /* borrows prng */
void kv_free(struct kv *kv);                           /* NULL is fine */

/* Values come back borrowed until the next call; set with KV_OK and KV_MISMATCH only. */
enum kv_result kv_read(struct kv *kv, uint32_t client, struct str key, struct str *ret_value);
enum kv_result kv_write(struct kv *kv, uint32_t client, struct str key, struct str value);
enum kv_result kv_cas(struct kv *kv, uint32_t client, const struct kv_cas *cas,
                      struct str *ret_current);

#endif
