/* Two small graphs. An arrow between models says that a history which satisfies the left one
 * satisfies the right one too; an arrow between anomalies, that a history which shows the left one
 * shows the right one too. So what a model forbids is what it and all weaker models forbid
 * directly, and every anomaly from which an arrow leads there; and what an anomaly refutes is every
 * model that forbids it or something it implies, and every model above those.
 *
 *          strict-serializable
 *           |              \
 *   strong-session-ser.   strong-snapshot-isolation         G0 --> G1c --> G1 <-- G1a, G1b
 *           |            /  |                                 G-single --> G-nonadjacent --> G2
 *     serializable      /  strong-read-committed              ... and each --> its -process form
 *      |         \     /    |                                              --> its -realtime form
 *  repeatable-  snapshot-   strong-session-...
 *     read      isolation
 *       \        /     \
 *     read-committed   read-atomic
 *           |
 *     read-uncommitted
 *
 * Both are walked to a fixed point each time; they have some forty nodes and a run asks twice. */
#include "txn_model.h"

#include "txn_plant.h"

#include "../base/err.h"
#include "../base/str.h"

#include <ctype.h>
#include <string.h>

enum model {
    PL_1,
    PL_2,
    PL_CS,
    PL_2L,
    PL_MSR,
    PL_2_PLUS,
    PL_FCV,
    PL_2_99,
    PL_SI,
    PL_3U,
    PL_3,
    PL_SS,
    SESSION_PL_1,
    SESSION_PL_2,
    SESSION_SI,
    SESSION_SERIALIZABLE,
    STRONG_PL_1,
    STRONG_PL_2,
    STRONG_SI,
    MONOTONIC_ATOMIC_VIEW,
    READ_ATOMIC,
    UPDATE_ATOMIC,
    CAUSAL_CERONE,
    PREFIX,
    PARALLEL_SI,
    VIEW_SERIALIZABLE,
    ONE_COPY,
    ONE_COPY_SESSION,
    LINEARIZABLE,
    SEQUENTIAL,
    CAUSAL,
    PRAM,
    WRITES_FOLLOW_READS,
    MONOTONIC_READS,
    MONOTONIC_WRITES,
    READ_YOUR_WRITES,
    MODEL_COUNT,
};

#define M(model) ((uint64_t)1 << (model))
#define A(anomaly) TXN_BIT(anomaly)

struct model_row {
    const char *names[4];
    uint64_t implies; /* models */
    uint64_t forbids; /* anomalies; those of implied models are not repeated */
};

static const struct model_row models[MODEL_COUNT] = {
    [PL_1] = {{"read-uncommitted", "PL-1"},
              0,
              A(TXN_G0) | A(TXN_DUPLICATE_ELEMENTS) | A(TXN_CYCLIC_VERSIONS)},
    [PL_2] = {{"read-committed", "PL-2"}, M(PL_1), A(TXN_G1)},
    [PL_CS] = {{"cursor-stability", "PL-CS"}, M(PL_2), A(TXN_G1) | A(TXN_LOST_UPDATE)},
    [PL_2L] = {{"monotonic-view", "PL-2L"}, M(PL_2), A(TXN_G1)},
    [PL_MSR] = {{"monotonic-snapshot-read", "PL-MSR"}, M(PL_2), A(TXN_G1)},
    [PL_2_PLUS] = {{"consistent-view", "PL-2+"}, M(PL_CS) | M(PL_2L), A(TXN_G1) | A(TXN_G_SINGLE)},
    [PL_FCV] = {{"forward-consistent-view", "PL-FCV"}, M(PL_2_PLUS), A(TXN_G1)},
    [PL_2_99] = {{"repeatable-read", "PL-2.99"},
                 M(PL_CS) | M(MONOTONIC_ATOMIC_VIEW),
                 A(TXN_G1) | A(TXN_G2_ITEM) | A(TXN_LOST_UPDATE)},
    [PL_SI] = {{"snapshot-isolation", "PL-SI"},
               M(PL_FCV) | M(MONOTONIC_ATOMIC_VIEW) | M(PL_MSR) | M(PARALLEL_SI) | M(PREFIX),
               A(TXN_INTERNAL) | A(TXN_G1) | A(TXN_G_NONADJACENT)},
    [PL_3U] = {{"update-serializable", "PL-3U"}, M(PL_FCV), A(TXN_G1)},
    [PL_3] = {{"serializable", "PL-3", "conflict-serializable"},
              M(PL_2_99) | M(PL_3U) | M(PL_SI) | M(VIEW_SERIALIZABLE) | M(ONE_COPY),
              A(TXN_G1) | A(TXN_G2) | A(TXN_INTERNAL)},
    [PL_SS] = {{"strict-serializable", "PL-SS", "strong-serializable"},
               M(PL_3) | M(LINEARIZABLE) | M(PL_SI) | M(STRONG_SI) | M(SESSION_SERIALIZABLE) |
                   M(ONE_COPY_SESSION),
               A(TXN_G1) | A(TXN_G1C + TXN_REALTIME) | A(TXN_G2 + TXN_REALTIME)},
    [SESSION_PL_1] = {{"strong-session-read-uncommitted", "strong-session-PL-1"},
                      M(PL_1),
                      A(TXN_G0 + TXN_PROCESS)},
    [SESSION_PL_2] = {{"strong-session-read-committed", "strong-session-PL-2"},
                      M(PL_2) | M(SESSION_PL_1),
                      A(TXN_G1C + TXN_PROCESS)},
    [SESSION_SI] = {{"strong-session-snapshot-isolation"},
                    M(PL_SI) | M(SESSION_PL_2),
                    A(TXN_INTERNAL) | A(TXN_G1 + TXN_PROCESS) | A(TXN_G_NONADJACENT + TXN_PROCESS)},
    [SESSION_SERIALIZABLE] = {{"strong-session-serializable"},
                              M(PL_3) | M(SESSION_SI) | M(ONE_COPY_SESSION),
                              A(TXN_G1 + TXN_PROCESS) | A(TXN_G2 + TXN_PROCESS)},
    [STRONG_PL_1] = {{"strong-read-uncommitted", "strong-PL-1"},
                     M(SESSION_PL_1),
                     A(TXN_G0 + TXN_REALTIME)},
    [STRONG_PL_2] = {{"strong-read-committed", "strong-PL-2"},
                     M(SESSION_PL_2) | M(STRONG_PL_1),
                     A(TXN_G1C + TXN_REALTIME)},
    [STRONG_SI] = {{"strong-snapshot-isolation"},
                   M(SESSION_SI) | M(STRONG_PL_2),
                   A(TXN_INTERNAL) | A(TXN_G1 + TXN_REALTIME) |
                       A(TXN_G_NONADJACENT + TXN_REALTIME)},
    [MONOTONIC_ATOMIC_VIEW] = {{"monotonic-atomic-view"}, M(PL_2), 0},
    [READ_ATOMIC] = {{"read-atomic"},
                     M(MONOTONIC_ATOMIC_VIEW),
                     A(TXN_INTERNAL) | A(TXN_G1A) | A(TXN_FUTURE_READ)},
    [UPDATE_ATOMIC] = {{"update-atomic"}, M(READ_ATOMIC), A(TXN_LOST_UPDATE)},
    [CAUSAL_CERONE] = {{"causal-cerone"}, M(READ_ATOMIC), A(TXN_INTERNAL) | A(TXN_G1A)},
    [PREFIX] = {{"prefix"}, M(CAUSAL_CERONE), A(TXN_INTERNAL) | A(TXN_G1A)},
    [PARALLEL_SI] = {{"parallel-snapshot-isolation"},
                     M(CAUSAL_CERONE) | M(UPDATE_ATOMIC),
                     A(TXN_INTERNAL) | A(TXN_G1A)},
    [VIEW_SERIALIZABLE] = {{"view-serializable"}, 0, 0},
    [ONE_COPY] = {{"1SR"}, 0, 0},
    [ONE_COPY_SESSION] = {{"session-serializable"}, M(ONE_COPY), 0},
    [LINEARIZABLE] = {{"linearizable"}, M(SEQUENTIAL), 0},
    [SEQUENTIAL] = {{"sequential"}, M(CAUSAL), 0},
    [CAUSAL] = {{"causal"}, M(WRITES_FOLLOW_READS) | M(PRAM), 0},
    [PRAM] = {{"PRAM"}, M(MONOTONIC_READS) | M(MONOTONIC_WRITES) | M(READ_YOUR_WRITES), 0},
    [WRITES_FOLLOW_READS] = {{"writes-follow-reads"}, 0, 0},
    [MONOTONIC_READS] = {{"monotonic-reads"}, 0, 0},
    [MONOTONIC_WRITES] = {{"monotonic-writes"}, 0, 0},
    [READ_YOUR_WRITES] = {{"read-your-writes"}, 0, 0},
};

/* Forbidden by every model. */
static const uint64_t never = A(TXN_MALFORMED) | A(TXN_GARBAGE_READ);

struct anomaly_row {
    const char *name;
    const char *meaning;
    bool in_three;    /* -process and -realtime follow; their implications run in parallel */
    uint64_t implies; /* of the first */
};

static const struct anomaly_row anomalies[TXN_ANOMALY_COUNT] = {
    [TXN_MALFORMED] = {"malformed-txn", "a reply that does not fit the transaction", false, 0},
    [TXN_GARBAGE_READ] = {"garbage-read", "a read of a value that nobody wrote", false, 0},
    [TXN_DUPLICATE_ELEMENTS] = {"duplicate-elements", "one append seen twice", false, 0},
    [TXN_CYCLIC_VERSIONS] = {"cyclic-versions", "versions of a key that each replace the other",
                             false, 0},
    [TXN_INCOMPATIBLE_ORDER] = {"incompatible-order", "reads that show two orders of one list",
                                false, A(TXN_G1A)},
    [TXN_DIRTY_UPDATE] = {"dirty-update", "a write on top of one that had failed", false,
                          A(TXN_G1A)},
    [TXN_G1A] = {"G1a", "a read of a write that had failed", false, A(TXN_G1)},
    [TXN_G1B] = {"G1b", "a read from the middle of a transaction", false, A(TXN_G1)},
    [TXN_FUTURE_READ] = {"future-read", "a read of what the same transaction writes only later",
                         false, A(TXN_G1C)},
    [TXN_G0] = {"G0", "a cycle of writes", true, A(TXN_G1C)},
    [TXN_G1C] = {"G1c", "a cycle of writes and reads of them", true, A(TXN_G1)},
    [TXN_INTERNAL] = {"internal", "a transaction that contradicts itself", false, 0},
    [TXN_LOST_UPDATE] = {"lost-update", "two updates of the same version", false,
                         A(TXN_WRITE_SKEW) | A(TXN_G2_ITEM)},
    [TXN_G_SINGLE_ITEM] = {"G-single-item", "a cycle with one read of an overwritten value", true,
                           A(TXN_G_SINGLE) | A(TXN_G_NONADJACENT_ITEM)},
    [TXN_G_NONADJACENT_ITEM] = {"G-nonadjacent-item",
                                "a cycle with reads of overwritten values, no two in a row", true,
                                A(TXN_G_NONADJACENT) | A(TXN_G2_ITEM)},
    [TXN_G2_ITEM] = {"G2-item", "a cycle with reads of overwritten values in a row", true,
                     A(TXN_G2)},
    [TXN_G_SINGLE] = {"G-single", "", true, A(TXN_G_NONADJACENT)},
    [TXN_G_NONADJACENT] = {"G-nonadjacent", "", true, A(TXN_G2)},
    [TXN_G2] = {"G2", "", true, 0},
    [TXN_G1] = {"G1", "", true, 0},
    [TXN_WRITE_SKEW] = {"write-skew", "", false, A(TXN_G2)},
};

/* The row that anomaly belongs to, and which of its variants it is. */
static const struct anomaly_row *row_of(unsigned anomaly, unsigned *ret_variant)
{
    *ret_variant = 0;
    while (anomalies[anomaly].name == NULL) {
        anomaly--;
        ++*ret_variant;
    }
    return &anomalies[anomaly];
}

const char *txn_anomaly_name(enum txn_anomaly anomaly)
{
    static const char *const in_three[][3] = {
        {"G0", "G0-process", "G0-realtime"},
        {"G1c", "G1c-process", "G1c-realtime"},
        {"G-single-item", "G-single-item-process", "G-single-item-realtime"},
        {"G-nonadjacent-item", "G-nonadjacent-item-process", "G-nonadjacent-item-realtime"},
        {"G2-item", "G2-item-process", "G2-item-realtime"},
    };
    unsigned variant;
    const struct anomaly_row *row = row_of(anomaly, &variant);
    size_t i;

    for (i = 0; row->in_three && i < sizeof(in_three) / sizeof(in_three[0]); i++)
        if (strcmp(in_three[i][0], row->name) == 0)
            return in_three[i][variant];
    return row->name;
}

const char *txn_anomaly_meaning(enum txn_anomaly anomaly)
{
    unsigned variant;

    return row_of(anomaly, &variant)->meaning;
}

static uint64_t directly_implied(unsigned anomaly)
{
    unsigned variant;
    const struct anomaly_row *row = row_of(anomaly, &variant);
    uint64_t implied = row->implies << variant; /* only rows in three have variants */

    if (row->in_three && variant < TXN_REALTIME)
        implied |= A(anomaly + 1);
    return implied;
}

uint64_t txn_implied(uint64_t set)
{
    uint64_t before;
    unsigned i;

    do {
        before = set;
        for (i = 0; i < TXN_ANOMALY_COUNT; i++)
            if (set & A(i))
                set |= directly_implied(i);
    } while (set != before);
    return set;
}

uint64_t txn_models_implied(uint64_t set)
{
    uint64_t before;
    unsigned i;

    do {
        before = set;
        for (i = 0; i < MODEL_COUNT; i++)
            if (set & M(i))
                set |= models[i].implies;
    } while (set != before);
    return set;
}

static uint64_t directly_forbidden(uint64_t set)
{
    uint64_t forbidden = 0;
    unsigned i;

    set = txn_models_implied(set);
    for (i = 0; i < MODEL_COUNT; i++)
        if (set & M(i))
            forbidden |= models[i].forbids;
    return forbidden;
}

uint64_t txn_forbidden(uint64_t set)
{
    uint64_t direct = directly_forbidden(set) | never;
    uint64_t forbidden = 0;
    unsigned i;

    for (i = 0; i < TXN_ANOMALY_COUNT; i++)
        if (txn_implied(A(i)) & direct)
            forbidden |= A(i);
    return TXN_PLANTED(1) ? direct : forbidden;
}

uint64_t txn_refuted(uint64_t found)
{
    uint64_t implied = txn_implied(found);
    uint64_t refuted = 0;
    unsigned i;

    for (i = 0; i < MODEL_COUNT; i++)
        if ((directly_forbidden(M(i)) | never) & implied)
            refuted |= M(i);
    return refuted;
}

uint64_t txn_weakest(uint64_t set)
{
    uint64_t weakest = 0;
    unsigned i;

    for (i = 0; i < MODEL_COUNT; i++)
        if ((set & M(i)) && (txn_models_implied(M(i)) & set) == M(i))
            weakest |= M(i);
    return weakest;
}

uint64_t txn_judges(uint64_t model)
{
    uint64_t judges = 0;
    unsigned i;

    if (directly_forbidden(model) != 0)
        return model;
    for (i = 0; i < MODEL_COUNT; i++)
        if (directly_forbidden(M(i)) != 0 && (txn_models_implied(M(i)) & model))
            judges |= M(i);
    return judges;
}

const char *txn_model_name(unsigned model)
{
    return model < MODEL_COUNT ? models[model].names[0] : "";
}

uint64_t txn_model_set(const char *name, size_t name_len)
{
    unsigned i;
    size_t k;

    for (i = 0; i < MODEL_COUNT; i++)
        for (k = 0; models[i].names[k] != NULL; k++)
            if (str_is((struct str){name, name_len}, models[i].names[k]))
                return M(i);
    return 0;
}

bool txn_model_known(const char *name)
{
    return txn_model_set(name, strlen(name)) != 0;
}

/* Edits (insert, drop, replace a letter) that lead from a to b, upper and lower case alike. */
static unsigned edits_between(const char *a, const char *b)
{
    enum { LEN_MAX = 64 };
    unsigned row[LEN_MAX + 1];
    size_t b_len = strlen(b);
    size_t i, k;

    if (strlen(a) > LEN_MAX || b_len > LEN_MAX)
        return LEN_MAX;
    for (k = 0; k <= b_len; k++)
        row[k] = (unsigned)k;
    for (i = 1; a[i - 1] != '\0'; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (k = 1; k <= b_len; k++) {
            bool differ = tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[k - 1]);
            unsigned best = diagonal + (differ ? 1 : 0);
            diagonal = row[k];
            if (row[k] + 1 < best)
                best = row[k] + 1;
            if (row[k - 1] + 1 < best)
                best = row[k - 1] + 1;
            row[k] = best;
        }
    }
    return row[b_len];
}

/* How far name is from a model's name: few edits, or a part of it in any case, are near. */
static unsigned distance(const char *name, const char *model)
{
    unsigned edits = edits_between(name, model);

    return strlen(name) >= 3 && strcasestr(model, name) != NULL && edits > 2 ? 2 : edits;
}

/* Appends the names whose distance is the least there is, three at most. */
static void add_near_names(struct buf *out, const char *name)
{
    unsigned near_max = (unsigned)strlen(name) / 3 + 1;
    unsigned wanted, i, count = 0;
    size_t k;

    for (wanted = 0; wanted <= near_max && count == 0; wanted++)
        for (i = 0; i < MODEL_COUNT; i++)
            for (k = 0; models[i].names[k] != NULL && count < 3; k++)
                if (distance(name, models[i].names[k]) == wanted)
                    buf_addf(out, "%s%s", count++ == 0 ? "" : " or ", models[i].names[k]);
}

int txn_model_check(const char *name, struct err *err)
{
    struct buf near = {0};

    if (txn_model_known(name))
        return 0;
    add_near_names(&near, name);
    if (near.len > 0)
        err_set(err, ERR_INPUT, "there is no consistency model \"%.64s\"; did you mean %s?", name,
                near.data);
    else
        err_set(err, ERR_INPUT,
                "there is no consistency model \"%.64s\"; the usual ones are strict-serializable, "
                "serializable, snapshot-isolation, repeatable-read, read-committed and "
                "read-uncommitted",
                name);
    buf_release(&near);
    return ERR_INPUT;
}
