/* vt_disk_path.h - where a path of a traced process leads in the folder that is followed. */
#ifndef CAGE_VT_DISK_PATH_H
#define CAGE_VT_DISK_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct vt_disk;
struct vt_thread;

struct vt_disk_path {
    char full[2 * PATH_MAX]; /* as we can open it */
    const char *name;        /* the last part */
    int64_t dir;             /* place of the directory; VT_DISK_NO_PLACE: not in the folder */
    bool exists;
    struct stat stat; /* if it exists; links are not followed */
};

/* The path in argument path_arg, seen from the descriptor in argument dir_arg (-1: from the
 * process's own folder). False if it is no path or leads nowhere near the folder. */
bool vt_disk_path(struct vt_thread *t, const struct vt_disk *d, int dir_arg, int path_arg,
                  struct vt_disk_path *ret_path);

#endif
