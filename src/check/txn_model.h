/* txn_model.h - consistency models by name, the anomalies that each forbids, and which implies
 * which.
 *
 * Names, aliases and relations are those of Elle (Adya's thesis of 1999, Bailis and others 2014,
 * Cerone and others 2015); two anomalies are ours and forbidden by every model: garbage-read, a
 * value that nobody wrote, and malformed-txn, a reply that is no answer to what was asked. Sets of
 * models and of anomalies are bit masks. Pure tables; nothing to release. */
#ifndef CHECK_TXN_MODEL_H
#define CHECK_TXN_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* In order of weight: of several anomalies a verdict's sentence tells the first. Each cycle comes
 * in three variants, one after the other: from data alone, with the order of a process, and with
 * real time. */
enum txn_anomaly {
    TXN_MALFORMED,
    TXN_GARBAGE_READ,
    TXN_DUPLICATE_ELEMENTS,
    TXN_CYCLIC_VERSIONS,
    TXN_INCOMPATIBLE_ORDER,
    TXN_DIRTY_UPDATE,
    TXN_G1A,
    TXN_G1B,
    TXN_FUTURE_READ,
    TXN_G0,
    TXN_G1C = TXN_G0 + 3,
    TXN_INTERNAL = TXN_G1C + 3,
    TXN_LOST_UPDATE,
    TXN_G_SINGLE_ITEM,
    TXN_G_NONADJACENT_ITEM = TXN_G_SINGLE_ITEM + 3,
    TXN_G2_ITEM = TXN_G_NONADJACENT_ITEM + 3,
    TXN_FOUND_COUNT = TXN_G2_ITEM + 3, /* those from here on are only implied by others */
    TXN_G_SINGLE = TXN_FOUND_COUNT,
    TXN_G_NONADJACENT = TXN_G_SINGLE + 3,
    TXN_G2 = TXN_G_NONADJACENT + 3,
    TXN_G1 = TXN_G2 + 3,
    TXN_WRITE_SKEW = TXN_G1 + 3,
    TXN_ANOMALY_COUNT,
};

enum { TXN_PROCESS = 1, TXN_REALTIME = 2 }; /* added to a cycle's anomaly: its variant */

#define TXN_BIT(anomaly) ((uint64_t)1 << (anomaly))

const char *txn_anomaly_name(enum txn_anomaly anomaly); /* "G-single-item-realtime" */
/* What it means, to follow the name: "a read of a value whose write had failed". */
const char *txn_anomaly_meaning(enum txn_anomaly anomaly);
/* The anomalies, and all that their presence implies. */
uint64_t txn_implied(uint64_t anomalies);

/* Whether name is a model or an alias of one; upper and lower case differ, as in Maelstrom. */
bool txn_model_known(const char *name);
/* ERR_INPUT, and a sentence with the names nearest to name. 0 if name is known. */
int txn_model_check(const char *name, struct err *err);

/* The set of a model, by any of its names; 0 if there is none. */
uint64_t txn_model_set(const char *name, size_t name_len);
/* The models, and all that they imply. */
uint64_t txn_models_implied(uint64_t models);
/* The anomalies that may not be there if all these models are to hold, those included that only
 * imply a forbidden one. */
uint64_t txn_forbidden(uint64_t models);
/* The models that cannot hold if these anomalies are there. */
uint64_t txn_refuted(uint64_t anomalies);
/* Of these models, those that imply no other of them. */
uint64_t txn_weakest(uint64_t models);
/* Some models of Elle's forbid no anomaly that a history of transactions could show (linearizable,
 * causal, ...). They hold where a stronger model holds that can be judged; the models, each of
 * which implies model and can be judged. model itself if it can be. */
uint64_t txn_judges(uint64_t model);

/* The friendly name of the model whose bit is model. */
const char *txn_model_name(unsigned model);
enum { TXN_MODEL_MAX = 64 };

#endif
