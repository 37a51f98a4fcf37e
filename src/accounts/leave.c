#include "leave.h"

#include "../base/err.h"
#include "../store/store.h"
#include "accounts.h"
#include "classes.h"
#include "identity.h"
#include "people.h"
#include "session.h"

#include <string.h>

/* ---- the export ---- */

static json_t *text(const char *t)
{
    json_t *value = json_string(t);

    return value != NULL ? value : json_string(""); /* not UTF-8 */
}

/* What was put in as JSON comes out as JSON; else as the text that it is. */
static json_t *embedded(const char *t)
{
    json_t *value = json_loads(t, JSON_DECODE_ANY, NULL);

    return value != NULL ? value : text(t);
}

static void add_identity(void *owner, struct str issuer, struct str subject, int64_t made_ms)
{
    json_array_append_new(owner, json_pack("{s:s%, s:s%, s:I}", "issuer", issuer.data, issuer.len,
                                           "subject", subject.data, subject.len, "made_ms",
                                           (json_int_t)made_ms));
}

static void add_session(void *owner, int64_t made_ms, int64_t seen_ms)
{
    json_array_append_new(owner, json_pack("{s:I, s:I}", "made_ms", (json_int_t)made_ms, "seen_ms",
                                           (json_int_t)seen_ms));
}

static void add_class(void *owner, const struct class_view *c)
{
    json_array_append_new(owner, json_pack("{s:I, s:o, s:b}", "id", (json_int_t)c->id, "title",
                                           text(c->title), "teaches", c->part == CLASS_TEACHER));
}

/* The columns of a statement's rows as members of objects: "name" a text, "#name" a number, "{name"
 * JSON that was kept as text. */
static int add_rows(struct accounts *a, const char *statement, int64_t person,
                    const char *const *columns, json_t *into, struct err *err)
{
    const struct store_value v = store_integer(person);
    struct store_rows *rows = NULL;
    int status = store_query(a->store, statement, &v, 1, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        json_t *row = json_object();
        uint32_t i;
        for (i = 0; columns[i] != NULL; i++) {
            const char *name = columns[i];
            if (name[0] == '#')
                json_object_set_new(row, name + 1, json_integer(store_row_integer(rows, i)));
            else if (name[0] == '{')
                json_object_set_new(row, name + 1, embedded(store_row_text(rows, i)));
            else
                json_object_set_new(row, name, text(store_row_text(rows, i)));
        }
        json_array_append_new(into, row);
        status = 0;
    }
    store_rows_close(rows);
    return status;
}

static const char *const progress_columns[] = {"track",       "task",      "language", "folder",
                                               "state",       "#attempts", "#hints",   "#passed_at",
                                               "#changed_at", NULL};
static const char *const draft_columns[] = {"track",       "task",   "language", "#version",
                                            "#changed_ms", "{files", NULL};
static const char *const handin_columns[] = {"#id",      "kind",     "track",    "task",
                                             "language", "#put_ms",  "#over_ms", "verdict",
                                             "sentence", "{payload", "{result",  NULL};
static const char *const play_columns[] = {"address",  "#put_ms", "#over_ms",
                                           "{payload", "{result", NULL};

/* A new list below this name. */
static json_t *list_in(json_t *object, const char *name)
{
    json_t *list = json_array();

    json_object_set_new(object, name, list);
    return list;
}

int person_export(struct accounts *a, int64_t person, json_t **ret_export, struct err *err)
{
    struct account account;
    json_t *all;
    int status = people_find(a, person, &account, err);

    if (status != 1)
        return status;
    all = json_pack("{s:i, s:I, s:{s:I, s:o, s:o, s:s, s:b, s:I, s:I}}", "eddy", 1, "exported_ms",
                    (json_int_t)accounts_now(a), "account", "id", (json_int_t)person, "name",
                    text(account.person.name), "full_name", text(account.full_name), "role",
                    role_text(account.person.role), "password", account.has_password, "made_ms",
                    (json_int_t)account.made_ms, "seen_ms", (json_int_t)account.seen_ms);
    status = identity_list(a, person, add_identity, list_in(all, "identities"), err);
    if (status >= 0)
        status = session_list(a, person, add_session, list_in(all, "sessions"), err);
    if (status >= 0)
        status = class_list(a, person, false, add_class, list_in(all, "classes"), err);
    if (status >= 0)
        status =
            add_rows(a, "export_progress", person, progress_columns, list_in(all, "progress"), err);
    if (status >= 0)
        status = add_rows(a, "export_drafts", person, draft_columns, list_in(all, "drafts"), err);
    if (status >= 0)
        status =
            add_rows(a, "export_handins", person, handin_columns, list_in(all, "submissions"), err);
    if (status >= 0)
        status = add_rows(a, "export_plays", person, play_columns, list_in(all, "runs"), err);
    if (status < 0) {
        json_decref(all);
        return status;
    }
    *ret_export = all;
    return 1;
}

/* ---- the end ---- */

/* In this order: sums are taken before what they count goes, and the queue before the rows that say
 * which jobs were his. A worker that is judging one hears at its next beat that the job is gone. */
static const char *const steps[] = {
    "gone_add",          "gone_job_events", "gone_job_files",      "gone_jobs",
    "gone_handins",      "gone_plays",      "gone_drafts",         "gone_progress",
    "gone_results",      "class_leave_all", "identity_delete_all", "session_end_all",
    "link_forget_maker",
};

int person_delete(struct accounts *a, int64_t person, struct err *err)
{
    const struct store_value v = store_integer(person);
    int64_t ignored;
    size_t i;
    int status = store_begin(a->store, err);

    if (status < 0)
        return status;
    status = store_ask(a->store, "person_admins_lock", NULL, 0, &ignored, err);
    if (status >= 0)
        status = store_do(a->store, "person_delete", &v, 1, err);
    if (status == 0)
        accounts_refuse(err, "There is nobody of this number, or it is the last admin; make "
                             "somebody else an admin first.");
    for (i = 0; status == 1 && i < sizeof(steps) / sizeof(steps[0]); i++)
        status = accounts_also(store_do(a->store, steps[i], &v, 1, err));
    return accounts_settle(a, status, err);
}
