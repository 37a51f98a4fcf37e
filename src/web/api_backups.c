/* Backups over HTTP: made in a thread of their own, since a large database takes its time, and
 * sent from the disk. */
#include "api.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "backups.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int none_here(struct response *r)
{
    response_problem(r, 409,
                     "The database is on a server of PostgreSQL: copy it there, with pg_dump "
                     "--format=custom; see the manual, \"Backup and restore\".");
    return 0;
}

static void add_backup(void *list, const char *name, int64_t bytes, int64_t made_s)
{
    json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "name", name, "bytes",
                                          (json_int_t)bytes, "made_ms", (json_int_t)made_s * 1000));
}

int api_backups(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    json_t *list = json_array();
    int status = backups_possible(s) ? backups_list(s, add_backup, list, err) : 0;

    (void)q;
    if (status < 0) {
        json_decref(list);
        return status;
    }
    response_json(r, json_pack("{s:b, s:o}", "possible", backups_possible(s), "backups", list));
    return 0;
}

/* ---- making one ---- */

struct making {
    char *db, *folder;
    char name[BACKUP_NAME_SIZE];
    struct err err;
    int status;
};

static void make(void *owner)
{
    struct making *m = owner;

    m->status = backups_make(m->db, m->folder, m->name, &m->err);
}

static int tell(void *owner, const struct site *s, struct response *r, struct err *err)
{
    struct making *m = owner;

    (void)s;
    if (m->status == ERR_INPUT) {
        response_problem(r, 409, m->err.text);
        return 0;
    }
    if (m->status < 0) {
        *err = m->err;
        return m->status;
    }
    response_json(r, json_pack("{s:s}", "name", m->name));
    r->status = 201;
    return 0;
}

static void free_making(void *owner)
{
    struct making *m = owner;

    mem_free(m->db);
    mem_free(m->folder);
    mem_free(m);
}

int api_backup_make(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    struct buf folder = {0};
    struct making *m;

    (void)q, (void)err;
    if (!backups_possible(s))
        return none_here(r);
    backups_folder(s, &folder);
    m = mem_zalloc(sizeof(*m));
    m->db = mem_strdup(s->db);
    m->folder = buf_take(&folder);
    r->later = (struct response_later){make, tell, free_making, m};
    return 0;
}

/* ---- one of them ---- */

static int no_backup(struct response *r)
{
    response_problem(r, 404,
                     "There is no backup of this name; GET /api/v1/admin/backups lists them.");
    return 0;
}

int api_backup(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct buf path = {0};
    char name[BACKUP_NAME_SIZE];

    (void)err;
    if (!backups_possible(s) || !backups_find(s, q->words[0], &path))
        return no_backup(r);
    memcpy(name, q->words[0].data, q->words[0].len);
    name[q->words[0].len] = '\0';
    r->status = 200;
    r->type = "application/vnd.sqlite3";
    response_download(r, name);
    buf_add_str(&r->file, buf_str(&path));
    buf_release(&path);
    return 0;
}

int api_backup_remove(const struct site *s, const struct request *q, struct response *r,
                      struct err *err)
{
    struct buf path = {0};
    int status = 0;

    if (!backups_possible(s) || !backups_find(s, q->words[0], &path))
        return no_backup(r);
    if (unlink(path.data) < 0)
        status = err_set_errno(err, ERR_MACHINE, "the backup %s", path.data);
    else
        response_json(r, json_pack("{s:b}", "removed", 1));
    buf_release(&path);
    return status;
}
