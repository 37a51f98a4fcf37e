/* Whole files and folders.
 *
 * file_remove_tree() clears what learners' programs leave behind, which may be thousands of folders
 * inside each other, or folders without permissions. Walking down with a descriptor or a stack
 * frame per level would let them exhaust both. So a folder within the root is emptied by removing
 * its files and moving its folders up into the root, under fresh names, until the root is empty:
 * two descriptors, no recursion, no path longer than a name. Nothing follows a link, since every
 * name is first unlinked as if it were a file, and folders are opened with O_NOFOLLOW. */
#include "file.h"

#include "err.h"
#include "mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_CHUNK = 64 * 1024 };

/* Like read(), started again where a signal came in between. */
static ssize_t read_some(int fd, void *into, size_t size)
{
    ssize_t got;

    do
        got = read(fd, into, size);
    while (got < 0 && errno == EINTR);
    return got;
}

/* fd is taken. */
static int read_whole(int fd, const char *path, size_t max, struct buf *ret_content,
                      struct err *err)
{
    struct buf content = {0};
    int status = 0;

    for (;;) {
        ssize_t got;
        buf_reserve(&content, READ_CHUNK);
        got = read_some(fd, content.data + content.len, READ_CHUNK);
        if (got < 0) {
            status = err_set_errno(err, ERR_MACHINE, "cannot read %s", path);
            break;
        }
        content.len += (size_t)got;
        content.data[content.len] = '\0';
        if (content.len > max) {
            status = err_set(err, ERR_FULL, "%s is longer than %zu bytes", path, max);
            break;
        }
        if (got == 0) {
            *ret_content = content;
            content = (struct buf){0}; /* the caller's from here on */
            break;
        }
    }
    close(fd);
    buf_release(&content);
    return status;
}

int file_read(const char *path, size_t max, struct buf *ret_content, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "cannot open %s", path);
    return read_whole(fd, path, max, ret_content, err);
}

/* fd is taken. */
static int write_whole(int fd, const char *path, struct str content, struct err *err)
{
    size_t done = 0;

    while (done < content.len) {
        ssize_t wrote = write(fd, content.data + done, content.len - done);
        if (wrote < 0 && errno != EINTR) {
            err_set_errno(err, ERR_MACHINE, "cannot write %s", path);
            close(fd);
            return ERR_MACHINE;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    if (close(fd) < 0)
        return err_set_errno(err, ERR_MACHINE, "cannot write %s", path);
    return 0;
}

int file_write(const char *path, struct str content, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "cannot create %s", path);
    return write_whole(fd, path, content, err);
}

/* ---- below a folder that is not ours alone ---- */

/* The folder of the last part of a name, one part after the other: a link on the way is none. */
static int open_parent(const char *folder, const char *name, const char **ret_last)
{
    char part[256]; /* NAME_MAX and its end */
    const char *slash;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (fd >= 0 && (slash = strchr(name, '/')) != NULL) {
        int next = -1;

        if ((size_t)(slash - name) < sizeof(part)) {
            snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
            if (strcmp(part, "..") != 0)
                next = openat(fd, part[0] != '\0' ? part : ".",
                              O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        close(fd);
        fd = next;
        name = slash + 1;
    }
    *ret_last = name;
    return fd;
}

int file_open_below(const char *folder, const char *name, int flags, int *ret_fd, struct err *err)
{
    struct stat found;
    const char *last;
    int parent = open_parent(folder, name, &last);
    int fd =
        parent < 0
            ? -1
            : openat(parent, last,
                     (flags & ~O_TRUNC) | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
    bool fine = fd >= 0 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode) &&
                ((flags & O_TRUNC) == 0 || ftruncate(fd, 0) == 0);

    if (parent >= 0)
        close(parent);
    if (!fine && fd >= 0)
        close(fd);
    if (!fine)
        return err_set(err, ERR_INPUT, "there is no regular file %s in the folder %s", name,
                       folder);
    *ret_fd = fd;
    return 0;
}

int file_read_below(const char *folder, const char *name, size_t max, struct buf *ret_content,
                    struct err *err)
{
    int fd = -1;
    int status = file_open_below(folder, name, O_RDONLY, &fd, err);

    return status < 0 ? status : read_whole(fd, name, max, ret_content, err);
}

int file_write_below(const char *folder, const char *name, struct str content, struct err *err)
{
    int fd = -1;
    int status = file_open_below(folder, name, O_WRONLY | O_CREAT | O_TRUNC, &fd, err);

    return status < 0 ? status : write_whole(fd, name, content, err);
}

int file_unlink_below(const char *folder, const char *name, struct err *err)
{
    const char *last;
    int parent = open_parent(folder, name, &last);
    bool fine = parent >= 0 && unlinkat(parent, last, 0) == 0;

    if (parent >= 0)
        close(parent);
    return fine ? 0
                : err_set(err, ERR_INPUT, "there is no file %s to remove in the folder %s", name,
                          folder);
}

/* ---- folders ---- */

int file_mkdirs(const char *path, struct err *err)
{
    char *part = mem_strdup(path);
    char *slash = part;
    struct stat found;
    int status = 0;

    do {
        slash += strspn(slash, "/");
        slash += strcspn(slash, "/");
        char kept = *slash;
        *slash = '\0';
        if (part[0] != '\0' && mkdir(part, 0755) < 0 && errno != EEXIST) {
            int why = errno;
            if (stat(part, &found) < 0 || !S_ISDIR(found.st_mode)) { /* not a read-only parent */
                errno = why;
                status = err_set_errno(err, ERR_MACHINE, "cannot make the folder %s", part);
                break;
            }
        }
        *slash = kept;
    } while (*slash != '\0');
    mem_free(part);
    if (status == 0 && stat(path, &found) < 0)
        return err_set_errno(err, ERR_MACHINE, "cannot make the folder %s", path);
    if (status == 0 && !S_ISDIR(found.st_mode))
        return err_set(err, ERR_MACHINE, "cannot make the folder %s: there is a file of that name",
                       path);
    return status;
}

/* Opens a folder to be emptied; gives itself the rights if they are what is missing. */
static DIR *open_folder(int parent, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    struct stat found;
    int fd;
    DIR *folder;

    if (fstatat(parent, name, &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(found.st_mode) &&
        (found.st_mode & 0700) != 0700)
        fchmodat(parent, name, 0700, 0); /* what it could not do, the next line tells */
    fd = openat(parent, name, flags);
    if (fd < 0)
        return NULL;
    folder = fdopendir(fd);
    if (folder == NULL)
        close(fd);
    return folder;
}

static bool is_self_or_parent(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Removes a file, a link or an empty folder. False, errno ENOTEMPTY: a folder with something in. */
static bool remove_entry(int parent, const char *name)
{
    if (unlinkat(parent, name, 0) == 0)
        return true;
    if (errno != EISDIR && errno != EPERM) /* Linux says EISDIR, POSIX EPERM for a folder */
        return false;
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
        return true;
    if (errno == EEXIST)
        errno = ENOTEMPTY;
    return false;
}

/* Moves the folder up into the root, under the first of a row of names that is free. */
static bool move_up(int parent, const char *name, int root, unsigned *next)
{
    char fresh[32];

    fchmodat(parent, name, 0700, 0); /* a folder's own ".." changes: that takes its write right */
    do
        snprintf(fresh, sizeof(fresh), ".removed-%u", (*next)++);
    while (renameat(parent, name, root, fresh) < 0 &&
           (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR));
    return faccessat(parent, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

/* Takes all out of the folder name in root, and then itself. */
static bool remove_folder(int root, const char *name, unsigned *next)
{
    DIR *folder = open_folder(root, name);
    struct dirent *entry;
    bool fine = folder != NULL;
    int why;

    while (fine && (errno = 0, entry = readdir(folder)) != NULL) {
        if (is_self_or_parent(entry->d_name) || remove_entry(dirfd(folder), entry->d_name))
            continue;
        fine = errno == ENOTEMPTY && move_up(dirfd(folder), entry->d_name, root, next);
    }
    fine = fine && unlinkat(root, name, AT_REMOVEDIR) == 0;
    why = errno;
    if (folder != NULL)
        closedir(folder);
    errno = why;
    return fine;
}

int file_remove_tree(const char *path, struct err *err)
{
    DIR *root;
    struct dirent *entry;
    unsigned next = 0;
    bool fine = true;
    bool again = true;
    int why;

    if (remove_entry(AT_FDCWD, path) || errno == ENOENT)
        return 0;
    if (errno != ENOTEMPTY)
        return err_set_errno(err, ERR_MACHINE, "cannot remove %s", path);
    root = open_folder(AT_FDCWD, path);
    if (root == NULL)
        return err_set_errno(err, ERR_MACHINE, "cannot open the folder %s", path);

    while (fine && again) { /* folders moved up during one pass may show up only in the next */
        again = false;
        rewinddir(root);
        while (fine && (entry = readdir(root)) != NULL) {
            if (is_self_or_parent(entry->d_name))
                continue;
            again = true;
            fine = remove_entry(dirfd(root), entry->d_name) ||
                   (errno == ENOTEMPTY && remove_folder(dirfd(root), entry->d_name, &next));
        }
    }
    fine = fine && unlinkat(AT_FDCWD, path, AT_REMOVEDIR) == 0;
    why = errno;
    closedir(root);
    errno = why;
    return fine ? 0 : err_set_errno(err, ERR_MACHINE, "cannot remove all of %s", path);
}
