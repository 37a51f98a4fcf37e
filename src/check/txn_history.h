/* txn_history.h - the transactions of a history as numbers: who wrote what, and what reads saw.
 *
 * Taken are the invocations by clients of the function "txn", and of others whose value is a list
 * of operations (Elle does not look at names either), each with its completion. An
 * operation is ["r",KEY,null], and ["append",KEY,ELEMENT] on lists or ["w",KEY,VALUE] on
 * registers; an ok completion repeats them with what the reads saw. Keys and written values are
 * numbered; a value belongs to its key. Reads of lists are kept as beginnings of a few sequences
 * per key, since most are beginnings of one another. */
#ifndef CHECK_TXN_HISTORY_H
#define CHECK_TXN_HISTORY_H

#include "txn_value.h"

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct history;
struct map;

enum txn_kind { TXN_LISTS, TXN_REGISTERS };

enum txn_status {
    TXN_OK,
    TXN_INFO, /* may have happened: no answer, a broken answer, or none yet */
    TXN_FAILED,
};

struct txn {
    uint32_t invoke;     /* index of its invocation in the history */
    uint32_t completion; /* HISTORY_NO_PAIR: still open at the end */
    uint32_t mop_begin;
    uint32_t mop_count;
    int32_t process;
    enum txn_status status;
};

enum txn_function { TXN_READ, TXN_WRITE };

struct txn_mop {
    uint32_t key;
    uint32_t value;    /* written; or read from a register, TXN_NONE for null (and for a 0 that
                          nobody wrote) */
    uint32_t sequence; /* a list's read, else TXN_NONE */
    uint32_t len : 31; /* how much of the sequence it saw */
    uint32_t f : 1;    /* enum txn_function */
};

/* Elements that reads of a key saw one after the other. */
struct txn_sequence {
    uint32_t key;
    uint32_t next; /* an earlier sequence of the same key, or TXN_NONE */
    uint32_t len;
    uint32_t *elements; /* values */
    uint32_t *ends;     /* offset in text behind each element; private */
    size_t elements_cap, ends_cap;
    struct str text; /* the longest read; borrowed from the history */
};

/* An ok completion that does not answer its invocation. */
struct txn_malformed {
    uint32_t txn;
    char *sentence; /* mem_free */
};

struct txn_span;

struct txn_history {
    const struct history *h;
    enum txn_kind kind;
    struct txn *txns; /* in order of invocation */
    uint32_t txn_count;
    uint32_t ok_count;
    struct txn_mop *mops; /* of failed and open transactions, reads saw nothing */
    uint32_t mop_count;
    struct txn_values values;
    struct map *keys;
    struct txn_sequence *sequences;
    uint32_t sequence_count;
    uint32_t *key_sequences; /* by key: the latest sequence, or TXN_NONE */
    uint32_t key_count;
    struct txn_malformed *malformed;
    uint32_t malformed_count;
    char *unusable; /* mem_free; a sentence that says why nothing can be inferred, or NULL */
    /* Private. */
    struct txn_span *spans; /* of the operations of the transaction at hand */
    size_t txns_cap, mops_cap, sequences_cap, key_sequences_cap, malformed_cap, spans_cap;
};

/* Borrows h until the release. */
void txn_history_init(struct txn_history *t, const struct history *h, enum txn_kind kind);
void txn_history_release(struct txn_history *t);

struct str txn_key_text(const struct txn_history *t, uint32_t key);
struct str txn_value_text(const struct txn_history *t, uint32_t value); /* "null" for TXN_NONE */

/* Whether the transaction reads what it did: an ok one whose answer fits. */
static inline bool txn_is_ok(const struct txn_history *t, uint32_t txn)
{
    return t->txns[txn].status == TXN_OK;
}

#endif
