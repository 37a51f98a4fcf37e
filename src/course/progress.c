#include "progress.h"

#include "../base/err.h"
#include "../store/store.h"
#include "plant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

int progress_path(struct buf *out, struct err *err)
{
    const char *state = getenv("EDDY_STATE");
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");

    if (state != NULL && state[0] != '\0')
        buf_addf(out, "%s/progress.db", state);
    else if (data != NULL && data[0] == '/')
        buf_addf(out, "%s/eddy/progress.db", data);
    else if (home != NULL && home[0] == '/')
        buf_addf(out, "%s/.local/share/eddy/progress.db", home);
    else
        return err_set(err, ERR_INPUT,
                       "HOME names no folder, so there is no place for your progress; set "
                       "EDDY_STATE to a folder for it");
    return 0;
}

/* The machine's reason, and what one can do. */
static void add_advice(struct err *err)
{
    struct err why = *err;

    err_set(err, ERR_MACHINE, "%s; progress is kept there, and EDDY_STATE may name another folder",
            why.text);
}

int progress_open(struct store **ret_store, struct err *err)
{
    struct buf path = {0};
    int status = progress_path(&path, err);

    if (status == 0)
        status = store_open(path.data, ret_store, err);
    if (status == ERR_MACHINE)
        add_advice(err);
    buf_release(&path);
    return status;
}

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

enum { KEY_LEN = 5, RESULT_LEN = 11 };

static void put_key(const struct progress_key *k, struct store_value *v)
{
    v[0] = store_integer(k->person);
    v[1] = store_text(k->track);
    v[2] = store_text(k->task);
    v[3] = store_text(k->language);
    v[4] = store_text(k->folder);
}

int progress_get(struct store *s, const struct progress_key *k, struct progress *ret_progress,
                 struct err *err)
{
    struct store_value v[KEY_LEN];
    struct store_rows *rows = NULL;
    struct progress p = {0};
    int status;

    put_key(k, v);
    status = store_query(s, "progress_get", v, KEY_LEN, &rows, err);
    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        p = (struct progress){
            .begun = true,
            .passed = strcmp(store_row_text(rows, 0), "passed") == 0,
            .attempts = (uint32_t)store_row_integer(rows, 1),
            .hints = (uint32_t)store_row_integer(rows, 2),
            .passed_at = store_row_integer(rows, 3),
        };
    store_rows_close(rows);
    if (status < 0)
        return status;
    *ret_progress = p;
    return 0;
}

/* A statement whose last value is a time. */
static int touch_at(struct store *s, const char *name, const struct progress_key *k, int64_t at,
                    struct err *err)
{
    struct store_value v[KEY_LEN + 1];
    int status;

    put_key(k, v);
    v[KEY_LEN] = store_integer(at);
    status = store_do(s, name, v, KEY_LEN + 1, err);
    return status < 0 ? status : 0;
}

static int touch(struct store *s, const char *name, const struct progress_key *k, struct err *err)
{
    return touch_at(s, name, k, now(), err);
}

int progress_begin(struct store *s, const struct progress_key *k, struct err *err)
{
    return touch(s, "progress_begin", k, err);
}

static int add_result(struct store *s, const struct progress_key *k,
                      const struct progress_result *r, struct err *err)
{
    static const char *const words[] = {"passed", "failed", "not built"};
    struct store_value v[RESULT_LEN];
    uint64_t random = 0;
    char id[48];
    int status;

    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        return err_set_errno(err, ERR_MACHINE, "no random number to be had");
    snprintf(id, sizeof(id), "%016llx%016llx", (unsigned long long)now(),
             (unsigned long long)random);
    v[0] = store_text(id);
    put_key(k, v + 1);
    v[6] = store_integer(now());
    v[7] = store_text(words[r->verdict]);
    v[8] = store_text(r->step);
    v[9] = store_integer((int64_t)r->seed);
    v[10] = store_text(r->report);
    status = store_do(s, "result_add", v, RESULT_LEN, err);
    return status < 0 ? status : 0;
}

int progress_note(struct store *s, const struct progress_key *k, const struct progress_result *r,
                  struct err *err)
{
    int status = touch(s, "progress_begin", k, err);

    if (status == 0)
        status = touch(s, "progress_attempt", k, err);
    if (status == 0 && (r->verdict == PROGRESS_PASSED || PLANTED(7)))
        status = touch(s, "progress_pass", k, err);
    if (status == 0)
        status = add_result(s, k, r, err);
    return status;
}

int progress_note_again(struct store *s, const struct progress_key *k, bool passed, int64_t at,
                        struct err *err)
{
    return passed ? touch_at(s, "progress_pass_late", k, at, err) : 0;
}

int progress_add(struct store *s, const struct progress_key *k, const struct progress_result *r,
                 struct err *err)
{
    int status = store_begin(s, err);

    if (status < 0)
        return status;
    status = progress_note(s, k, r, err);
    if (status == 0)
        status = store_commit(s, err);
    if (status < 0)
        store_rollback(s);
    return status;
}

int progress_set_hints(struct store *s, const struct progress_key *k, uint32_t hints,
                       struct err *err)
{
    struct store_value v[KEY_LEN + 2];
    int status = progress_begin(s, k, err);

    put_key(k, v);
    v[KEY_LEN] = store_integer(hints);
    v[KEY_LEN + 1] = store_integer(now());
    if (status == 0)
        status = store_do(s, "progress_hint", v, KEY_LEN + 2, err);
    return status < 0 ? status : 0;
}

int progress_count(struct store *s, const char *track, uint32_t *ret_count, struct err *err)
{
    struct store_value nobody_else = store_integer(0);
    struct store_rows *rows = NULL;
    uint32_t count = 0;
    int status = store_query(s, "progress_passed", &nobody_else, 1, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        if (strcmp(store_row_text(rows, 0), track) == 0)
            count = (uint32_t)store_row_integer(rows, 1);
        status = 0;
    }
    store_rows_close(rows);
    if (status < 0)
        return status;
    *ret_count = count;
    return 0;
}

int progress_tasks(struct store *s, int64_t person,
                   void (*each)(void *owner, const char *track, const char *task, bool passed),
                   void *owner, struct err *err)
{
    struct store_value key = store_integer(person);
    struct store_rows *rows = NULL;
    int status = store_query(s, "progress_tasks", &key, 1, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        each(owner, store_row_text(rows, 0), store_row_text(rows, 1),
             strcmp(store_row_text(rows, 2), "passed") == 0);
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : 0;
}

/* ---- by day ---- */

enum { DAY_SECONDS = 86400 };

int64_t progress_today(void)
{
    return now() / DAY_SECONDS;
}

int progress_days(struct store *s, int64_t person, int64_t since,
                  void (*each)(void *owner, const struct progress_day *day), void *owner,
                  struct err *err)
{
    struct store_value values[] = {store_integer(person), store_integer(since * DAY_SECONDS)};
    struct store_rows *rows = NULL;
    int status = store_query(s, "progress_days", values, 2, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        struct progress_day day = {store_row_integer(rows, 0), (uint32_t)store_row_integer(rows, 1),
                                   (uint32_t)store_row_integer(rows, 2)};
        each(owner, &day);
        status = 0;
    }
    store_rows_close(rows);
    return status;
}
