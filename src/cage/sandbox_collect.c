/* A compiler that a learner's source has led astray may leave anything in its folder: a link to
 * /etc/shadow where we will read, a FIFO at which a reader waits for ever, a file of many names, a
 * thousand folders deep. So the files are looked at only when every process of the sandbox is dead,
 * by descriptor and never by a path that the program has built: each name is opened below its
 * folder without following links and without waiting, then asked what it is, and copied.
 *
 * Nothing is changed, renamed or removed there: the folder in memory goes with its last descriptor.
 */
#include "sandbox_parts.h"

#include "../base/err.h"
#include "../base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    DEPTH_MAX = 32,
    FILES_MAX = 4096,
    NAME_BYTES_MAX = 255,
    COPY_SIZE = 1 << 16,
    REFUSED_BYTES_MAX = 4096,
};

static const int64_t bytes_max_default = INT64_C(512) << 20;

struct collecting {
    int64_t bytes_left;
    int files_left;
    bool in_place; /* what breaks the rules is removed instead of left out */
    struct buf *refused;
    struct buf path; /* of the folder we are in, for sentences */
    char *space;
    struct err *err;
};

static void refuse(struct collecting *c, const char *name, const char *why)
{
    const char *at;

    if (c->refused->len > REFUSED_BYTES_MAX)
        return;
    if (c->refused->len > 0)
        buf_add_char(c->refused, '\n');
    buf_add_str(c->refused, buf_str(&c->path));
    for (at = name; *at != '\0'; at++) /* a name may hold what moves a terminal's cursor */
        buf_add_char(c->refused, *at >= ' ' && *at < 127 ? *at : '?');
    buf_addf(c->refused, " was not kept: %s", why);
}

/* Below folder_fd and nowhere else, whatever the name is; kernels before 5.6 lack openat2. */
static int open_below(int folder_fd, const char *name)
{
    struct open_how how = {
        .flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };

    if (PLANT_SANDBOX == PLANT_FOLLOWS_LINKS)
        return openat(folder_fd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    return (int)syscall(SYS_openat2, folder_fd, name, &how, sizeof(how));
}

static const char *fault_of(struct collecting *c, const struct stat *s)
{
    if (!S_ISREG(s->st_mode))
        return "it is not a regular file";
    if (s->st_nlink != 1 && PLANT_SANDBOX != PLANT_FOLLOWS_LINKS)
        return "it has several names";
    if ((int64_t)s->st_size > c->bytes_left)
        return "there are too many bytes";
    if (c->files_left <= 0)
        return "there are too many files";
    return NULL;
}

static bool copy_bytes(struct collecting *c, int from_fd, int to_fd)
{
    for (;;) {
        ssize_t len = read(from_fd, c->space, COPY_SIZE);

        if (len <= 0)
            return len == 0;
        if (write(to_fd, c->space, (size_t)len) != len)
            return false;
    }
}

static int copy_file(struct collecting *c, int from_fd, int to_folder, const char *name,
                     const struct stat *s)
{
    mode_t mode = (s->st_mode & 0100) != 0 ? 0755 : 0644;
    int to_fd = openat(to_folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    bool fine = to_fd >= 0 && copy_bytes(c, from_fd, to_fd) && fchmod(to_fd, mode) == 0;
    int status = 0;

    if (!fine)
        status = err_set_errno(c->err, ERR_MACHINE, "%.*s%s cannot be copied out of the sandbox",
                               STR_ARG(buf_str(&c->path)), name);
    if (to_fd >= 0)
        close(to_fd);
    c->bytes_left -= s->st_size;
    c->files_left--;
    return status;
}

static int collect_folder(struct collecting *c, int from_fd, int to_fd, int depth);

/* fd is taken. */
static int collect_below(struct collecting *c, int fd, int to_folder, const char *name, int depth)
{
    size_t len = c->path.len;
    int status = 0;
    int to_fd;

    if (depth >= DEPTH_MAX) {
        refuse(c, name, "folders are too deep");
        close(fd);
        return 0;
    }
    c->files_left--;
    if (!c->in_place && mkdirat(to_folder, name, 0755) < 0)
        status = err_set_errno(c->err, ERR_MACHINE, "a folder cannot be made");
    to_fd =
        status < 0 ? -1 : openat(to_folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (status == 0 && to_fd < 0)
        status = err_set_errno(c->err, ERR_MACHINE, "a folder cannot be opened");
    if (status == 0) {
        buf_addf(&c->path, "%s/", name);
        status = collect_folder(c, fd, to_fd, depth + 1);
        fd = -1;
        c->path.len = len;
        c->path.data[len] = '\0';
    }
    if (fd >= 0)
        close(fd);
    if (to_fd >= 0)
        close(to_fd);
    return status;
}

static int collect_one(struct collecting *c, int folder_fd, int to_folder, const char *name,
                       int depth)
{
    struct stat s;
    int fd = open_below(folder_fd, name);
    const char *fault;
    int status = 0;

    if (fd < 0 || fstat(fd, &s) < 0) {
        /* A link gives ELOOP, a socket ENXIO. */
        refuse(c, name, "it is not a regular file");
        if (c->in_place)
            unlinkat(folder_fd, name, 0);
        if (fd >= 0)
            close(fd);
        return 0;
    }
    if (S_ISDIR(s.st_mode))
        return collect_below(c, fd, to_folder, name, depth);
    fault = fault_of(c, &s);
    if (fault != NULL) {
        refuse(c, name, fault);
        if (c->in_place)
            unlinkat(folder_fd, name, 0);
    } else if (!c->in_place) {
        status = copy_file(c, fd, to_folder, name, &s);
    }
    close(fd);
    return status;
}

/* from_fd is taken. */
static int collect_folder(struct collecting *c, int from_fd, int to_fd, int depth)
{
    DIR *dir = fdopendir(from_fd);
    struct dirent *entry;
    int status = 0;

    if (dir == NULL) {
        close(from_fd);
        return err_set_errno(c->err, ERR_MACHINE, "a folder of the sandbox cannot be read");
    }
    while (status == 0 && c->files_left > 0 && (entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = collect_one(c, dirfd(dir), to_fd, entry->d_name, depth);
    if (status == 0 && c->files_left <= 0)
        refuse(c, "", "there are too many files; the rest");
    closedir(dir);
    return status;
}

static int collect(int from_fd, const char *to, const struct sandbox_limits *limits, bool in_place,
                   struct buf *refused, struct err *err)
{
    struct collecting c = {
        .bytes_left = limits->scratch_bytes > 0 ? limits->scratch_bytes : bytes_max_default,
        .files_left = limits->scratch_files > 0 && limits->scratch_files < FILES_MAX
                          ? (int)limits->scratch_files
                          : FILES_MAX,
        .in_place = in_place,
        .refused = refused,
        .space = mem_alloc(COPY_SIZE),
        .err = err,
    };
    int to_fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int status;

    if (to_fd < 0) {
        status = err_set_errno(err, ERR_MACHINE, "%s cannot be opened", to);
        close(from_fd);
    } else {
        buf_add_text(&c.path, "");
        status = collect_folder(&c, from_fd, to_fd, 0);
        close(to_fd);
    }
    mem_free(c.space);
    buf_release(&c.path);
    return status;
}

int sandbox_collect(int from_fd, const char *to, const struct sandbox_limits *limits,
                    struct buf *refused, struct err *err)
{
    return collect(from_fd, to, limits, false, refused, err);
}

int sandbox_collect_in_place(const char *folder, const struct sandbox_limits *limits,
                             struct buf *refused, struct err *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "%s cannot be opened", folder);
    return collect(fd, folder, limits, true, refused, err);
}

/* The folder was the program's own before, which may have left links in it. A link's name changes
 * hands and not what it points to; a hard link to anything outside cannot be made, because the
 * folder is a mount of its own inside. */
static int hand_over_below(int folder_fd, uid_t uid, int depth, struct err *err)
{
    DIR *dir = fdopendir(folder_fd);
    struct dirent *entry;
    int status = 0;

    if (dir == NULL) {
        close(folder_fd);
        return err_set_errno(err, ERR_MACHINE, "a folder cannot be read");
    }
    while (status == 0 && (entry = readdir(dir)) != NULL) {
        int fd;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (fchownat(dirfd(dir), entry->d_name, uid, uid, AT_SYMLINK_NOFOLLOW) < 0)
            status = err_set_errno(err, ERR_MACHINE, "%.200s cannot be handed to the sandbox",
                                   entry->d_name);
        if (entry->d_type != DT_DIR || depth >= DEPTH_MAX)
            continue;
        fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && status == 0)
            status = hand_over_below(fd, uid, depth + 1, err);
        else if (fd >= 0)
            close(fd);
    }
    closedir(dir);
    return status;
}

int sandbox_hand_over(const char *folder, uid_t uid, struct err *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "%s cannot be opened", folder);
    if (fchown(fd, uid, uid) < 0) {
        close(fd);
        return err_set_errno(err, ERR_MACHINE, "%s cannot be handed to the sandbox", folder);
    }
    return hand_over_below(fd, uid, 0, err);
}
