#include "classes.h"

#include "../base/err.h"
#include "../store/store.h"
#include "accounts.h"
#include "link.h"
#include "shown.h"

#include <string.h>

const char *title_problem(struct str title)
{
    size_t i, signs = 0;

    for (i = 0; i < title.len; i++)
        signs += title.data[i] != ' ';
    if (signs == 0)
        return "A title is needed.";
    if (title.len > CLASS_TITLE_MAX)
        return "The title is too long; 120 bytes are the most.";
    if (!text_can_be_shown(title))
        return "The title has a sign in it that cannot be shown.";
    return NULL;
}

int class_add(struct accounts *a, struct str title, int64_t teacher, int64_t *ret_id,
              struct err *err)
{
    const struct store_value v[] = {store_str(title), store_integer(accounts_now(a))};
    const char *problem = title_problem(title);
    int64_t id = 0;
    int status;

    if (problem != NULL)
        return accounts_refuse(err, problem);
    status = store_begin(a->store, err);
    if (status < 0)
        return status;
    status = store_ask(a->store, "class_add", v, 2, &id, err);
    if (status == 1)
        status = class_join(a, id, teacher, true, err);
    status = accounts_settle(a, status, err);
    if (status == 1)
        *ret_id = id;
    return status;
}

static void read_class(const struct store_rows *rows, struct class_view *ret)
{
    *ret = (struct class_view){
        .id = store_row_integer(rows, 0),
        .made_ms = store_row_integer(rows, 2),
        .learner_count = store_row_integer(rows, 3),
        .part = (enum class_part)store_row_integer(rows, 4),
    };
    strncat(ret->title, store_row_text(rows, 1), CLASS_TITLE_MAX);
}

int class_find(struct accounts *a, int64_t id, int64_t person, struct class_view *ret_class,
               struct err *err)
{
    const struct store_value v[] = {store_integer(id), store_integer(person)};
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "class_get", v, 2, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        read_class(rows, ret_class);
    store_rows_close(rows);
    return status;
}

int class_list(struct accounts *a, int64_t person, bool all,
               void (*each)(void *owner, const struct class_view *c), void *owner, struct err *err)
{
    const struct store_value v[] = {store_integer(person), store_integer(all),
                                    store_integer(CLASS_LIST_MAX)};
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "class_list", v, 3, &rows, err), count = 0;

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        struct class_view c;
        read_class(rows, &c);
        each(owner, &c);
        count++;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}

int class_set_title(struct accounts *a, int64_t id, struct str title, struct err *err)
{
    const struct store_value v[] = {store_integer(id), store_str(title)};
    const char *problem = title_problem(title);

    return problem != NULL ? accounts_refuse(err, problem)
                           : store_do(a->store, "class_set_title", v, 2, err);
}

int class_delete(struct accounts *a, int64_t id, struct err *err)
{
    static const char *const parts[] = {"class_delete_assignment_tasks", "class_delete_assignments",
                                        "class_delete_members", "link_end_of_class"};
    const struct store_value v = store_integer(id);
    size_t i;
    int status = store_begin(a->store, err);

    if (status < 0)
        return status;
    status = store_do(a->store, "class_delete", &v, 1, err);
    for (i = 0; status == 1 && i < sizeof(parts) / sizeof(parts[0]); i++)
        status = accounts_also(store_do(a->store, parts[i], &v, 1, err));
    return accounts_settle(a, status, err);
}

/* ---- members ---- */

static int part_of(struct accounts *a, int64_t id, int64_t person, int64_t *ret_teaches,
                   struct err *err)
{
    const struct store_value v[] = {store_integer(id), store_integer(person)};

    return store_ask(a->store, "class_member_get", v, 2, ret_teaches, err);
}

int class_join(struct accounts *a, int64_t id, int64_t person, bool teaches, struct err *err)
{
    const struct store_value v[] = {store_integer(id), store_integer(person),
                                    store_integer(teaches), store_integer(accounts_now(a)),
                                    store_integer(CLASS_MEMBERS_MAX)};
    int64_t part = 0;
    int status = store_do(a->store, "class_join", v, 5, err);

    if (status == 0)
        status = part_of(a, id, person, &part, err);
    return status == 0 ? accounts_refuse(err, "There is no such class any more, or it is full.")
                       : status;
}

/* Within a transaction. */
static int join_by_link(struct accounts *a, struct str token, int64_t person, int64_t *ret_id,
                        struct err *err)
{
    struct link link = {0};
    int64_t part = 0;
    int status = link_find(a, token, LINK_CLASS, &link, err);

    if (status == 1) {
        *ret_id = link.class_id;
        status = part_of(a, link.class_id, person, &part, err);
        if (status != 0)
            return status; /* he is in */
        status = link_use(a, &link, err);
    }
    if (status == 0)
        return accounts_refuse(
            err, "This link is used up or too old, or its address is not whole; ask the "
                 "teacher for a new one.");
    return status < 0 ? status : class_join(a, link.class_id, person, false, err);
}

int class_join_by_link(struct accounts *a, struct str token, int64_t person, int64_t *ret_id,
                       struct err *err)
{
    int64_t id = 0;
    int status = store_begin(a->store, err);

    if (status < 0)
        return status;
    status = accounts_settle(a, join_by_link(a, token, person, &id, err), err);
    if (status == 1)
        *ret_id = id;
    return status;
}

int class_leave(struct accounts *a, int64_t id, int64_t person, struct err *err)
{
    const struct store_value v[] = {store_integer(id), store_integer(person)};
    int status = store_do(a->store, "class_leave", v, 2, err);

    return status != 0
               ? status
               : accounts_refuse(err, "This person is not in the class, or is its last teacher; a "
                                      "class needs one until it is deleted.");
}

int class_members(struct accounts *a, int64_t id,
                  void (*each)(void *owner, const struct class_member *m), void *owner,
                  struct err *err)
{
    const struct store_value v = store_integer(id);
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "class_members", &v, 1, &rows, err), count = 0;

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        struct class_member m = {
            .person = store_row_integer(rows, 0),
            .name = store_row_text(rows, 1),
            .full_name = store_row_text(rows, 2),
            .teaches = store_row_integer(rows, 3) != 0,
            .joined_ms = store_row_integer(rows, 4),
            .seen_ms = store_row_integer(rows, 5),
        };
        each(owner, &m);
        count++;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}

int class_teaches(struct accounts *a, int64_t teacher, int64_t person, struct err *err)
{
    const struct store_value v[] = {store_integer(teacher), store_integer(person)};
    int64_t one = 0;

    return store_ask(a->store, "class_teaches", v, 2, &one, err);
}
