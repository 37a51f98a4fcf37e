/* The job is put in first and the row moved to it after: killed between the two, a job is left that
 * is judged for nobody. The row says which job it had, so of two who regrade at once one moves it,
 * and the other takes his job back. */
#include "regrade.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "jobs_parts.h"

#include <string.h>

enum { CHUNK = 20 };

struct old {
    int64_t handin, job;
    char *learner, *needs;
    struct buf payload;
};

static void old_release(struct old *o)
{
    mem_free(o->learner);
    mem_free(o->needs);
    buf_release(&o->payload);
}

/* Up to CHUNK of them behind the hand-in `after`; how many. */
static int read_chunk(struct jobs *q, const char *track, const char *task, int64_t after,
                      struct old list[CHUNK], struct err *err)
{
    const struct store_value v[] = {store_text(track), store_text(task), store_integer(after),
                                    store_integer(CHUNK)};
    struct store_rows *rows = NULL;
    int count = 0;
    int status = store_query(q->store, "regrade_list", v, 4, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        struct old *o = &list[count++];
        *o = (struct old){.handin = store_row_integer(rows, 0), .job = store_row_integer(rows, 1)};
        o->learner = mem_strdup(store_row_text(rows, 2));
        o->needs = mem_strdup(store_row_text(rows, 3));
        buf_add_str(&o->payload, store_row_str(rows, 4));
        status = 0;
    }
    store_rows_close(rows);
    while (status < 0 && count > 0)
        old_release(&list[--count]);
    return status < 0 ? status : count;
}

/* 1: it waits now; 0: somebody else was first. */
static int judge_again(struct jobs *q, const struct old *o, struct err *err)
{
    const struct job_spec spec = {.learner = o->learner,
                                  .topic = "",
                                  .needs = o->needs,
                                  .priority = JOB_REGRADE,
                                  .payload = buf_str(&o->payload)};
    struct store_value v[3];
    struct err ignored;
    int64_t job = 0;
    int moved, status = jobs_put(q, &spec, &job, err);

    if (status < 0)
        return status;
    v[0] = store_integer(o->handin);
    v[1] = store_integer(o->job);
    v[2] = store_integer(job);
    moved = store_do(q->store, "regrade_move", v, 3, err);
    if (moved <= 0)
        jobs_cancel(q, job, &ignored);
    return moved;
}

int regrade_task(struct jobs *q, const char *track, const char *task, struct err *err)
{
    struct old list[CHUNK];
    int64_t after = 0;
    int count, i, status = 0, put = 0;

    do {
        count = read_chunk(q, track, task, after, list, err);
        for (i = 0; i < count; i++) {
            if (status >= 0)
                status = judge_again(q, &list[i], err);
            put += status > 0;
            after = list[i].handin;
            old_release(&list[i]);
        }
    } while (status >= 0 && count == CHUNK);
    return count < 0 ? count : status < 0 ? status : put;
}
