/* txn_report.h - the anomalies found in a history of transactions, with evidence in bounded size.
 *
 * Of each anomaly the first VERDICT_LIST_MAX are kept as JSON objects with a "sentence", and all
 * are counted. Borrows the history. */
#ifndef CHECK_TXN_REPORT_H
#define CHECK_TXN_REPORT_H

#include "txn_history.h"
#include "txn_model.h"

#include <jansson.h>

struct txn_cycle;
struct txn_cycles;

struct txn_report {
    const struct txn_history *t;
    json_t *lists[TXN_FOUND_COUNT];
    uint64_t counts[TXN_FOUND_COUNT];
};

void txn_report_init(struct txn_report *r, const struct txn_history *t);
void txn_report_release(struct txn_report *r);

/* Counts one; true if its evidence is wanted. */
bool txn_report_wants(struct txn_report *r, enum txn_anomaly anomaly);
/* Evidence, after txn_report_wants(): members (taken; NULL: none) and the sentence. */
void txn_report_add(struct txn_report *r, enum txn_anomaly anomaly, json_t *members,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));
uint64_t txn_report_found(const struct txn_report *r); /* the set of anomalies counted */

void txn_report_malformed(struct txn_report *r);
void txn_report_cycles(struct txn_report *r, const struct txn_cycles *c);

/* A transaction as Maelstrom shows operations. */
json_t *txn_json(const struct txn_history *t, uint32_t txn);
json_t *txn_mop_json(const struct txn_history *t, uint32_t mop);

/* "the transaction of process 3 (1.2 s to 1.3 s)", for sentences. */
enum { TXN_WHO_SIZE = 160 };
const char *txn_who(const struct txn_history *t, uint32_t txn, char into[TXN_WHO_SIZE]);
/* What a read saw, cut to VERDICT_WORD_MAX bytes. */
const char *txn_seen_word(const struct txn_history *t, const struct txn_mop *mop, char *into);
const char *txn_value_word(const struct txn_history *t, uint32_t value, char *into);
const char *txn_key_word(const struct txn_history *t, uint32_t key, char *into);

#endif
