#include "session.h"

#include "../base/err.h"
#include "../store/store.h"
#include "accounts.h"

#include <string.h>

int session_begin(struct accounts *a, int64_t person, char ret_token[SECRET_TEXT_SIZE],
                  struct err *err)
{
    int64_t now = accounts_now(a);
    char token[SECRET_TEXT_SIZE], hash[SECRET_HASH_SIZE];
    const struct store_value trim[] = {store_integer(person), store_integer(SESSIONS_MAX)};
    const struct store_value seen[] = {store_integer(person), store_integer(now)};
    struct store_value v[5];
    int status;

    secret_new(token);
    v[0] = store_text(secret_hash(str_of(token), hash));
    v[1] = store_integer(person);
    v[2] = store_integer(now);
    v[3] = store_integer(now + SESSION_IDLE_MS);
    v[4] = store_integer(now + SESSION_WHOLE_MS);
    status = store_do(a->store, "session_add", v, 5, err);
    if (status == 1)
        status = accounts_also(store_do(a->store, "session_trim", trim, 2, err));
    if (status == 1)
        status = accounts_also(store_do(a->store, "person_seen", seen, 2, err));
    if (status == 1)
        memcpy(ret_token, token, sizeof(token));
    secret_forget(token, sizeof(token));
    return status;
}

/* It was used: its end moves on, and the person was seen. */
static int touch(struct accounts *a, const char *hash, int64_t person, struct err *err)
{
    int64_t now = accounts_now(a);
    const struct store_value v[] = {store_text(hash), store_integer(now),
                                    store_integer(now + SESSION_IDLE_MS)};
    const struct store_value seen[] = {store_integer(person), store_integer(now)};
    int status = store_do(a->store, "session_touch", v, 3, err);

    return status < 0 ? status : store_do(a->store, "person_seen", seen, 2, err);
}

int session_person(struct accounts *a, struct str token, struct person *ret_person, struct err *err)
{
    int64_t now = accounts_now(a), seen_ms = now;
    char hash[SECRET_HASH_SIZE];
    struct person person = {0};
    struct store_rows *rows = NULL;
    struct store_value v[2];
    int status;

    if (token.len != SECRET_TEXT_SIZE - 1)
        return 0;
    v[0] = store_text(secret_hash(token, hash));
    v[1] = store_integer(now);
    status = store_query(a->store, "session_get", v, 2, &rows, err);
    if (status == 0)
        status = store_next(rows, err);
    if (status == 1) {
        person.id = store_row_integer(rows, 0);
        strncat(person.name, store_row_text(rows, 1), PERSON_NAME_MAX);
        person.role = (enum role)store_row_integer(rows, 2);
        seen_ms = store_row_integer(rows, 3);
    }
    store_rows_close(rows);
    if (status == 1 && now - seen_ms >= SESSION_TOUCH_MS)
        status = accounts_also(touch(a, hash, person.id, err));
    if (status == 1)
        *ret_person = person;
    return status;
}

int session_end(struct accounts *a, struct str token, struct err *err)
{
    char hash[SECRET_HASH_SIZE];
    const struct store_value v = store_text(secret_hash(token, hash));

    return store_do(a->store, "session_end", &v, 1, err);
}

int session_end_all(struct accounts *a, int64_t person, struct err *err)
{
    const struct store_value v = store_integer(person);

    return store_do(a->store, "session_end_all", &v, 1, err);
}

int session_list(struct accounts *a, int64_t person,
                 void (*each)(void *owner, int64_t made_ms, int64_t seen_ms), void *owner,
                 struct err *err)
{
    const struct store_value v[] = {store_integer(person), store_integer(accounts_now(a))};
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "session_list", v, 2, &rows, err), count = 0;

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        each(owner, store_row_integer(rows, 0), store_row_integer(rows, 1));
        count++;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}

int session_sweep(struct accounts *a, struct err *err)
{
    const struct store_value v = store_integer(accounts_now(a));

    return store_do(a->store, "session_sweep", &v, 1, err);
}
