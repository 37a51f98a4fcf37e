/* disk_log.c - records kept in EDDY_DATA/log, a line each: append {data} -> append_ok; read {} ->
 * read_ok {records}. A record ends in its length, so a torn one is known; what follows the first
 * torn one is cut off at start.
 *
 * Modes: no-sync        nothing is synced
 *        no-name        the file is synced, the folder in which it was made is not
 *        early          it answers before it syncs
 *        retry          a sync that failed is tried again, and believed
 *        whole          the file is written anew as a whole, in place, at every append
 *        half           a write is done when it returns, however much it wrote
 *        blind          a torn record is given as if it were whole */
#include "mode.h"
#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SOUND, NO_SYNC, NO_NAME, EARLY, RETRY, WHOLE, HALF, BLIND };

static int mode;
static int fd;
static char log_path[4096];
static char *content; /* of the file, as we know it */
static size_t len;

static void die(const char *what)
{
    node_log("%s: %s", what, strerror(errno));
    exit(1);
}

static void sync_folder(void)
{
    int folder = open(getenv("EDDY_DATA"), O_RDONLY);

    if (fsync(folder) < 0)
        die("sync of the folder");
    close(folder);
}

/* FNV-1a */
static uint32_t sum_of(const char *data, size_t count)
{
    uint32_t sum = 2166136261u;

    while (count-- > 0)
        sum = (sum ^ (unsigned char)*data++) * 16777619u;
    return sum;
}

/* The end of the last whole record from the beginning on. A record is DATA:SUM and a newline. */
static size_t whole_part(void)
{
    size_t good = 0;
    size_t at;
    size_t begin = 0;

    for (at = 0; at < len; at++) {
        const char *colon;
        if (content[at] != '\n')
            continue;
        colon = memrchr(content + begin, ':', at - begin);
        if (colon == NULL || strtoul(colon + 1, NULL, 10) !=
                                 sum_of(content + begin, (size_t)(colon - (content + begin))))
            break;
        begin = good = at + 1;
    }
    return mode == BLIND ? len : good;
}

static void load(void)
{
    ssize_t got;

    snprintf(log_path, sizeof(log_path), "%s/log", getenv("EDDY_DATA"));
    fd = open(log_path, O_RDWR | O_CREAT, 0644);
    if (fd < 0)
        die("open");
    content = malloc(1 << 20);
    while ((got = pread(fd, content + len, (1 << 20) - len, (off_t)len)) > 0)
        len += (size_t)got;
    len = whole_part();
    if (ftruncate(fd, (off_t)len) < 0)
        die("truncate");
    if (mode != NO_SYNC && fsync(fd) < 0)
        die("sync");
    if (mode != NO_SYNC && mode != NO_NAME)
        sync_folder();
}

static int write_all(const char *bytes, size_t count, size_t at)
{
    while (count > 0) {
        ssize_t done = pwrite(fd, bytes, count, (off_t)at);
        if (done < 0)
            return -1;
        if (mode == HALF)
            return 0;
        bytes += done;
        at += (size_t)done;
        count -= (size_t)done;
    }
    return 0;
}

static int store(const char *data)
{
    int added = sprintf(content + len, "%s:%u\n", data, sum_of(data, strlen(data)));

    if (mode == WHOLE) {
        if (ftruncate(fd, 0) < 0 || write_all(content, len + (size_t)added, 0) < 0)
            return -1;
    } else if (write_all(content + len, (size_t)added, len) < 0) {
        return -1;
    }
    if (mode != NO_SYNC && mode != EARLY && fsync(fd) < 0 && (mode != RETRY || fsync(fd) < 0))
        return -1;
    len += (size_t)added;
    return 0;
}

static void on_append(const struct message *m)
{
    if (store(json_text_of(json_get(m->body, "data"))) < 0) {
        node_error(m, NODE_CRASH, strerror(errno));
        die("append"); /* what is on the disk is not known any more: start anew */
    }
    node_reply(m, "append_ok", NULL);
}

static void sync_later(void *owner)
{
    (void)owner;
    fsync(fd);
}

static void on_read(const struct message *m)
{
    struct json *list = json_array();
    size_t begin = 0;
    size_t at;

    for (at = 0; at < len; at++)
        if (content[at] == '\n') {
            const char *colon = memrchr(content + begin, ':', at - begin);
            size_t end = colon == NULL ? at : (size_t)(colon - content);
            char text[4096];
            snprintf(text, sizeof(text), "%.*s", (int)(end - begin), content + begin);
            json_push(list, json_string(text));
            begin = at + 1;
        }
    node_reply(m, "read_ok", "records", list, NULL);
}

int main(int argc, char **argv)
{
    static const char *const modes[] = {"sound", "no-sync", "no-name", "early", "retry",
                                        "whole", "half",    "blind",   NULL};

    mode = mode_parse(argc, argv, modes);
    node_on_start(load);
    node_on("append", on_append);
    node_on("read", on_read);
    if (mode == EARLY)
        node_every(50, sync_later, NULL);
    return node_run();
}
