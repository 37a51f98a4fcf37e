/* A worker's life is a row: written when it begins, renewed every MACHINE_BEAT_MS, gone when it
 * ends in order. One that was killed leaves its row behind; the next life in its folder takes it
 * away (worker.c knows the former name), and what nobody comes for is forgotten after a day. Until
 * then it is shown as silent, which is what whoever looks wants to know.
 *
 * That a beat also tells the queue's clients "something changed" (SQLite's data_version) costs each
 * a look every few seconds, and no more. */
#include "machines.h"

#include "../base/err.h"
#include "jobs_parts.h"

#include <string.h>

int machines_beat(struct jobs *q, const char *name, const struct machine *m, struct err *err)
{
    const struct store_value values[] = {
        store_text(name),
        store_text(m->sandbox),
        store_text(m->tools),
        store_integer(m->jobs),
        store_integer(m->draining),
        store_integer(m->cache_bytes),
        store_integer(m->free_bytes),
    };
    int changed;

    if (strlen(m->tools) > MACHINE_TOOLS_MAX || !jobs_is_text(str_of(m->tools)))
        return err_set(err, ERR_INPUT, "what the worker says of its tools is longer than %d bytes",
                       MACHINE_TOOLS_MAX);
    changed = store_do(q->store, "machine_beat", values, 7, err);
    return changed < 0 ? changed : 0;
}

int machines_leave(struct jobs *q, const char *name, struct err *err)
{
    const struct store_value value = store_text(name);
    int changed = store_do(q->store, "machine_leave", &value, 1, err);

    return changed < 0 ? changed : 0;
}

int machines_forget(struct jobs *q, int64_t older_ms, struct err *err)
{
    const struct store_value value = store_integer(older_ms);

    return store_do(q->store, "machine_forget", &value, 1, err);
}

static struct machine_view view_of(const struct store_rows *rows)
{
    return (struct machine_view){
        .name = store_row_text(rows, 0),
        .machine = {.sandbox = store_row_text(rows, 1),
                    .tools = store_row_text(rows, 2),
                    .jobs = (uint32_t)store_row_integer(rows, 3),
                    .draining = store_row_integer(rows, 4) != 0,
                    .cache_bytes = store_row_integer(rows, 5),
                    .free_bytes = store_row_integer(rows, 6)},
        .began_ms = store_row_integer(rows, 7),
        .beat_ms = store_row_integer(rows, 8),
        .silent_ms = store_row_integer(rows, 9),
        .running = (uint32_t)store_row_integer(rows, 10),
    };
}

int machines_list(struct jobs *q, void (*each)(void *owner, const struct machine_view *view),
                  void *owner, struct err *err)
{
    struct store_rows *rows = NULL;
    int status = store_query(q->store, "machine_list", NULL, 0, &rows, err);
    int count = 0;

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        struct machine_view view = view_of(rows);
        each(owner, &view);
        count++;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}
