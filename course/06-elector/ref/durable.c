/* durable.c - two slots, written in turn.
 *
 *      byte 0                      512
 *      | count term vote sum | ... | count term vote sum |
 *
 * A save goes to the slot that holds the older state, with the next count. At a start the slot with
 * the right sum and the higher count is the truth. If the power fails in the middle of a save, the
 * new slot may be anything: old, new, zeros, half; its sum says so, and the state before it is
 * still in the other one. That state is good enough, since nobody has been told of the new one yet.
 *
 * Dropped: a new file beside it and a rename, which takes two syncs a save (the file and its
 * folder); and a log, which has to be cleaned up one day. */
#include "durable.h"

#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOT_SIZE = 512 }; /* disks write sectors of this size whole or not at all */

struct slot {
    uint64_t count; /* 0: never written */
    int64_t term, vote;
    uint64_t sum;
};

static int fd = -1;
static uint64_t last_count;

static void die(const char *what)
{
    node_log("durable: %s: %s", what, strerror(errno));
    exit(1);
}

/* FNV-1a over what stands before the sum. Zeros do not have the sum zero. */
static uint64_t sum_of(const struct slot *s)
{
    const unsigned char *bytes = (const unsigned char *)s;
    uint64_t sum = 0xcbf29ce484222325;

    for (size_t i = 0; i < offsetof(struct slot, sum); i++)
        sum = (sum ^ bytes[i]) * 0x100000001b3;
    return sum;
}

/* The newest whole slot. */
static struct durable load(void)
{
    struct durable newest = {0, -1};

    for (int i = 0; i < 2; i++) {
        struct slot s;
        ssize_t n = pread(fd, &s, sizeof(s), i * SLOT_SIZE);

        if (n < 0)
            die("read");
        if (n != sizeof(s) || s.sum != sum_of(&s) || s.count <= last_count)
            continue;
        newest = (struct durable){s.term, s.vote};
        last_count = s.count;
    }
    return newest;
}

struct durable durable_open(void)
{
    const char *folder = getenv("EDDY_DATA");
    int folder_fd;

    if (folder == NULL || folder[0] == '\0') {
        node_log("EDDY_DATA is not set: votes will not survive a restart");
        return (struct durable){0, -1};
    }
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0)
        die(folder);
    fd = openat(folder_fd, "vote", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fsync(folder_fd) < 0) /* or the name is gone with the power */
        die(folder);
    close(folder_fd);
    return load();
}

void durable_save(struct durable d)
{
    struct slot s = {.count = last_count + 1, .term = d.term, .vote = d.vote};

    if (fd < 0)
        return;
    s.sum = sum_of(&s);
    if (pwrite(fd, &s, sizeof(s), (off_t)(s.count % 2 * SLOT_SIZE)) != sizeof(s))
        die("write");
    if (fdatasync(fd) < 0)
        die("sync");
    last_count = s.count;
}
