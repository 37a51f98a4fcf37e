#include "plays.h"

#include "../base/err.h"
#include "../store/store.h"
#include "jobs.h"
#include "play.h"

#include <string.h>
#include <sys/random.h>

static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* Bytes from 248 on would make the first letters likelier than the others, so they are drawn
 * again. */
static int draw_address(char into[PLAYS_ADDRESS_LEN + 1], struct err *err)
{
    unsigned char chance[64];
    size_t len = 0, i;

    while (len < PLAYS_ADDRESS_LEN) {
        if (getrandom(chance, sizeof(chance), 0) != sizeof(chance))
            return err_set_errno(err, ERR_MACHINE, "no chance for an address");
        for (i = 0; i < sizeof(chance) && len < PLAYS_ADDRESS_LEN; i++)
            if (chance[i] < 248)
                into[len++] = letters[chance[i] % 62];
    }
    into[len] = '\0';
    return 0;
}

/* If this breaks off in the middle there is a job without an address: it is run, and nobody sees
 * it. */
int plays_put(struct store *store, struct jobs *queue, const struct plays_wish *wish,
              char ret_address[PLAYS_ADDRESS_LEN + 1], struct err *err)
{
    char address[PLAYS_ADDRESS_LEN + 1];
    struct buf text = {0};
    struct job_spec spec = {
        .learner = wish->learner,
        .topic = "",
        .needs = wish->play->program.language,
        .priority = JOB_INTERACTIVE,
    };
    int64_t job = 0;
    int status = draw_address(address, err);

    play_text(wish->play, &text);
    spec.payload = buf_str(&text);
    if (status == 0)
        status = jobs_put(queue, &spec, &job, err);
    if (status == 0) {
        struct store_value values[] = {store_text(address), store_integer(wish->person),
                                       store_integer(job)};
        status = store_do(store, "play_add", values, 3, err);
    }
    buf_release(&text);
    if (status < 0)
        return status;
    memcpy(ret_address, address, sizeof(address));
    return 0;
}

static bool is_address(struct str text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if (memchr(letters, text.data[i], sizeof(letters) - 1) == NULL)
            return false;
    return text.len == PLAYS_ADDRESS_LEN;
}

int plays_find(struct store *store, struct str address, struct plays_found *ret_found,
               struct err *err)
{
    struct store_value value = store_str(address);
    struct plays_found found = {0};
    struct store_rows *rows = NULL;
    int status;

    if (!is_address(address))
        return 0;
    status = store_query(store, "play_find", &value, 1, &rows, err);
    if (status < 0)
        return status;
    status = store_next(rows, err);
    if (status == 1) {
        found.job = store_row_integer(rows, 0);
        found.person = store_row_integer(rows, 1);
        found.has_report = store_row_integer(rows, 2) != 0;
        buf_add_str(&found.payload, store_row_str(rows, 3));
    }
    store_rows_close(rows);
    if (status == 1)
        *ret_found = found;
    return status;
}
