#include "harvest.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "filename.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct harvester {
    int (*take)(void *owner, const struct harvest_file *f, struct err *err);
    void *owner;
    struct buf name;
    uint32_t count;
    int64_t bytes;
    int depth;
    struct err *err;
};

static int refuse(struct harvester *h, const char *why)
{
    struct buf shown = {0};

    filename_show(buf_str(&h->name), &shown);
    err_set(h->err, ERR_INPUT, "the build left %s, which %s", shown.data, why);
    buf_release(&shown);
    return ERR_INPUT;
}

static int take_file(struct harvester *h, int fd, const struct stat *st)
{
    struct harvest_file f = {
        .name = h->name.data,
        .fd = fd,
        .bytes = st->st_size,
        .executable = (st->st_mode & 0100) != 0,
    };

    if (st->st_nlink != 1)
        return refuse(h, "has a second name: it is a hard link");
    if (++h->count > HARVEST_FILES_MAX)
        return err_set(h->err, ERR_INPUT, "the build left more than %d files", HARVEST_FILES_MAX);
    h->bytes += st->st_size;
    if (h->bytes > HARVEST_BYTES_MAX)
        return err_set(h->err, ERR_INPUT, "the build left more than %d MiB",
                       HARVEST_BYTES_MAX >> 20);
    return h->take(h->owner, &f, h->err);
}

static int walk(struct harvester *h, int dir_fd);

static int take_entry(struct harvester *h, int dir_fd, const char *entry)
{
    size_t before = h->name.len;
    struct stat st;
    int status, fd;

    buf_addf(&h->name, "%s%s", before > 0 ? "/" : "", entry);
    fd = openat(dir_fd, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        status = errno == ELOOP || errno == ENXIO
                     ? refuse(h, "is no regular file")
                     : err_set_errno(h->err, ERR_MACHINE, "what the build left: %s", entry);
    else if (h->name.len > HARVEST_NAME_MAX || strchr(entry, '\n') != NULL)
        status = refuse(h, "has no name that eddy can keep");
    else if (S_ISDIR(st.st_mode) && h->depth == HARVEST_DEPTH_MAX)
        status = refuse(h, "lies too deep");
    else if (S_ISDIR(st.st_mode))
        status = walk(h, fd);
    else if (S_ISREG(st.st_mode))
        status = take_file(h, fd, &st);
    else
        status = refuse(h, "is no regular file");
    if (fd >= 0)
        close(fd);
    h->name.len = before;
    if (h->name.data != NULL)
        h->name.data[before] = '\0';
    return status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, in order, so that equal folders are told equally. */
static int list(struct harvester *h, int dir_fd, char ***ret_names, uint32_t *ret_count)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    char **names = NULL;
    size_t cap = 0;
    uint32_t count = 0;

    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return err_set_errno(h->err, ERR_MACHINE, "cannot read the folder that the build left");
    }
    while ((entry = readdir(dir)) != NULL && count <= HARVEST_FILES_MAX) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        names = mem_grow(names, &cap, count + 1, sizeof(*names));
        names[count++] = mem_strdup(entry->d_name);
    }
    closedir(dir);
    if (count > 0)
        qsort(names, count, sizeof(*names), by_name);
    *ret_names = names;
    *ret_count = count;
    return 0;
}

static int walk(struct harvester *h, int dir_fd)
{
    char **names = NULL;
    uint32_t count = 0, i;
    int status = list(h, dir_fd, &names, &count);

    h->depth++;
    for (i = 0; i < count; i++) {
        if (status == 0)
            status = take_entry(h, dir_fd, names[i]);
        mem_free(names[i]);
    }
    h->depth--;
    mem_free(names);
    return status;
}

int harvest(const char *dir,
            int (*take)(void *owner, const struct harvest_file *f, struct err *err), void *owner,
            struct err *err)
{
    struct harvester h = {.take = take, .owner = owner, .err = err};
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int status = fd < 0 ? err_set_errno(err, ERR_MACHINE, "cannot open %s", dir) : walk(&h, fd);

    if (fd >= 0)
        close(fd);
    buf_release(&h.name);
    return status;
}
