#include "txn_mops.h"

#include "txn_history.h"

#include "../base/mem.h"

#include <string.h>

void txn_link_mops(const struct txn_history *t, uint32_t *ret_before, uint32_t *ret_final)
{
    uint32_t *latest = mem_alloc(t->key_count * sizeof(*latest) + 1);
    uint32_t *latest_write = mem_alloc(t->key_count * sizeof(*latest) + 1);
    uint32_t txn, mop;

    memset(latest, 0xff, t->key_count * sizeof(*latest));
    memset(latest_write, 0xff, t->key_count * sizeof(*latest));
    for (txn = 0; txn < t->txn_count; txn++)
        for (mop = t->txns[txn].mop_begin; mop < t->txns[txn].mop_begin + t->txns[txn].mop_count;
             mop++) {
            uint32_t key = t->mops[mop].key;
            bool is_own = latest[key] != TXN_NONE && latest[key] >= t->txns[txn].mop_begin;
            ret_before[mop] = is_own ? latest[key] : TXN_NONE;
            latest[key] = mop;
            if (t->mops[mop].f != TXN_WRITE)
                continue;
            ret_final[t->mops[mop].value] = 1;
            if (latest_write[key] != TXN_NONE && latest_write[key] >= t->txns[txn].mop_begin)
                ret_final[t->mops[latest_write[key]].value] = 0;
            latest_write[key] = mop;
        }
    mem_free(latest);
    mem_free(latest_write);
}

uint32_t txn_of_mop(const struct txn_history *t, uint32_t mop)
{
    uint32_t low = 0, high = t->txn_count;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (t->txns[middle].mop_begin <= mop)
            low = middle;
        else
            high = middle;
    }
    return low;
}
