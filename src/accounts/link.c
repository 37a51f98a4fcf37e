#include "link.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../store/store.h"
#include "accounts.h"

#include <string.h>

int link_new(struct accounts *a, const struct link_spec *spec, char ret_token[SECRET_TEXT_SIZE],
             struct err *err)
{
    char token[SECRET_TEXT_SIZE], hash[SECRET_HASH_SIZE];
    int64_t now = accounts_now(a);
    int status;

    ASSERT(spec->uses >= 1 && spec->uses <= LINK_USES_MAX);
    secret_new(token);
    {
        const struct store_value v[] = {
            store_text(secret_hash(str_of(token), hash)),
            store_integer(spec->kind),
            store_integer(spec->role),
            store_integer(spec->class_id),
            store_integer(spec->person),
            store_integer(spec->maker),
            store_integer(spec->uses),
            store_integer(now),
            store_integer(now + spec->lasts_ms),
        };
        status = store_do(a->store, "link_add", v, 9, err);
    }
    if (status == 1)
        memcpy(ret_token, token, sizeof(token));
    secret_forget(token, sizeof(token));
    return status;
}

static void read_link(const struct store_rows *rows, struct link *ret)
{
    *ret = (struct link){
        .id = store_row_integer(rows, 0),
        .kind = (enum link_kind)store_row_integer(rows, 1),
        .role = (enum role)store_row_integer(rows, 2),
        .class_id = store_row_integer(rows, 3),
        .person = store_row_integer(rows, 4),
        .maker = store_row_integer(rows, 5),
        .uses_left = store_row_integer(rows, 6),
        .made_ms = store_row_integer(rows, 7),
        .until_ms = store_row_integer(rows, 8),
    };
}

static int find(struct accounts *a, const char *statement, const struct store_value *v,
                uint32_t count, struct link *ret_link, struct err *err)
{
    struct store_rows *rows = NULL;
    int status = store_query(a->store, statement, v, count, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        read_link(rows, ret_link);
    store_rows_close(rows);
    return status;
}

int link_find(struct accounts *a, struct str token, enum link_kind kind, struct link *ret_link,
              struct err *err)
{
    char hash[SECRET_HASH_SIZE];
    const struct store_value v[] = {store_text(secret_hash(token, hash)), store_integer(kind),
                                    store_integer(accounts_now(a))};

    return find(a, "link_find", v, 3, ret_link, err);
}

int link_find_id(struct accounts *a, int64_t id, struct link *ret_link, struct err *err)
{
    const struct store_value v[] = {store_integer(id), store_integer(accounts_now(a))};

    return find(a, "link_find_id", v, 2, ret_link, err);
}

int link_use(struct accounts *a, const struct link *link, struct err *err)
{
    const struct store_value v[] = {store_integer(link->id), store_integer(accounts_now(a))};

    return store_do(a->store, "link_use", v, 2, err);
}

int link_list(struct accounts *a, enum link_kind kind, int64_t maker, int64_t class_id,
              void (*each)(void *owner, const struct link *link), void *owner, struct err *err)
{
    const struct store_value v[] = {store_integer(kind), store_integer(maker),
                                    store_integer(class_id), store_integer(accounts_now(a)),
                                    store_integer(LINK_LIST_MAX)};
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "link_list", v, 5, &rows, err), count = 0;

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        struct link link;
        read_link(rows, &link);
        each(owner, &link);
        count++;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}

int link_end(struct accounts *a, int64_t id, struct err *err)
{
    const struct store_value v = store_integer(id);

    return store_do(a->store, "link_end", &v, 1, err);
}

int link_end_of(struct accounts *a, enum link_kind kind, int64_t person, struct err *err)
{
    const struct store_value v[] = {store_integer(kind), store_integer(person)};

    return store_do(a->store, "link_end_of", v, 2, err);
}

int link_sweep(struct accounts *a, struct err *err)
{
    const struct store_value v = store_integer(accounts_now(a));

    return store_do(a->store, "link_sweep", &v, 1, err);
}
