/* Dependencies between transactions say nothing of this: a list [2,1] of which one transaction
 * appended both, 1 first, has no second transaction in it. Elle passes it over; serial execution
 * of whole transactions cannot give it. */
#include "txn_own_order.h"

#include "txn_history.h"
#include "txn_plant.h"
#include "txn_report.h"
#include "verdict.h"

#include "../base/mem.h"

#include <string.h>

static void report(const struct txn_history *t, struct txn_report *r, uint32_t txn, uint32_t first,
                   uint32_t second, const uint32_t *position)
{
    char who[TXN_WHO_SIZE], key[TXN_WHO_SIZE], one[TXN_WHO_SIZE], other[TXN_WHO_SIZE];

    if (!txn_report_wants(r, TXN_INCOMPATIBLE_ORDER))
        return;
    txn_report_add(
        r, TXN_INCOMPATIBLE_ORDER,
        json_pack("{s:o,s:[o],s:[o,o]}", "key", verdict_value(txn_key_text(t, t->mops[first].key)),
                  "txns", txn_json(t, txn), "mops", txn_mop_json(t, first),
                  txn_mop_json(t, second)),
        "%s appended %s to key %s and then %s, but the list has %s", txn_who(t, txn, who),
        txn_value_word(t, t->mops[first].value, one), txn_key_word(t, t->mops[first].key, key),
        txn_value_word(t, t->mops[second].value, other),
        position[t->mops[first].value] == TXN_NONE ? "only the second of them"
                                                   : "the second before the first");
}

void txn_own_order(const struct txn_history *t, struct txn_report *r, const uint32_t *position,
                   const uint32_t *witness)
{
    uint32_t *latest = mem_alloc(t->key_count * sizeof(*latest) + 1); /* append, by key */
    uint32_t txn, mop;

    memset(latest, 0xff, t->key_count * sizeof(*latest));
    for (txn = 0; txn < t->txn_count; txn++) {
        uint32_t begin = t->txns[txn].mop_begin;
        uint32_t end = begin + t->txns[txn].mop_count;
        if (t->txns[txn].status == TXN_FAILED)
            continue;
        for (mop = begin; mop < end; mop++) {
            const struct txn_mop *m = &t->mops[mop];
            uint32_t before = latest[m->key];
            if (m->f != TXN_WRITE)
                continue;
            latest[m->key] = mop;
            if (before == TXN_NONE || before < begin || position[m->value] == TXN_NONE ||
                (witness[m->key] >= begin && witness[m->key] < end))
                continue;
            if (position[t->mops[before].value] > position[m->value] && !TXN_PLANTED(23))
                report(t, r, txn, before, mop, position); /* TXN_NONE is the greatest number */
        }
    }
    mem_free(latest);
}
