#include "service_kv.h"

#include "../base/prng.h"
#include "../base/test.h"

#include <stdio.h>

static enum kv_result write_number(struct kv *kv, uint32_t client, const char *key, int number)
{
    char text[16];

    snprintf(text, sizeof(text), "%d", number);
    return kv_write(kv, client, str_of(key), str_of(text));
}

/* -1: no such key. */
static int read_number(struct kv *kv, uint32_t client, const char *key)
{
    struct str text;
    int64_t number;

    if (kv_read(kv, client, str_of(key), &text) == KV_NO_KEY)
        return -1;
    CHECK(str_to_i64(text, &number));
    return (int)number;
}

static enum kv_result cas_number(struct kv *kv, uint32_t client, const char *key, int from, int to,
                                 int *ret_current)
{
    char from_text[16], to_text[16];
    struct str current = {NULL, 0};
    struct kv_cas cas = {.key = str_of(key)};
    enum kv_result result;
    int64_t number;

    snprintf(from_text, sizeof(from_text), "%d", from);
    snprintf(to_text, sizeof(to_text), "%d", to);
    cas.from = str_of(from_text);
    cas.to = str_of(to_text);
    result = kv_cas(kv, client, &cas, &current);
    if (result == KV_MISMATCH && str_to_i64(current, &number))
        *ret_current = (int)number;
    return result;
}

/* --- seq-kv by hand ---------------------------------------------------------------------- */

/* Goal: seq-kv is weak where it may be. Client 1 writes 1, 2, 3, ...; client 2 only reads. */
TEST(seq_kv_shows_others_the_past_but_takes_nobody_back)
{
    struct prng p;
    struct kv *kv;
    int last = -1, stale = 0, i;

    prng_init(&p, 1, "test");
    kv = kv_new(KV_SEQ, &p);
    for (i = 1; i <= 300; i++) {
        int got;

        CHECK_INT(write_number(kv, 1, "x", i), KV_OK);
        CHECK_INT(read_number(kv, 1, "x"), i); /* the writer sees its own write */
        got = read_number(kv, 2, "x");
        CHECK(got >= last && got <= i);
        CHECK(got > i - KV_SEQ_STATES);
        stale += got < i;
        last = got;
    }
    CHECK(stale > 100);
    kv_free(kv);
}

TEST(seq_kv_may_say_that_a_key_written_by_others_does_not_exist)
{
    uint64_t seed;
    int missing = 0;

    for (seed = 0; seed < 100; seed++) {
        struct prng p;
        struct kv *kv;

        prng_init(&p, seed, "test");
        kv = kv_new(KV_SEQ, &p);
        write_number(kv, 1, "x", 1);
        missing += read_number(kv, 2, "x") == -1;
        kv_free(kv);
    }
    CHECK(missing > 25 && missing < 75);
}

TEST(a_change_brings_its_client_to_the_present)
{
    struct prng p;
    struct kv *kv;
    int i;

    prng_init(&p, 1, "test");
    kv = kv_new(KV_SEQ, &p);
    for (i = 0; i < 100; i++) {
        write_number(kv, 1, "x", i);
        write_number(kv, 2, "y", i);
        CHECK_INT(read_number(kv, 2, "x"), i);
    }
    kv_free(kv);
}

/* --- every store against a list of all its states ----------------------------------------- */

enum { KEY_COUNT = 3, CLIENT_COUNT = 4, STEP_COUNT = 500, STATE_MAX = STEP_COUNT + 1 };

static const char *const KEYS[KEY_COUNT] = {"x", "y", "z"};

struct model {
    struct kv *kv;
    int states[STATE_MAX][KEY_COUNT]; /* -1: no such key; else unique, so that it tells its state */
    int newest;
    int seen[CLIENT_COUNT]; /* the earliest state that explains all that this client has seen */
    int keep;               /* so many states may be seen */
    int stale_count;
};

static void model_change(struct model *m, uint32_t client, int key, int value)
{
    m->newest++;
    memcpy(m->states[m->newest], m->states[m->newest - 1], sizeof(m->states[0]));
    m->states[m->newest][key] = value;
    m->seen[client] = m->newest;
}

/* False: no state that this client may see has this value. */
static bool model_explains(struct model *m, uint32_t client, int key, int value)
{
    int state = m->newest - m->keep + 1;

    if (state < m->seen[client])
        state = m->seen[client];
    m->stale_count += value != m->states[m->newest][key];
    for (; state <= m->newest; state++) {
        if (m->states[state][key] == value) {
            m->seen[client] = state;
            return true;
        }
    }
    return false;
}

static bool one_request(struct model *m, struct prng *p, int number)
{
    uint32_t client = (uint32_t)prng_below(p, CLIENT_COUNT);
    int key = (int)prng_below(p, KEY_COUNT);
    int from = m->states[m->newest - (int)prng_below(p, (uint64_t)m->newest + 1) % 3][key];
    int current = -1;

    switch (prng_below(p, 4)) {
    case 0:
        CHECK_INT(write_number(m->kv, client, KEYS[key], number), KV_OK);
        model_change(m, client, key, number);
        return true;
    case 1:
        switch (cas_number(m->kv, client, KEYS[key], from, number, &current)) {
        case KV_OK: /* only ever on the newest state */
            if (m->states[m->newest][key] != from)
                return false;
            model_change(m, client, key, number);
            return true;
        case KV_MISMATCH:
            return current != from && model_explains(m, client, key, current);
        default:
            return model_explains(m, client, key, -1);
        }
    default:
        return model_explains(m, client, key, read_number(m->kv, client, KEYS[key]));
    }
}

/* How many answers showed the past; -1 if one cannot be explained. */
static int run(enum kv_law law, int keep, uint64_t seed)
{
    static struct model m;
    struct prng of_store, of_test;
    bool explained = true;
    int i;

    prng_init(&of_store, seed, "store");
    prng_init(&of_test, seed, "test");
    memset(&m, 0, sizeof(m));
    memset(m.states[0], -1, sizeof(m.states[0]));
    m.kv = kv_new(law, &of_store);
    m.keep = keep;
    for (i = 0; i < STEP_COUNT && explained; i++)
        explained = one_request(&m, &of_test, i);
    kv_free(m.kv);
    return explained ? m.stale_count : -1;
}

TEST(lin_kv_always_shows_the_present)
{
    uint64_t seed;

    for (seed = 0; seed < 50; seed++)
        CHECK_INT(run(KV_LIN, 1, seed), 0);
}

TEST(seq_kv_shows_the_past_and_never_goes_back)
{
    uint64_t seed;

    for (seed = 0; seed < 50; seed++)
        CHECK(run(KV_SEQ, KV_SEQ_STATES, seed) > 20);
}

/* The model can fail: seq-kv is not linearizable, lww-kv not even sequentially consistent. */
TEST(weaker_stores_break_the_stronger_laws)
{
    uint64_t seed;

    for (seed = 0; seed < 50; seed++) {
        CHECK_INT(run(KV_SEQ, 1, seed), -1);
        CHECK_INT(run(KV_LWW, KV_SEQ_STATES, seed), -1);
    }
}

/* --- lost writes ------------------------------------------------------------------------- */

/* Three clients write in turn; when the dust has settled, is the last write still there? */
static bool loses_a_write(enum kv_law law, uint64_t seed)
{
    struct prng p;
    struct kv *kv;
    int i, settled;

    prng_init(&p, seed, "test");
    kv = kv_new(law, &p);
    for (i = 1; i <= 3; i++)
        CHECK_INT(write_number(kv, (uint32_t)i, "x", i), KV_OK);
    for (i = 0; i < 100; i++)
        settled = read_number(kv, 3, "x");
    kv_free(kv);
    return settled != 3;
}

TEST(lww_kv_loses_acknowledged_writes_and_the_others_never_do)
{
    uint64_t seed;
    int lost = 0;

    for (seed = 0; seed < 200; seed++) {
        lost += loses_a_write(KV_LWW, seed);
        CHECK(!loses_a_write(KV_LIN, seed));
        CHECK(!loses_a_write(KV_SEQ, seed));
    }
    CHECK(lost > 10 && lost < 150);
}

TEST(lww_kv_settles_on_one_value)
{
    uint64_t seed;

    for (seed = 0; seed < 50; seed++) {
        struct prng p;
        struct kv *kv;
        int i, settled = 0;

        prng_init(&p, seed, "test");
        kv = kv_new(KV_LWW, &p);
        for (i = 0; i < 10; i++)
            write_number(kv, 1, "x", i);
        for (i = 0; i < 100; i++)
            settled = read_number(kv, 1, "x");
        for (i = 0; i < 20; i++)
            CHECK_INT(read_number(kv, 1, "x"), settled);
        kv_free(kv);
    }
}

TEST(beyond_the_cap_on_keys_old_ones_can_still_be_written)
{
    enum kv_law law;

    for (law = KV_SEQ; law <= KV_LWW; law++) {
        struct prng p;
        struct kv *kv;
        char key[16];
        int i;

        prng_init(&p, 1, "test");
        kv = kv_new(law, &p);
        for (i = 0; i < KV_KEYS_MAX; i++) {
            snprintf(key, sizeof(key), "%d", i);
            CHECK_INT(kv_write(kv, 0, str_of(key), STR_LIT("0")), KV_OK);
        }
        CHECK_INT(write_number(kv, 0, "one more", 1), KV_FULL);
        for (i = 0; i < 20; i++) /* so that both replicas know of the last key */
            read_number(kv, 0, key);
        CHECK_INT(write_number(kv, 0, key, 1), KV_OK);
        kv_free(kv);
    }
}

TEST(creating_by_cas_works_where_maelstrom_has_it)
{
    enum kv_law law;

    for (law = KV_SEQ; law <= KV_LWW; law++) {
        struct kv_cas cas = {STR_LIT("x"), STR_LIT("1"), STR_LIT("2"), true};
        struct str current;
        struct prng p;
        struct kv *kv;

        prng_init(&p, 1, "test");
        kv = kv_new(law, &p);
        CHECK_INT(kv_cas(kv, 0, &cas, &current), law == KV_LWW ? KV_NO_KEY : KV_OK);
        CHECK_INT(read_number(kv, 0, "x"), law == KV_LWW ? -1 : 2);
        kv_free(kv);
    }
}
