#include "errands.h"

#include "../base/err.h"
#include "../store/store.h"
#include "jobs_parts.h"

#include <stdio.h>

static void copy(const struct store_rows *rows, uint32_t column, char *into, size_t size)
{
    snprintf(into, size, "%s", store_row_text(rows, column));
}

static void read_row(const struct store_rows *rows, struct errand *e)
{
    *e = (struct errand){.job = store_row_integer(rows, 0), .handin = store_row_integer(rows, 1)};
    copy(rows, 2, e->kind, sizeof(e->kind));
    copy(rows, 3, e->track, sizeof(e->track));
    copy(rows, 4, e->task, sizeof(e->task));
    copy(rows, 5, e->language, sizeof(e->language));
    copy(rows, 6, e->play, sizeof(e->play));
}

int errands_list(struct jobs *q, enum job_state state, uint32_t limit,
                 void (*each)(void *owner, const struct errand *e), void *owner, struct err *err)
{
    const struct store_value v[] = {store_integer(limit), store_text(jobs_state_word(state))};
    bool queued = state == JOB_QUEUED;
    struct store_rows *rows = NULL;
    struct errand e;
    int count = 0;
    int status = store_query(q->store, queued ? "errand_list_queued" : "errand_list", v,
                             queued ? 1 : 2, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        read_row(rows, &e);
        each(owner, &e);
        count++;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}
