#include "run_dir.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define MEMORY_DIR "/dev/shm"

enum { TRIES_MAX = 1000, MEMORY_MIN = 1 << 30 };

/* 20261121T123456.789Z: sorts by time, and can be typed. */
static void time_name(char *into, size_t size)
{
    struct timespec now;
    struct tm tm;
    char day[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(day, sizeof(day), "%Y%m%dT%H%M%S", &tm);
    snprintf(into, size, "%s.%03ldZ", day, now.tv_nsec / 1000000);
}

/* Replaces a link in one step, so that a reader always finds one. */
static void point(const char *dir, const char *link_name, const char *target)
{
    struct buf link = {0};
    struct buf fresh = {0};

    buf_addf(&link, "%s/%s", dir, link_name);
    buf_addf(&fresh, "%s.%d", link.data, (int)getpid());
    unlink(fresh.data);
    if (symlink(target, fresh.data) < 0 || rename(fresh.data, link.data) < 0)
        unlink(fresh.data); /* a convenience only: the run's folder is printed anyway */
    buf_release(&link);
    buf_release(&fresh);
}

int run_dir_make(const char *store, const char *name, bool newest, struct buf *ret_path,
                 struct err *err)
{
    char stamp[64];
    char store_abs[PATH_MAX];
    struct buf dir = {0};
    struct buf target = {0};
    int status;
    int tries = 0;

    buf_addf(&dir, "%s/%s", store, name);
    status = file_mkdirs(dir.data, err);
    if (status < 0)
        goto out;
    if (realpath(store, store_abs) == NULL) {
        status = err_set_errno(err, ERR_MACHINE, "%s", store);
        goto out;
    }
    do {
        time_name(stamp, sizeof(stamp));
        buf_reset(ret_path);
        buf_addf(ret_path, "%s/%s/%s", store_abs, name, stamp);
        if (tries > 0)
            buf_addf(ret_path, "-%d", tries);
        status = mkdir(ret_path->data, 0777);
    } while (status < 0 && errno == EEXIST && ++tries < TRIES_MAX);
    if (status < 0) {
        status = err_set_errno(err, ERR_MACHINE, "the folder %s cannot be made", ret_path->data);
        goto out;
    }
    if (!newest)
        goto out;
    buf_addf(&target, "%s/%s", name, strrchr(ret_path->data, '/') + 1);
    point(store_abs, "latest", target.data);
    point(store_abs, "current", target.data);
    point(dir.data, "latest", strrchr(ret_path->data, '/') + 1);
out:
    buf_release(&dir);
    buf_release(&target);
    return status;
}

static const char *work_place(void)
{
    const char *tmp = getenv("TMPDIR");
    struct statvfs memory;

    if (tmp != NULL && tmp[0] != '\0')
        return tmp;
    if (access(MEMORY_DIR, R_OK | W_OK | X_OK) == 0 && statvfs(MEMORY_DIR, &memory) == 0 &&
        (memory.f_flag & ST_NOEXEC) == 0 && memory.f_bavail * memory.f_frsize >= MEMORY_MIN)
        return MEMORY_DIR;
    return "/tmp";
}

int run_dir_for_many(const char *what, struct buf *ret_path, struct err *err)
{
    buf_reset(ret_path);
    buf_addf(ret_path, "%s/eddy-%s-XXXXXX", work_place(), what);
    if (mkdtemp(ret_path->data) != NULL)
        return 0;
    return err_set_errno(err, ERR_MACHINE, "the folder %s cannot be made", ret_path->data);
}
