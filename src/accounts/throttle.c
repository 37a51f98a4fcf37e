/* Buckets stand in groups of WAYS; a key's group is a hash of it with a random seed, so that nobody
 * can choose names that meet in one group on purpose. What is stored of a key is that hash, 64 bits
 * of it: two keys with one hash share a bucket, which happens to nobody by chance.
 *
 * A bucket's content is counted in thousandths of a token. It is not refilled by a timer but when
 * it is looked at. */
#include "throttle.h"

#include "../base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/random.h>

enum { WAYS = 4, GROUPS = THROTTLE_BUCKETS / WAYS };

struct bucket {
    uint64_t key;      /* 0: free */
    int64_t credit_ms; /* refill_ms of its kind is a token */
    int64_t at_ms;     /* when that was right */
    enum throttle_kind kind;
};

struct throttle {
    unsigned char seed[16];
    struct bucket buckets[GROUPS][WAYS];
};

static const struct {
    int64_t burst;     /* tokens */
    int64_t refill_ms; /* for one */
} rules[THROTTLE_KINDS] = {
    [THROTTLE_SIGN_IN_ADDRESS] = {30, 4000}, /* a class may share one address */
    [THROTTLE_SIGN_IN_NAME] = {8, 20000},
    [THROTTLE_SIGN_UP] = {40, 30000}, /* likewise, on its first day */
    [THROTTLE_PROVIDER] = {40, 4000},
    [THROTTLE_SUBMIT] = {20, 3000},
    [THROTTLE_EXPORT] = {10, 30000},
};

struct throttle *throttle_new(void)
{
    struct throttle *t = mem_zalloc(sizeof(*t));

    while (getrandom(t->seed, sizeof(t->seed), 0) != (ssize_t)sizeof(t->seed))
        continue; /* interrupted */
    return t;
}

void throttle_free(struct throttle *t)
{
    mem_free(t);
}

static uint64_t key_of(const struct throttle *t, enum throttle_kind kind, struct str key)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    struct buf text = {0};
    uint64_t hash;

    buf_add(&text, t->seed, sizeof(t->seed));
    buf_add_char(&text, (char)kind);
    buf_add_str(&text, key);
    SHA256((const unsigned char *)text.data, text.len, digest);
    buf_release(&text);
    memcpy(&hash, digest, sizeof(hash));
    return hash != 0 ? hash : 1;
}

/* What is in it now, in milliseconds of filling. */
static int64_t content(const struct bucket *b, int64_t now_ms)
{
    int64_t full = rules[b->kind].burst * rules[b->kind].refill_ms;
    int64_t passed = now_ms > b->at_ms ? now_ms - b->at_ms : 0;

    return passed >= full - b->credit_ms ? full : b->credit_ms + passed;
}

static struct bucket *find(struct throttle *t, uint64_t key)
{
    struct bucket *group = t->buckets[key % GROUPS];
    int i;

    for (i = 0; i < WAYS; i++)
        if (group[i].key == key)
            return &group[i];
    return NULL;
}

/* A free one of the key's group, or the one with the largest share of its burst. */
static struct bucket *make_room(struct throttle *t, uint64_t key, int64_t now_ms)
{
    struct bucket *group = t->buckets[key % GROUPS], *best = NULL;
    int64_t most = -1;
    int i;

    for (i = 0; i < WAYS; i++) {
        int64_t share = group[i].key == 0
                            ? INT64_MAX
                            : content(&group[i], now_ms) * 1000 /
                                  (rules[group[i].kind].burst * rules[group[i].kind].refill_ms);
        if (share > most) {
            most = share;
            best = &group[i];
        }
    }
    return best;
}

bool throttle_take(struct throttle *t, enum throttle_kind kind, struct str key, int64_t now_ms,
                   int64_t *ret_wait_ms)
{
    uint64_t hash = key_of(t, kind, key);
    struct bucket *b = find(t, hash);

    if (b == NULL) {
        b = make_room(t, hash, now_ms);
        *b = (struct bucket){hash, rules[kind].burst * rules[kind].refill_ms, now_ms, kind};
    }
    b->credit_ms = content(b, now_ms);
    b->at_ms = now_ms;
    if (b->credit_ms < rules[kind].refill_ms) {
        *ret_wait_ms = rules[kind].refill_ms - b->credit_ms;
        return false;
    }
    b->credit_ms -= rules[kind].refill_ms;
    return true;
}

void throttle_give_back(struct throttle *t, enum throttle_kind kind, struct str key)
{
    struct bucket *b = find(t, key_of(t, kind, key));

    if (b != NULL && b->credit_ms <= (rules[kind].burst - 1) * rules[kind].refill_ms)
        b->credit_ms += rules[kind].refill_ms;
}

const char *throttle_address(const char *address, char into[THROTTLE_ADDRESS_SIZE])
{
    struct in6_addr six;

    if (strchr(address, ':') != NULL && inet_pton(AF_INET6, address, &six) == 1 &&
        !IN6_IS_ADDR_V4MAPPED(&six)) {
        memset(six.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &six, into, THROTTLE_ADDRESS_SIZE);
        return into;
    }
    into[0] = '\0';
    strncat(into, address, THROTTLE_ADDRESS_SIZE - 1);
    return into;
}
