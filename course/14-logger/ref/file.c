#include "file.h"

#include "node.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int folder = -1;
static const char *folder_path;

void folder_open(void)
{
    folder_path = getenv("EDDY_DATA");
    folder = folder_path == NULL ? -1 : open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        node_log("EDDY_DATA must name a folder");
        exit(1);
    }
}

static int status_of(int result)
{
    return result < 0 ? -errno : 0;
}

int folder_sync(void)
{
    return status_of(fsync(folder));
}

int folder_remove(const char *name)
{
    return status_of(unlinkat(folder, name, 0));
}

int folder_rename(const char *from, const char *to)
{
    return status_of(renameat(folder, from, folder, to));
}

void folder_list(void (*fn)(void *owner, const char *name), void *owner)
{
    DIR *d = opendir(folder_path);
    struct dirent *e;

    if (d == NULL)
        return;
    while ((e = readdir(d)) != NULL) {
        if (e->d_name[0] != '.')
            fn(owner, e->d_name);
    }
    closedir(d);
}

int file_open(const char *name, bool create)
{
    int fd = openat(folder, name, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);

    return fd < 0 ? -errno : fd;
}

void file_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

int file_size(int fd, uint64_t *ret_size)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return -errno;
    *ret_size = (uint64_t)st.st_size;
    return 0;
}

int file_write(int fd, uint64_t at, const void *data, size_t len)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = pwrite(fd, p, len, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

int file_read(int fd, uint64_t at, void *to, size_t len, size_t *ret_len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = pread(fd, (char *)to + done, len - done, (off_t)(at + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *ret_len = done;
    return 0;
}

int file_read_all(int fd, struct bytes *ret_bytes)
{
    uint64_t size;
    int status = file_size(fd, &size);

    if (status < 0)
        return status;
    ret_bytes->cap = size + 1;
    ret_bytes->data = must_alloc(NULL, ret_bytes->cap);
    return file_read(fd, 0, ret_bytes->data, size, &ret_bytes->len);
}

int file_cut(int fd, uint64_t size)
{
    return status_of(ftruncate(fd, (off_t)size));
}

int file_sync(int fd)
{
    return status_of(fsync(fd));
}

int file_replace(const char *name, const void *data, size_t len)
{
    char beside[128];
    int fd, status;

    snprintf(beside, sizeof(beside), "%s.tmp", name);
    fd = file_open(beside, true);
    if (fd < 0)
        return fd;
    status = file_cut(fd, 0);
    if (status == 0)
        status = file_write(fd, 0, data, len);
    if (status == 0)
        status = file_sync(fd);
    file_close(fd);
    if (status == 0)
        status = folder_rename(beside, name);
    if (status < 0)
        folder_remove(beside);
    return status < 0 ? status : folder_sync();
}
