#include "run.h"

#include "../base/mem.h"
#include "../check/history.h"

static void failure_free(struct run_failure *f)
{
    if (f == NULL)
        return;
    failure_free(f->shortest);
    mem_free(f->what);
    mem_free(f->expected);
    mem_free(f->seen);
    mem_free(f->node);
    json_decref(f->messages);
    json_decref(f->evidence);
    mem_free(f);
}

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
    failure_free(r->failure);
    verdict_release(&r->stats);
    verdict_release(&r->availability);
    history_free(r->history);
    json_decref(r->notes);
    json_decref(r->decisions);
    mem_free(r->sentence);
    mem_free(r->blame);
    mem_free(r->stopped_node);
    mem_free(r->workload);
    mem_free(r);
}
