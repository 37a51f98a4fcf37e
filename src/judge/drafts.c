#include "drafts.h"

#include "../base/err.h"
#include "../store/store.h"

enum { KEY_LEN = 4 };

static void put_key(const struct draft_key *k, struct store_value *v)
{
    v[0] = store_integer(k->person);
    v[1] = store_text(k->track);
    v[2] = store_text(k->task);
    v[3] = store_text(k->language);
}

int drafts_get(struct store *s, const struct draft_key *k, struct buf *files, int64_t *ret_version,
               struct err *err)
{
    struct store_value v[KEY_LEN];
    struct store_rows *rows = NULL;
    int status;

    put_key(k, v);
    status = store_query(s, "draft_get", v, KEY_LEN, &rows, err);
    if (status == 0)
        status = store_next(rows, err);
    if (status == 1) {
        buf_add_str(files, store_row_str(rows, 0));
        *ret_version = store_row_integer(rows, 1);
    }
    store_rows_close(rows);
    return status;
}

/* One statement each: of two who write at once, one changes a row and the other none. */
int drafts_put(struct store *s, const struct draft_key *k, struct str files, int64_t version,
               int64_t *ret_version, struct err *err)
{
    struct store_value v[KEY_LEN + 2];
    int status;

    put_key(k, v);
    v[KEY_LEN] = store_str(files);
    v[KEY_LEN + 1] = store_integer(version);
    status = version == 0 ? store_do(s, "draft_begin", v, KEY_LEN + 1, err)
                          : store_do(s, "draft_change", v, KEY_LEN + 2, err);
    if (status > 0)
        *ret_version = version + 1;
    return status;
}
