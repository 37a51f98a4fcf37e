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
    for (i = 0; i < r->step_count; i++)
        mem_free(r->steps[i].name);
    mem_free(r->steps);
    if (r->failure != NULL) {
        mem_free(r->failure->what);
        mem_free(r->failure->expected);
        mem_free(r->failure->seen);
        mem_free(r->failure->node);
        json_decref(r->failure->messages);
        json_decref(r->failure->evidence);
        mem_free(r->failure);
    }
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
