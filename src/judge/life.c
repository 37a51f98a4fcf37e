#include "life.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "jobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

enum { LOCK_TRIES = 60, LOCK_PAUSE_MS = 50, PATH_TEXT = 4096, NAME_SHOWN = 100 };

static int take_lock(struct life *l, struct err *err)
{
    char path[PATH_TEXT];
    int i;

    snprintf(path, sizeof(path), "%s/lock", l->folder);
    l->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (l->lock_fd < 0)
        return err_set_errno(err, ERR_MACHINE, "the worker's folder: %s", path);
    for (i = 0; i < LOCK_TRIES; i++) {
        if (flock(l->lock_fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return err_set_errno(err, ERR_MACHINE, "the lock %s", path);
        poll(NULL, 0, LOCK_PAUSE_MS);
    }
    return err_set(
        err, ERR_INPUT,
        "another worker has the folder %s; end that one, or give this one a folder of its "
        "own (--folder)",
        l->folder);
}

static int remove_scratch(const struct life *l, struct err *err)
{
    DIR *dir = opendir(l->folder);
    const struct dirent *e;
    int status = 0;

    if (dir == NULL)
        return err_set_errno(err, ERR_MACHINE, "the worker's folder %s", l->folder);
    while (status == 0 && (e = readdir(dir)) != NULL) {
        char path[PATH_TEXT];
        if (strncmp(e->d_name, "job-", 4) != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", l->folder, e->d_name);
        status = file_remove_tree(path, err);
    }
    closedir(dir);
    return status;
}

/* What a former life wrote; a file that is not there or makes no sense is none. */
static char *read_former(const struct life *l)
{
    struct err ignored = {.text = ""};
    struct buf text = {0};
    char path[PATH_TEXT];

    snprintf(path, sizeof(path), "%s/life", l->folder);
    if (file_read(path, JOB_NAME_MAX, &text, &ignored) < 0)
        buf_reset(&text);
    buf_add(&text, "", 0);
    return text.data != NULL ? buf_take(&text) : mem_strdup("");
}

int life_begin(const char *folder, const char *name, struct life *ret_life, struct err *err)
{
    struct life l = {.folder = mem_strdup(folder), .lock_fd = -1};
    struct buf own = {0};
    unsigned random = 0;
    int status = file_mkdirs(folder, err);

    if (status == 0)
        status = take_lock(&l, err);
    if (status == 0)
        status = remove_scratch(&l, err);
    if (status == 0 && getrandom(&random, sizeof(random), 0) != sizeof(random))
        status = err_set_errno(err, ERR_MACHINE, "no random number to be had");
    buf_addf(&own, "%.*s/%08x", NAME_SHOWN, name, random);
    l.name = buf_take(&own);
    l.former = status == 0 ? read_former(&l) : NULL;
    if (status < 0)
        life_end(&l);
    else
        *ret_life = l;
    return status;
}

/* Whole or not at all: a name that was cut would sweep nobody's jobs. */
int life_note(const struct life *l, struct err *err)
{
    char path[PATH_TEXT], fresh[PATH_TEXT];
    int status;

    snprintf(path, sizeof(path), "%s/life", l->folder);
    snprintf(fresh, sizeof(fresh), "%s/life.new", l->folder);
    status = file_write(fresh, str_of(l->name), err);
    if (status == 0 && rename(fresh, path) < 0)
        status = err_set_errno(err, ERR_MACHINE, "the file %s", path);
    return status;
}

void life_end(struct life *l)
{
    if (l->folder != NULL && l->lock_fd >= 0)
        close(l->lock_fd);
    mem_free(l->folder);
    mem_free(l->name);
    mem_free(l->former);
    *l = (struct life){.lock_fd = -1};
}

char *life_scratch(const struct life *l, const struct job *job, struct err *err)
{
    struct buf path = {0};

    buf_addf(&path, "%s/job-%lld-%lld", l->folder, (long long)job->id, (long long)job->fence);
    if (file_remove_tree(path.data, err) == 0 && file_mkdirs(path.data, err) == 0)
        return buf_take(&path);
    buf_release(&path);
    return NULL;
}
