#include "backups.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../store/store.h"
#include "site.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool backups_possible(const struct site *s)
{
    return s->db != NULL && s->store != NULL && !store_is_server(s->store);
}

void backups_folder(const struct site *s, struct buf *out)
{
    const char *slash = strrchr(s->db, '/');

    if (slash == NULL)
        buf_add_text(out, "backups");
    else
        buf_addf(out, "%.*s/backups", (int)(slash - s->db), s->db);
}

/* A digit for each 0, all else as it stands. */
bool backups_is_name(struct str name)
{
    static const char shape[BACKUP_NAME_SIZE] = "eddy-00000000-000000.db";
    size_t i;

    if (name.len != sizeof(shape) - 1)
        return false;
    for (i = 0; i < name.len; i++)
        if (shape[i] == '0' ? name.data[i] < '0' || name.data[i] > '9' : name.data[i] != shape[i])
            return false;
    return true;
}

int backups_make(const char *db, const char *folder, char ret_name[BACKUP_NAME_SIZE],
                 struct err *err)
{
    char name[BACKUP_NAME_SIZE];
    struct buf path = {0};
    time_t now = time(NULL);
    struct tm t;
    int status;

    gmtime_r(&now, &t);
    strftime(name, sizeof(name), "eddy-%Y%m%d-%H%M%S.db", &t);
    buf_addf(&path, "%s/%s", folder, name);
    status = store_copy(db, path.data, err);
    if (status == 0)
        memcpy(ret_name, name, sizeof(name));
    buf_release(&path);
    return status;
}

/* ---- what there is ---- */

struct backup {
    char name[BACKUP_NAME_SIZE];
    int64_t bytes, made_s;
};

static int newest_first(const void *a, const void *b)
{
    const struct backup *x = a, *y = b;

    return strcmp(y->name, x->name);
}

static bool look_at(const struct site *s, const char *name, struct backup *ret_backup)
{
    struct buf path = {0};
    struct stat st;
    bool found = backups_find(s, str_of(name), &path) && lstat(path.data, &st) == 0;

    if (found) {
        memcpy(ret_backup->name, name, sizeof(ret_backup->name));
        ret_backup->bytes = (int64_t)st.st_size;
        ret_backup->made_s = (int64_t)st.st_mtim.tv_sec;
    }
    buf_release(&path);
    return found;
}

int backups_list(const struct site *s,
                 void (*each)(void *owner, const char *name, int64_t bytes, int64_t made_s),
                 void *owner, struct err *err)
{
    const struct dirent *entry;
    struct backup *list = NULL;
    struct buf folder = {0};
    size_t cap = 0, count = 0, i;
    DIR *dir;

    backups_folder(s, &folder);
    dir = opendir(folder.data);
    if (dir == NULL && errno != ENOENT) {
        int status = err_set_errno(err, ERR_MACHINE, "the folder %s", folder.data);
        buf_release(&folder);
        return status;
    }
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        list = mem_grow(list, &cap, count + 1, sizeof(*list));
        count += look_at(s, entry->d_name, &list[count]);
    }
    if (dir != NULL)
        closedir(dir);
    if (count > 0)
        qsort(list, count, sizeof(*list), newest_first);
    for (i = 0; i < count; i++)
        each(owner, list[i].name, list[i].bytes, list[i].made_s);
    mem_free(list);
    buf_release(&folder);
    return (int)count;
}

static void add_bytes(void *sum, const char *name, int64_t bytes, int64_t made_s)
{
    (void)name, (void)made_s;
    *(int64_t *)sum += bytes;
}

int64_t backups_bytes(const struct site *s)
{
    struct err ignored = {.text = ""};
    int64_t sum = 0;

    backups_list(s, add_bytes, &sum, &ignored);
    return sum;
}

bool backups_find(const struct site *s, struct str name, struct buf *out)
{
    struct buf path = {0};
    struct stat st;
    bool found;

    if (!backups_is_name(name))
        return false;
    backups_folder(s, &path);
    buf_addf(&path, "/%.*s", STR_ARG(name));
    found = lstat(path.data, &st) == 0 && S_ISREG(st.st_mode);
    if (found)
        buf_add_str(out, buf_str(&path));
    buf_release(&path);
    return found;
}
