/* spaces.c - one table for all spaces, and a file to which each change is added.
 *
 * The file does not know versions: a record is always [space, key, value]. So a server that speaks
 * only version 1 reads what a newer one has written, keeps what it does not show, and can be
 * replaced by the newer one again. Each record is a frame (frames.h) with MessagePack in it. Half a
 * record at the end was never answered; it is cut off. */
#include "spaces.h"

#include "node.h"
#include "pack_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 4 };

static struct table values;
static int file = -1;

static void give_up(const char *what)
{
    node_log("%s: %s", what, strerror(errno));
    exit(1);
}

/* Space and key as one key: each with its length in front, so that none can be taken for another.
 */
static struct bytes joined(struct bytes space, struct bytes key, struct buffer *memory)
{
    pack_put_text(memory, space);
    pack_put_text(memory, key);
    return (struct bytes){buffer_bytes(memory), memory->len};
}

bool spaces_get(struct bytes space, struct bytes key, struct bytes *ret_value)
{
    struct buffer memory = {0};
    bool found = table_get(&values, joined(space, key, &memory), ret_value);

    buffer_release(&memory);
    return found;
}

static void keep(struct bytes space, struct bytes key, struct bytes value)
{
    struct buffer memory = {0};

    table_set(&values, joined(space, key, &memory), value);
    buffer_release(&memory);
}

void spaces_set(struct bytes space, struct bytes key, struct bytes value)
{
    struct buffer record = {0};
    size_t len;

    buffer_put(&record, "\0\0\0\0", HEADER);
    pack_put_list(&record, 3);
    pack_put_text(&record, space);
    pack_put_text(&record, key);
    pack_put_text(&record, value);
    len = record.len - HEADER;
    for (int i = 0; i < HEADER; i++)
        buffer_bytes(&record)[i] = (char)(len >> 8 * (HEADER - 1 - i));
    if (write(file, buffer_bytes(&record), record.len) != (ssize_t)record.len)
        give_up("the data folder");
    buffer_release(&record);
    keep(space, key, value);
}

/* The record at the front; false: it is not whole. */
static bool load_one(const unsigned char *at, size_t left, size_t *ret_size)
{
    struct buffer memory = {0};
    struct pack_value list, space, key, value;
    size_t len;

    if (left < HEADER)
        return false;
    len = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    if (left - HEADER < len)
        return false;
    list = pack_open(at + HEADER, len, &memory);
    space = pack_take(&list);
    key = pack_take(&list);
    value = pack_take(&list);
    if (value.kind == PACK_TEXT)
        keep(space.text, key.text, value.text);
    buffer_release(&memory);
    *ret_size = HEADER + len;
    return true;
}

void spaces_open(void)
{
    const char *folder = getenv("EDDY_DATA");
    struct buffer all = {0};
    char path[4096];
    size_t done = 0, size;
    ssize_t n;

    if (file >= 0)
        return;
    snprintf(path, sizeof(path), "%s/spaces", folder != NULL ? folder : ".");
    file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0)
        give_up(path);
    while ((n = read(file, buffer_room(&all, 1 << 16), 1 << 16)) > 0)
        buffer_add(&all, (size_t)n);
    while (load_one((unsigned char *)buffer_bytes(&all) + done, all.len - done, &size))
        done += size;
    if (ftruncate(file, (off_t)done) != 0)
        give_up(path);
    buffer_release(&all);
}
