/* Each request first picks the view it looks at: a state of struct versions, or a replica of
 * struct replicas. All that differs between the stores is which view that is and where a change
 * goes; the rest is common.
 *
 * Why KV_SEQ is sequentially consistent: put all changes in the order in which they were made, and
 * every request that changed nothing right after the state it saw. A client's requests stand in
 * this order as it made them, because seen[] only grows, and each one's answer follows from those
 * before it. Nothing forces a client to see the present, though: one that never changes anything
 * may read the past as long as the past is kept. */
#include "service_kv.h"

#include "replicas.h"
#include "versions.h"

#include "../base/json.h"
#include "../base/mem.h"
#include "../base/prng.h"

struct kv {
    enum kv_law law;
    struct prng *prng;
    struct versions *versions; /* KV_LIN and KV_SEQ */
    struct replicas *replicas; /* KV_LWW */
    uint64_t *seen;            /* by client: the newest state it has seen */
    size_t seen_cap, seen_len;
};

struct kv *kv_new(enum kv_law law, struct prng *prng)
{
    struct kv *kv = mem_zalloc(sizeof(*kv));

    kv->law = law;
    kv->prng = prng;
    if (law == KV_LWW)
        kv->replicas = replicas_new();
    else
        kv->versions = versions_new(law == KV_SEQ ? KV_SEQ_STATES : 1);
    return kv;
}

void kv_free(struct kv *kv)
{
    if (kv == NULL)
        return;
    versions_free(kv->versions);
    replicas_free(kv->replicas);
    mem_free(kv->seen);
    mem_free(kv);
}

/* --- views ------------------------------------------------------------------------------- */

static uint64_t *seen_by(struct kv *kv, uint32_t client)
{
    if (client >= kv->seen_len) {
        kv->seen = mem_grow(kv->seen, &kv->seen_cap, (size_t)client + 1, sizeof(*kv->seen));
        while (kv->seen_len <= client)
            kv->seen[kv->seen_len++] = 0;
    }
    return &kv->seen[client];
}

static uint64_t pick_state(struct kv *kv, uint32_t client)
{
    uint64_t oldest = versions_oldest(kv->versions);
    uint64_t newest = versions_newest(kv->versions);
    uint64_t seen = *seen_by(kv, client);

#if PLANT_SIM == 3 /* planted bug: a client may be taken back in time */
    seen = 0;
#endif
    if (seen > oldest)
        oldest = seen;
    return oldest + prng_below(kv->prng, newest - oldest + 1);
}

static uint64_t pick_replica(struct kv *kv)
{
    uint32_t into = (uint32_t)prng_below(kv->prng, REPLICA_COUNT);
    uint32_t from = (uint32_t)prng_below(kv->prng, REPLICA_COUNT);

    if (into != from)
        replicas_merge(kv->replicas, into, from);
    return prng_below(kv->prng, REPLICA_COUNT);
}

static uint64_t pick_view(struct kv *kv, uint32_t client)
{
    switch (kv->law) {
    case KV_LWW:
        return pick_replica(kv);
    case KV_SEQ:
        return pick_state(kv, client);
    case KV_LIN:
        break;
    }
    return versions_newest(kv->versions);
}

/* The client has had an answer out of this view. */
static void saw(struct kv *kv, uint32_t client, uint64_t view)
{
    if (kv->law == KV_SEQ)
        *seen_by(kv, client) = view;
}

static struct str get(const struct kv *kv, uint64_t view, struct str key)
{
    if (kv->law == KV_LWW)
        return replicas_get(kv->replicas, (uint32_t)view, key);
    return versions_get(kv->versions, view, key);
}

static bool is_full(const struct kv *kv, uint64_t view, struct str key, struct str value)
{
    bool is_lww = kv->law == KV_LWW;
    uint64_t bytes = is_lww ? replicas_bytes(kv->replicas) : versions_bytes(kv->versions);
    uint32_t keys = is_lww ? replicas_keys(kv->replicas) : versions_keys(kv->versions);

    return bytes + key.len + value.len > KV_BYTES_MAX ||
           (keys >= KV_KEYS_MAX && get(kv, view, key).data == NULL);
}

/* Makes a change and gives the view that shows it. */
static enum kv_result put(struct kv *kv, uint64_t *view, struct str key, struct str value)
{
    if (is_full(kv, *view, key, value))
        return KV_FULL;
    if (kv->law == KV_LWW) {
        replicas_put(kv->replicas, (uint32_t)*view, key, value);
    } else {
        versions_put(kv->versions, key, value);
        *view = versions_newest(kv->versions);
    }
    return KV_OK;
}

/* --- requests ---------------------------------------------------------------------------- */

static bool same_value(struct str a, struct str b)
{
    struct buf ca = {0}, cb = {0};
    bool same;

    if (str_eq(a, b))
        return true;
    same = json_canonical(&ca, a) && json_canonical(&cb, b) && str_eq(buf_str(&ca), buf_str(&cb));
    buf_release(&ca);
    buf_release(&cb);
    return same;
}

enum kv_result kv_read(struct kv *kv, uint32_t client, struct str key, struct str *ret_value)
{
    uint64_t view = pick_view(kv, client);
    struct str value = get(kv, view, key);

    saw(kv, client, view);
    if (value.data == NULL)
        return KV_NO_KEY;
    *ret_value = value;
    return KV_OK;
}

enum kv_result kv_write(struct kv *kv, uint32_t client, struct str key, struct str value)
{
    uint64_t view = pick_view(kv, client);
    enum kv_result result = put(kv, &view, key, value);

    if (result == KV_OK)
        saw(kv, client, view);
    return result;
}

/* KV_OK: the cas would go through in this view. */
static enum kv_result try_cas(const struct kv *kv, uint64_t view, const struct kv_cas *cas,
                              struct str *ret_current)
{
    struct str current = get(kv, view, cas->key);

    if (current.data == NULL)
        return cas->create_if_not_exists && kv->law != KV_LWW ? KV_OK : KV_NO_KEY;
    *ret_current = current;
    return same_value(current, cas->from) ? KV_OK : KV_MISMATCH;
}

enum kv_result kv_cas(struct kv *kv, uint32_t client, const struct kv_cas *cas,
                      struct str *ret_current)
{
    uint64_t view = pick_view(kv, client);
    enum kv_result result = try_cas(kv, view, cas, ret_current);

    if (result == KV_OK && kv->law == KV_SEQ) { /* a change: what counts is the newest state */
        view = versions_newest(kv->versions);
        result = try_cas(kv, view, cas, ret_current);
    }
    if (result == KV_OK)
        result = put(kv, &view, cas->key, cas->to);
    saw(kv, client, view);
    return result;
}
