#include "identity.h"

#include "../base/err.h"
#include "../store/store.h"
#include "accounts.h"

int identity_person(struct accounts *a, struct str issuer, struct str subject, int64_t *ret_person,
                    struct err *err)
{
    const struct store_value v[] = {store_str(issuer), store_str(subject)};
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "identity_person", v, 2, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        *ret_person = store_row_integer(rows, 0);
    store_rows_close(rows);
    return status;
}

int identity_add(struct accounts *a, int64_t person, struct str issuer, struct str subject,
                 struct err *err)
{
    const struct store_value v[] = {store_str(issuer), store_str(subject), store_integer(person),
                                    store_integer(accounts_now(a))};
    int64_t whose = 0;
    int status = store_do(a->store, "identity_add", v, 4, err);

    if (status == 0)
        status = identity_person(a, issuer, subject, &whose, err);
    if (status == 1 && whose != 0 && whose != person) {
        err_set(err, ERR_INPUT, "Somebody else here already signs in with this account.");
        return 0;
    }
    return status;
}

int identity_remove(struct accounts *a, int64_t person, struct str issuer, struct err *err)
{
    const struct store_value v[] = {store_integer(person), store_str(issuer)};
    int status = store_do(a->store, "identity_remove", v, 2, err);

    if (status == 0)
        err_set(err, ERR_INPUT,
                "This is the only way into the account, or is not linked; set a password first.");
    return status > 1 ? 1 : status;
}

int identity_list(struct accounts *a, int64_t person,
                  void (*each)(void *owner, struct str issuer, struct str subject, int64_t made_ms),
                  void *owner, struct err *err)
{
    const struct store_value v = store_integer(person);
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "identity_list", &v, 1, &rows, err), count = 0;

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        each(owner, store_row_str(rows, 0), store_row_str(rows, 1), store_row_integer(rows, 2));
        count++;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}
