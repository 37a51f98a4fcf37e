#include "assignments.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../store/store.h"
#include "accounts.h"

#include <string.h>

/* NULL, or what is wrong with it. */
static const char *problem_of(const struct assignment *s)
{
    const char *problem = title_problem(str_of(s->title));
    uint32_t i, k;

    if (problem != NULL)
        return problem;
    if (s->task_count == 0 || s->task_count > ASSIGNMENT_TASKS_MAX)
        return "An assignment has 1 to 50 tasks.";
    if (s->due_ms < 0 || s->attempts_max < 0 || s->attempts_max > ASSIGNMENT_ATTEMPTS_MAX)
        return "The deadline is a moment after 1970, and 0 to 1000 attempts can count.";
    for (i = 0; i < s->task_count; i++)
        for (k = 0; k < i; k++)
            if (strcmp(s->tasks[i].track, s->tasks[k].track) == 0 &&
                strcmp(s->tasks[i].task, s->tasks[k].task) == 0)
                return "A task is in the assignment twice.";
    return NULL;
}

static int put_tasks(struct accounts *a, const struct assignment *s, struct err *err)
{
    const struct store_value id = store_integer(s->id);
    uint32_t i;
    int status = accounts_also(store_do(a->store, "assignment_tasks_delete", &id, 1, err));

    for (i = 0; status == 1 && i < s->task_count; i++) {
        const struct store_value v[] = {id, store_integer(i), store_text(s->tasks[i].track),
                                        store_text(s->tasks[i].task)};
        status = store_do(a->store, "assignment_task_add", v, 4, err);
    }
    return status;
}

/* A row and its number. 0: the class has too many, or is gone. */
static int add_row(struct accounts *a, struct assignment *s, struct err *err)
{
    const struct store_value v[] = {store_integer(s->class_id),     store_text(s->title),
                                    store_integer(s->due_ms),       store_integer(s->attempts_max),
                                    store_integer(accounts_now(a)), store_integer(ASSIGNMENTS_MAX)};
    int status = store_ask(a->store, "assignment_add", v, 6, &s->id, err);

    if (status == 1)
        s->made_ms = v[4].integer;
    return status == 0
               ? accounts_refuse(err, "This class is gone, or has as many assignments as one can "
                                      "have; delete one that is over.")
               : status;
}

static int change_row(struct accounts *a, const struct assignment *s, struct err *err)
{
    const struct store_value v[] = {store_integer(s->id), store_text(s->title),
                                    store_integer(s->due_ms), store_integer(s->attempts_max)};
    int status = store_do(a->store, "assignment_set", v, 4, err);

    return status == 0 ? accounts_refuse(err, "This assignment is gone.") : status;
}

int assignment_put(struct accounts *a, struct assignment *assignment, struct err *err)
{
    const char *problem = problem_of(assignment);
    int status;

    if (problem != NULL)
        return accounts_refuse(err, problem);
    status = store_begin(a->store, err);
    if (status < 0)
        return status;
    status = assignment->id == 0 ? add_row(a, assignment, err) : change_row(a, assignment, err);
    if (status == 1)
        status = put_tasks(a, assignment, err);
    return accounts_settle(a, status, err);
}

static void read_row(const struct store_rows *rows, struct assignment *ret)
{
    *ret = (struct assignment){
        .id = store_row_integer(rows, 0),
        .class_id = store_row_integer(rows, 1),
        .due_ms = store_row_integer(rows, 3),
        .attempts_max = store_row_integer(rows, 4),
        .made_ms = store_row_integer(rows, 5),
    };
    strncat(ret->title, store_row_text(rows, 2), CLASS_TITLE_MAX);
}

static int read_tasks(struct accounts *a, struct assignment *s, struct err *err)
{
    const struct store_value id = store_integer(s->id);
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "assignment_tasks", &id, 1, &rows, err);

    while (status == 0 && s->task_count < ASSIGNMENT_TASKS_MAX &&
           (status = store_next(rows, err)) == 1) {
        struct assignment_task *t = &s->tasks[s->task_count++];
        strncat(t->track, store_row_text(rows, 0), ASSIGNMENT_SLUG_MAX);
        strncat(t->task, store_row_text(rows, 1), ASSIGNMENT_SLUG_MAX);
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : 1;
}

int assignment_find(struct accounts *a, int64_t id, struct assignment *ret_assignment,
                    struct err *err)
{
    const struct store_value v = store_integer(id);
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "assignment_get", &v, 1, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        read_row(rows, ret_assignment);
    store_rows_close(rows);
    return status == 1 ? read_tasks(a, ret_assignment, err) : status;
}

int assignment_list(struct accounts *a, int64_t class_id,
                    void (*each)(void *owner, const struct assignment *assignment), void *owner,
                    struct err *err)
{
    const struct store_value v = store_integer(class_id);
    struct assignment *s = mem_alloc(sizeof(*s));
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "assignment_list", &v, 1, &rows, err), count = 0;

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        read_row(rows, s);
        status = read_tasks(a, s, err);
        if (status < 0)
            break;
        each(owner, s);
        count++;
        status = 0;
    }
    store_rows_close(rows);
    mem_free(s);
    return status < 0 ? status : count;
}

int assignment_delete(struct accounts *a, int64_t id, struct err *err)
{
    const struct store_value v = store_integer(id);
    int status = store_begin(a->store, err);

    if (status < 0)
        return status;
    status = store_do(a->store, "assignment_delete", &v, 1, err);
    if (status == 1)
        status = accounts_also(store_do(a->store, "assignment_tasks_delete", &v, 1, err));
    return accounts_settle(a, status, err);
}
