/* fuzz_txn - holds the checkers of transactions against brute force on small histories.
 *
 * usage: fuzz_txn [ITERATIONS [SEED]]     exit status 1 and the history if the two differ
 *
 * A history has up to five transactions over three keys, made by a serial execution, by snapshots
 * or by replicas that lag, then changed at random in up to two places. Brute force tries every
 * order of the transactions, and every cycle of the dependency graph as the papers define it:
 *
 *   lists      serializable, strong-session-serializable and strict-serializable hold if and only
 *              if some order gives all reads, within no, process or real time order
 *   lists      every model is refuted if and only if the cycles, and G1a and G1b read literally,
 *              refute it
 *   registers  whatever is refuted has no such order (the order of versions is known in part)
 *   both       what a serial execution gave is valid under every model */
#include "base/mem.h"
#include "base/prng.h"
#include "check/checker.h"
#include "check/txn_model.h"
#include "check/txn_story.h"
#include "check/verdict.h"

enum { TXNS_MAX = 5, MOPS_MAX = 4, KEYS = 3, LEN_MAX = 24, MOMENTS = 12 };

struct list {
    int at[LEN_MAX];
    int len;
};

struct mop {
    bool is_read;
    int key;
    int value;       /* written */
    struct list got; /* read; of a register one element, or none for null */
};

struct txn {
    enum op_type type; /* OP_OK, OP_FAIL, OP_INFO */
    int process;
    int begin, end;
    int mop_count;
    struct mop mops[MOPS_MAX];
};

static struct prng chance;
static struct txn txns[TXNS_MAX];
static int txn_count;
static bool with_lists;
static uint64_t seed = 1;
static long iteration;
static long count_valid, count_invalid;

static int below(int bound)
{
    return (int)prng_below(&chance, (uint64_t)bound);
}

/* The history as text. */

static void add_list(struct buf *out, const struct list *l)
{
    int i;

    if (!with_lists) {
        if (l->len == 0)
            buf_add_text(out, "null");
        else
            buf_add_i64(out, l->at[l->len - 1]);
        return;
    }
    buf_add_char(out, '[');
    for (i = 0; i < l->len; i++)
        buf_addf(out, "%s%d", i > 0 ? "," : "", l->at[i]);
    buf_add_char(out, ']');
}

static char *story_text(void)
{
    struct buf out = {0};
    int i, k;

    for (i = 0; i < txn_count; i++) {
        const struct txn *x = &txns[i];
        buf_addf(&out, "p%d @%d-%d %s", x->process, x->begin, x->end, op_type_text(x->type));
        for (k = 0; k < x->mop_count; k++) {
            const struct mop *m = &x->mops[k];
            buf_addf(&out, " %c", 'a' + m->key);
            if (m->is_read) {
                buf_add_char(&out, '=');
                add_list(&out, &m->got);
            } else {
                buf_addf(&out, "%c%d", with_lists ? '+' : ':', m->value);
            }
        }
        buf_add_char(&out, '\n');
    }
    return buf_take(&out);
}

static void must(bool fine, const char *promise)
{
    char *text;

    if (fine)
        return;
    text = story_text();
    fprintf(stderr, "fuzz_txn: history %ld of seed %llu (%s): not true: %s\n%s", iteration,
            (unsigned long long)seed, with_lists ? "lists" : "registers", promise, text);
    exit(1);
}

/* Making histories. */

static bool is_free(int process, int at)
{
    int i;

    for (i = 0; i < txn_count; i++)
        if (txns[i].process == process && (txns[i].end >= at || txns[i].type == OP_INFO))
            return false;
    return true;
}

static void make_txns(void)
{
    int wanted = 2 + below(TXNS_MAX - 1);
    int next_value[KEYS] = {1, 1, 1};
    int at = 0, k;

    for (txn_count = 0; txn_count < wanted;) {
        struct txn *x = &txns[txn_count];
        int kind = below(10);
        at += below(3);
        *x = (struct txn){.type = kind < 7 ? OP_OK : kind < 9 ? OP_INFO : OP_FAIL};
        x->begin = at;
        x->end = at + 1 + below(5);
        while (!is_free(x->process, at))
            x->process++;
        x->mop_count = 1 + below(MOPS_MAX);
        for (k = 0; k < x->mop_count; k++) {
            x->mops[k] = (struct mop){.is_read = below(2) == 0, .key = below(KEYS)};
            if (!x->mops[k].is_read)
                x->mops[k].value = next_value[x->mops[k].key]++;
        }
        txn_count++;
    }
}

static void put(struct list *l, int value)
{
    if (!with_lists)
        l->len = 0;
    if (l->len < LEN_MAX)
        l->at[l->len++] = value;
}

/* Runs one transaction on what it sees; its writes go to target. */
static void run_txn(struct txn *x, const struct list *sees, struct list *target)
{
    struct list own[KEYS];
    int k;

    memcpy(own, sees, sizeof(own));
    for (k = 0; k < x->mop_count; k++) {
        struct mop *m = &x->mops[k];
        if (m->is_read) {
            m->got = own[m->key];
            continue;
        }
        put(&own[m->key], m->value);
        if (target != sees)
            put(&target[m->key], m->value);
    }
    if (target == sees)
        memcpy(target, own, sizeof(own));
}

static bool takes_effect(const struct txn *x)
{
    return x->type == OP_OK || (x->type == OP_INFO && below(2) == 0);
}

/* Each takes effect at a moment of its own between begin and end. */
static void run_serially(void)
{
    struct list state[KEYS] = {0};
    int moment[TXNS_MAX];
    int at, i;

    for (i = 0; i < txn_count; i++)
        moment[i] = txns[i].begin + below(txns[i].end - txns[i].begin);
    for (at = 0; at < TXN_STORY_LAST; at++)
        for (i = 0; i < txn_count; i++)
            if (moment[i] == at && takes_effect(&txns[i]))
                run_txn(&txns[i], state, state);
}

/* Reads see some earlier state, writes go to the latest. */
static void run_with_lag(bool aligned)
{
    struct list states[TXNS_MAX + 1][KEYS];
    int i;

    memset(states, 0, sizeof(states));
    for (i = 0; i < txn_count; i++) {
        struct list sees[KEYS];
        int key, lag = below(3);
        for (key = 0; key < KEYS; key++) {
            int back = aligned ? lag : below(3);
            sees[key] = states[i > back ? i - back : 0][key];
        }
        memcpy(states[i + 1], states[i], sizeof(states[i]));
        if (txns[i].type != OP_FAIL || below(4) == 0)
            run_txn(&txns[i], sees, states[i + 1]);
    }
}

static void change(void)
{
    struct txn *x = &txns[below(txn_count)];
    struct mop *m = &x->mops[below(x->mop_count)];
    int a, b, kept;

    if (!m->is_read || x->type != OP_OK)
        return;
    switch (below(5)) {
    case 0:
        m->got.len = m->got.len > 0 ? m->got.len - 1 : 0;
        break;
    case 1:
        put(&m->got, 1 + below(4));
        break;
    case 2:
        if (m->got.len < 2)
            return;
        a = below(m->got.len);
        b = below(m->got.len);
        kept = m->got.at[a];
        m->got.at[a] = m->got.at[b];
        m->got.at[b] = kept;
        break;
    case 3:
        m->got.len = 0;
        break;
    case 4:
        x->begin = x->begin > 1 ? x->begin - 2 : 0;
        if (!is_free(x->process, x->begin))
            x->process = 50 + below(1000);
        break;
    }
}

/* Brute force: orders. */

enum order { ANY_ORDER, PROCESS_ORDER, TIME_ORDER };

static bool lists_equal(const struct list *a, const struct list *b)
{
    return a->len == b->len && memcmp(a->at, b->at, (size_t)a->len * sizeof(int)) == 0;
}

static bool must_precede(int a, int b, enum order order)
{
    if (txns[a].type != OP_OK || txns[a].end >= txns[b].begin)
        return false; /* at one moment invocations come first */
    return order == TIME_ORDER || (order == PROCESS_ORDER && txns[a].process == txns[b].process);
}

/* Runs the transaction on state; false if a read saw something else. */
static bool replay(const struct txn *x, struct list *state)
{
    int k;

    for (k = 0; k < x->mop_count; k++) {
        const struct mop *m = &x->mops[k];
        if (!m->is_read)
            put(&state[m->key], m->value);
        else if (x->type == OP_OK && !lists_equal(&m->got, &state[m->key]))
            return false;
    }
    return true;
}

static bool can_follow(unsigned placed, int next, enum order order)
{
    int i;

    for (i = 0; i < txn_count; i++)
        if (!(placed & 1u << i) && i != next && txns[i].type != OP_FAIL &&
            must_precede(i, next, order))
            return false;
    return true;
}

static bool has_order(unsigned placed, const struct list *state, enum order order)
{
    bool all_placed = true;
    int i;

    for (i = 0; i < txn_count; i++)
        all_placed &= (placed & 1u << i) || txns[i].type != OP_OK;
    if (all_placed)
        return true;
    for (i = 0; i < txn_count; i++) {
        struct list after[KEYS];
        if ((placed & 1u << i) || txns[i].type == OP_FAIL || !can_follow(placed, i, order))
            continue;
        memcpy(after, state, sizeof(after));
        if (replay(&txns[i], after) && has_order(placed | 1u << i, after, order))
            return true;
    }
    return false;
}

/* Brute force: the dependency graph of lists by its definition, and all its cycles. */

enum { WW = 1, WR = 2, RW = 4, PROCESS = 8, TIME = 16 };

static int edges[TXNS_MAX][TXNS_MAX]; /* kinds */
static struct list versions[KEYS];
static uint64_t cycles; /* anomalies */

static int writer_of(int key, int value)
{
    int i, k;

    for (i = 0; i < txn_count; i++)
        for (k = 0; k < txns[i].mop_count; k++)
            if (!txns[i].mops[k].is_read && txns[i].mops[k].key == key &&
                txns[i].mops[k].value == value)
                return i;
    return -1;
}

static int place_of(const struct list *l, int value)
{
    int i;

    for (i = 0; i < l->len; i++)
        if (l->at[i] == value)
            return i;
    return -1;
}

static void edge(int a, int b, int kind)
{
    if (a >= 0 && b >= 0 && a != b && txns[a].type != OP_FAIL && txns[b].type != OP_FAIL)
        edges[a][b] |= kind;
}

/* The longest read of each key; false unless all others are beginnings of it, each element was
 * written by somebody, and none stands there twice: then cycles are not all there is. */
static bool find_versions(void)
{
    int i, k, n;

    memset(versions, 0, sizeof(versions));
    for (i = 0; i < txn_count; i++)
        for (k = 0; k < txns[i].mop_count && txns[i].type == OP_OK; k++)
            if (txns[i].mops[k].is_read &&
                txns[i].mops[k].got.len > versions[txns[i].mops[k].key].len)
                versions[txns[i].mops[k].key] = txns[i].mops[k].got;
    for (i = 0; i < txn_count; i++)
        for (k = 0; k < txns[i].mop_count && txns[i].type == OP_OK; k++) {
            const struct mop *m = &txns[i].mops[k];
            if (m->is_read &&
                memcmp(m->got.at, versions[m->key].at, (size_t)m->got.len * sizeof(int)) != 0)
                return false;
        }
    for (k = 0; k < KEYS; k++)
        for (n = 0; n < versions[k].len; n++)
            if (writer_of(k, versions[k].at[n]) < 0 ||
                place_of(&versions[k], versions[k].at[n]) != n)
                return false;
    return true;
}

static void find_read_edges(int reader, const struct mop *m)
{
    const struct list *order = &versions[m->key];
    int i, k;

    if (m->got.len > 0)
        edge(writer_of(m->key, m->got.at[m->got.len - 1]), reader, WR);
    if (m->got.len < order->len) {
        edge(reader, writer_of(m->key, order->at[m->got.len]), RW);
        return;
    }
    for (i = 0; i < txn_count; i++)
        for (k = 0; k < txns[i].mop_count; k++)
            if (!txns[i].mops[k].is_read && txns[i].mops[k].key == m->key &&
                place_of(order, txns[i].mops[k].value) < 0)
                edge(reader, i, RW);
}

static void find_edges(void)
{
    int i, k, n;

    memset(edges, 0, sizeof(edges));
    for (i = 0; i < txn_count; i++)
        for (k = 0; k < txns[i].mop_count; k++) {
            const struct mop *m = &txns[i].mops[k];
            const struct list *order = &versions[m->key];
            if (m->is_read && txns[i].type == OP_OK)
                find_read_edges(i, m);
            if (m->is_read)
                continue;
            n = place_of(order, m->value);
            n = n < 0 ? order->len : n;
            if (n > 0)
                edge(writer_of(m->key, order->at[n - 1]), i, WW);
        }
    for (i = 0; i < txn_count; i++)
        for (k = 0; k < txn_count; k++) {
            if (i != k && must_precede(i, k, TIME_ORDER))
                edge(i, k, TIME);
            if (i != k && must_precede(i, k, PROCESS_ORDER))
                edge(i, k, PROCESS);
        }
}

static void enter_cycle(const int *kinds, int len)
{
    int i, rw = 0, wr = 0, next_to = 0;
    unsigned variant = 0;

    for (i = 0; i < len; i++) {
        rw += kinds[i] == RW;
        wr += kinds[i] == WR;
        next_to += kinds[i] == RW && kinds[(i + 1) % len] == RW;
        if (kinds[i] == PROCESS && variant == 0)
            variant = TXN_PROCESS;
        if (kinds[i] == TIME)
            variant = TXN_REALTIME;
    }
    cycles |= TXN_BIT((rw == 1                  ? TXN_G_SINGLE_ITEM
                       : rw > 1 && next_to == 0 ? TXN_G_NONADJACENT_ITEM
                       : rw > 1                 ? TXN_G2_ITEM
                       : wr > 0                 ? TXN_G1C
                                                : TXN_G0) +
                      variant);
}

static void find_cycles(int start, int at, unsigned used, int *kinds, int len)
{
    int next, kind;

    for (next = start; next < txn_count; next++)
        for (kind = WW; kind <= TIME; kind *= 2) {
            if (!(edges[at][next] & kind))
                continue;
            kinds[len] = kind;
            if (next == start)
                enter_cycle(kinds, len + 1);
            else if (!(used & 1u << next))
                find_cycles(start, next, used | 1u << next, kinds, len + 1);
        }
}

/* G1a and G1b, and future reads, word by word. */
static uint64_t find_bad_reads(void)
{
    uint64_t found = 0;
    int i, k, n, later;

    for (i = 0; i < txn_count; i++)
        for (k = 0; k < txns[i].mop_count && txns[i].type == OP_OK; k++) {
            const struct list *got = &txns[i].mops[k].got;
            int key = txns[i].mops[k].key;
            for (n = 0; n < got->len && txns[i].mops[k].is_read; n++) {
                int writer = writer_of(key, got->at[n]);
                if (txns[writer].type == OP_FAIL)
                    found |= TXN_BIT(TXN_G1A);
                for (later = 0; later < txns[writer].mop_count; later++) {
                    const struct mop *m = &txns[writer].mops[later];
                    if (m->is_read || m->key != key)
                        continue;
                    if (writer == i && later > k && m->value == got->at[n])
                        found |= TXN_BIT(TXN_FUTURE_READ);
                    if (writer != i && n == got->len - 1 && m->value > got->at[n])
                        found |= TXN_BIT(TXN_G1B); /* values grow within a transaction */
                }
            }
        }
    return found;
}

/* The checker. */

static enum valid ask(const char *text, const char *model, uint64_t *ret_not)
{
    struct history *h = txn_story(text);
    struct err err = {.text = ""};
    json_t *options = json_pack("{s:s}", "consistency_models", model);
    struct verdict v;
    size_t i;

    *ret_not = 0;
    must(checker_run(checker_find(with_lists ? "list-append" : "rw-register"), h, options, &v,
                     &err) == 0,
         "the checker runs");
    for (i = 0; i < 2; i++) {
        const json_t *names = json_object_get(v.details, i == 0 ? "not" : "also-not");
        size_t k;
        for (k = 0; k < json_array_size(names); k++) {
            const char *name = json_string_value(json_array_get(names, k));
            *ret_not |= txn_model_set(name, strlen(name));
        }
    }
    if (v.valid == VALID_FALSE)
        must(v.sentence != NULL && strlen(v.sentence) < 4096, "an invalid history has a sentence");
    enum valid valid = v.valid;
    verdict_release(&v);
    json_decref(options);
    history_free(h);
    return valid;
}

static void compare_orders(const char *text, bool is_sound)
{
    static const char *const models[] = {"serializable", "strong-session-serializable",
                                         "strict-serializable"};
    struct list empty[KEYS] = {0};
    uint64_t refuted;
    int order;

    for (order = ANY_ORDER; order <= TIME_ORDER; order++) {
        enum valid valid = ask(text, models[order], &refuted);
        bool exists = has_order(0, empty, (enum order)order);
        if (valid == VALID_UNKNOWN)
            continue; /* nothing was ok */
        must(!is_sound || valid == VALID_TRUE, "a serial execution is valid");
        must(valid == VALID_TRUE || !exists, "what is invalid has no serial order");
        if (with_lists)
            must(valid == VALID_FALSE || exists, "lists that are valid have a serial order");
        if (order == TIME_ORDER)
            ++*(valid == VALID_TRUE ? &count_valid : &count_invalid);
    }
}

static void compare_cycles(const char *text)
{
    uint64_t found, refuted, by_cycles = 0;
    int kinds[TXNS_MAX + 1];
    unsigned i;
    int start;

    if (!with_lists || !find_versions())
        return;
    find_edges();
    cycles = 0;
    for (start = 0; start < txn_count; start++)
        find_cycles(start, start, 1u << start, kinds, 0);
    found = cycles | find_bad_reads();
    ask(text, "strict-serializable", &refuted);
    for (i = 0; i < TXN_MODEL_MAX; i++) {
        uint64_t model = (uint64_t)1 << i;
        bool by_brute_force = txn_refuted(found) & model;
        by_cycles |= by_brute_force ? model : 0;
    }
    must((by_cycles & ~refuted) == 0, "what cycles refute is refuted");
    /* Internal anomalies and lost updates refute more; both refute no model that is weaker. */
    refuted &=
        ~txn_refuted(TXN_BIT(TXN_INTERNAL) | TXN_BIT(TXN_LOST_UPDATE) | TXN_BIT(TXN_DIRTY_UPDATE));
    must((refuted & ~by_cycles) == 0, "what is refuted, some cycle or read refutes");
}

int main(int argc, char **argv)
{
    long iterations = argc > 1 ? atol(argv[1]) : 20000;

    seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    prng_init(&chance, seed, "fuzz_txn");
    for (iteration = 0; iteration < iterations; iteration++) {
        int changes, mode = below(4);
        char *text;
        with_lists = below(3) > 0;
        make_txns();
        if (mode <= 1)
            run_serially();
        else
            run_with_lag(mode == 2);
        changes = mode == 0 ? 0 : below(3);
        while (changes-- > 0)
            change();
        text = story_text();
        compare_orders(text, mode == 0);
        compare_cycles(text);
        mem_free(text);
    }
    printf("fuzz_txn: %ld histories agree, %ld of them valid, %ld invalid\n", iterations,
           count_valid, count_invalid);
    return 0;
}
