/* The process may have a root, a folder and descriptors of its own; /proc/PID/root, cwd and fd lead
 * there without our having to walk the path ourselves. */
#include "vt_disk_path.h"

#include "vt_disk.h"
#include "vt_ptrace.h"
#include "vt_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { PAGE = 4096 };

/* A text that ends in 0; memory is read to the end of each page, since the next may not be there.
 */
static bool read_text(struct vt_thread *t, uint64_t address, char into[PATH_MAX])
{
    size_t len = 0;

    while (len < PATH_MAX) {
        size_t piece = PAGE - (address + len) % PAGE;
        if (piece > PATH_MAX - len)
            piece = PATH_MAX - len;
        if (!vt_mem_read(t, address + len, into + len, piece))
            return false;
        if (memchr(into + len, 0, piece) != NULL)
            return true;
        len += piece;
    }
    return false;
}

static void add_start(struct vt_thread *t, int dir_arg, const char *path, struct vt_disk_path *p)
{
    int dir = dir_arg < 0 ? AT_FDCWD : (int)vt_arg(t, dir_arg);
    pid_t pid = t->proc->tgid;

    if (path[0] == '/')
        snprintf(p->full, sizeof(p->full), "/proc/%d/root%s", pid, path);
    else if (dir == AT_FDCWD)
        snprintf(p->full, sizeof(p->full), "/proc/%d/cwd/%s", pid, path);
    else
        snprintf(p->full, sizeof(p->full), "/proc/%d/fd/%d/%s", pid, dir, path);
}

/* The place of the directory in which name stands. */
static int64_t find_dir(const struct vt_disk *d, char *full, const char *name)
{
    char *slash = full + (name - full) - 1;
    struct stat s;
    int status;

    *slash = 0;
    status = stat(full, &s);
    *slash = '/';
    return status == 0 ? vt_disk_find(d, &s) : VT_DISK_NO_PLACE;
}

bool vt_disk_path(struct vt_thread *t, const struct vt_disk *d, int dir_arg, int path_arg,
                  struct vt_disk_path *ret_path)
{
    char path[PATH_MAX];
    size_t len;

    if (!read_text(t, vt_arg(t, path_arg), path))
        return false;
    for (len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = 0;
    if (len == 0)
        return false;
    add_start(t, dir_arg, path, ret_path);
    ret_path->name = strrchr(ret_path->full, '/') + 1;
    if (strcmp(ret_path->name, ".") == 0 || strcmp(ret_path->name, "..") == 0 ||
        ret_path->name[0] == 0)
        return false;
    ret_path->dir = find_dir(d, ret_path->full, ret_path->name);
    ret_path->exists = fstatat(AT_FDCWD, ret_path->full, &ret_path->stat, AT_SYMLINK_NOFOLLOW) == 0;
    return ret_path->dir != VT_DISK_NO_PLACE;
}
