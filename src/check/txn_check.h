/* txn_check.h - transactional isolation: which consistency models a history of transactions
 * contradicts, and by which anomaly.
 *
 * Details are Maelstrom's: "valid?", "anomaly-types", "anomalies", "not", "also-not"; "not" holds
 * the weakest models that are refuted, "also-not" the stronger ones. Ours beside them:
 *   "consistency-models"  what was asked for
 *   "anomaly-counts"      how often each was found; "anomalies" holds the first few
 *   "allowed-anomalies"   what was found and the models asked for allow, one example each
 *   "transaction-count", "ok-count"
 * Unknown: no transaction was ok; written values are not unique; or only models were asked for
 * that forbid nothing which such a history could show, and no stronger one holds. */
#ifndef CHECK_TXN_CHECK_H
#define CHECK_TXN_CHECK_H

struct checker;

/* "list-append" and "rw-register", options consistency_models: names, each entry one or several
 * with commas between, strict-serializable without it; and maelstrom_verdict: values that nobody
 * wrote are allowed, and real time does not tell which value of a register came first. */
extern const struct checker list_append_checker;
extern const struct checker rw_register_checker;

#endif
