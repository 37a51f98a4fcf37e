/* What a node keeps on the machine's own disk. /tmp is in memory and has a size; the data folder is
 * not and has none, so somebody must look at it from time to time, from the keeper's process.
 *
 * Counted is what the files occupy, and a block for each name: a million empty files are gigabytes
 * of inodes. Files without a name that are still open occupy as much. Asking for them means to ask
 * for every descriptor of every process, so that is done only when the file system has lost more
 * than the names account for, by whatever cause.
 *
 * Left out: a file without name and descriptor that is still mapped. What it occupies cannot be
 * asked for; each costs its process a mapping, and the limit on the size of one file bounds it.
 *
 * Between two looks a program writes as fast as memory takes it. fallocate, which gets gigabytes in
 * a moment, does not exist in a sandbox (sandbox_filter.c); the C library then writes instead. */
#include "sandbox_parts.h"

#include "../base/mem.h"
#include "tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    DEPTH_MAX = 64, /* what lies deeper is not looked at, and is too much by itself */
    NAME_BYTES = 4096,
    BLOCK = 512, /* unit of st_blocks */
};

struct counting {
    int64_t bytes, bound;
    dev_t device;
};

static int64_t occupied(const struct stat *s)
{
    return (int64_t)s->st_blocks * BLOCK;
}

/* fd is taken. Ends as soon as it is too much. */
static void count_folder(struct counting *c, int fd, int depth)
{
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    struct stat s;

    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while (c->bytes < c->bound && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            fstatat(dirfd(dir), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        c->bytes += NAME_BYTES + (S_ISREG(s.st_mode) ? occupied(&s) / (int64_t)s.st_nlink : 0);
        if (S_ISDIR(s.st_mode) && depth == DEPTH_MAX)
            c->bytes = c->bound;
        else if (S_ISDIR(s.st_mode))
            count_folder(
                c,
                openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                depth + 1);
    }
    closedir(dir);
}

/* ---- files without a name ---- */

struct inodes {
    ino_t *list;
    size_t len, cap;
};

static bool is_new(struct inodes *seen, ino_t inode)
{
    size_t i;

    for (i = 0; i < seen->len; i++)
        if (seen->list[i] == inode)
            return false;
    seen->list = mem_grow(seen->list, &seen->cap, seen->len + 1, sizeof(*seen->list));
    seen->list[seen->len++] = inode;
    return true;
}

static void count_process(struct counting *c, pid_t pid, struct inodes *seen)
{
    char path[64];
    DIR *dir;
    struct dirent *entry;
    struct stat s;

    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    dir = opendir(path);
    while (dir != NULL && c->bytes < c->bound && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && fstatat(dirfd(dir), entry->d_name, &s, 0) == 0 &&
            S_ISREG(s.st_mode) && s.st_nlink == 0 && s.st_dev == c->device &&
            is_new(seen, s.st_ino))
            c->bytes += occupied(&s);
    if (dir != NULL)
        closedir(dir);
}

static void count_nameless(struct counting *c, pid_t root)
{
    struct inodes seen = {0};
    struct tree tree = {0};
    size_t i;

    tree_below(&tree, root);
    for (i = 0; i < tree.len && c->bytes < c->bound; i++)
        count_process(c, tree.process[i].pid, &seen);
    tree_release(&tree);
    mem_free(seen.list);
}

static int64_t free_bytes(const char *folder)
{
    struct statvfs s;

    return statvfs(folder, &s) < 0 ? 0 : (int64_t)(s.f_bfree * s.f_frsize);
}

void sandbox_disk_init(struct sandbox_disk *d, const struct sandbox_spec *spec, const char *folder)
{
    *d = (struct sandbox_disk){.folder = folder, .bound = spec->limits.data_bytes};
    if (folder == NULL || folder[0] == '\0')
        d->bound = 0;
    if (d->bound > 0)
        d->free_bytes = free_bytes(folder);
}

bool sandbox_disk_watch(const struct sandbox_disk *d, pid_t root, struct sandbox_stop *ret_stop)
{
    struct counting c = {.bound = d->bound};
    struct stat s;

    if (d->bound <= 0 || stat(d->folder, &s) < 0)
        return false;
    c.device = s.st_dev;
    count_folder(&c, open(d->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
    if (c.bytes < c.bound && d->free_bytes - free_bytes(d->folder) - c.bytes >= c.bound)
        count_nameless(&c, root);
    if (c.bytes < c.bound || PLANT_SANDBOX == PLANT_NO_DISK_LIMIT)
        return false;
    *ret_stop = (struct sandbox_stop){SANDBOX_LIMIT_DISK, c.bytes, c.bound, 0};
    return true;
}
