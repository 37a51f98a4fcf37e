/* disk.c - an append-only log of JSON lines.
 *
 * A record counts once its newline is on disk. A kill can cut the last write short, so a tail
 * without newline is dropped at opening. All failures end the process: a node that cannot store
 * must not acknowledge. */
#include "disk.h"

#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int log_fd = -1;
static struct json_text waiting; /* records not yet written */

static void die(const char *what)
{
    node_log("disk: %s: %s", what, strerror(errno));
    exit(1);
}

static void disk_sync(void)
{
    size_t done = 0;

    if (waiting.len == 0)
        return;
    while (done < waiting.len) {
        ssize_t n = write(log_fd, waiting.bytes + done, waiting.len - done);

        if (n < 0 && errno != EINTR)
            die("write");
        if (n > 0)
            done += (size_t)n;
    }
    waiting.len = 0;
    if (fdatasync(log_fd) < 0)
        die("fdatasync");
}

static size_t replay_lines(char *text, size_t len, void (*replay)(const struct json *record))
{
    char *line = text, *end;

    while ((end = memchr(line, '\n', len - (size_t)(line - text))) != NULL) {
        struct json *record = json_parse(line, (size_t)(end - line));

        if (record == NULL) {
            node_log("disk: the log is broken at byte %zu", (size_t)(line - text));
            exit(1);
        }
        replay(record);
        line = end + 1;
    }
    return (size_t)(line - text);
}

static void log_read(void (*replay)(const struct json *record))
{
    off_t size = lseek(log_fd, 0, SEEK_END);
    char *text = size < 0 ? NULL : json_scratch((size_t)size + 1);
    size_t whole;

    if (text == NULL || pread(log_fd, text, (size_t)size, 0) != size)
        die("read");
    whole = replay_lines(text, (size_t)size, replay);
    if (ftruncate(log_fd, (off_t)whole) < 0 || lseek(log_fd, 0, SEEK_END) < 0)
        die("cut");
}

void disk_open(void (*replay)(const struct json *record))
{
    const char *folder = getenv("EDDY_DATA");
    int folder_fd;

    if (folder == NULL || folder[0] == '\0') {
        node_log("EDDY_DATA is not set: nothing will survive a restart");
        return;
    }
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0)
        die(folder);
    log_fd = openat(folder_fd, "log", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (log_fd < 0 || fsync(folder_fd) < 0) /* the new name must survive, too */
        die(folder);
    close(folder_fd);
    log_read(replay);
    node_before_output(disk_sync);
}

void disk_append(const struct json *record)
{
    if (log_fd < 0)
        return;
    json_print(&waiting, record);
    json_append(&waiting, "\n", 1);
}
