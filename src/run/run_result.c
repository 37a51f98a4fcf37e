#include "run.h"

#include "../base/mem.h"
#include "../check/history.h"

void run_result_free(struct run_result *r)
{
    uint32_t i;

    if (r == NULL)
        return;
    for (i = 0; i < r->check_count; i++) {
        mem_free(r->checks[i].name);
        verdict_release(&r->checks[i].verdict);
    }
    mem_free(r->checks);
    verdict_release(&r->stats);
    verdict_release(&r->availability);
    history_free(r->history);
    json_decref(r->notes);
    json_decref(r->decisions);
    mem_free(r->sentence);
    mem_free(r->blame);
    mem_free(r->workload);
    mem_free(r);
}
