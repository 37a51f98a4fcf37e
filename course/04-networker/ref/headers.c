/* headers.c - a list of headers; also the dynamic table of HPACK, which gets its entries in front
 * and loses them at the end. It has at most 128 of them, so moving them all is no cost. */
#include "headers.h"

#include "node.h"

#include <stdlib.h>
#include <string.h>

static void *must(void *memory)
{
    if (memory == NULL) {
        node_log("out of memory");
        exit(1);
    }
    return memory;
}

static void insert(struct headers *h, size_t at, struct bytes name, struct bytes value)
{
    char *block = must(malloc(name.len + value.len + 1));

    memcpy(block, name.at, name.len);
    memcpy(block + name.len, value.at, value.len);
    if (h->count == h->cap) {
        h->cap = 2 * h->cap + 8;
        h->list = must(realloc(h->list, h->cap * sizeof(*h->list)));
    }
    memmove(h->list + at + 1, h->list + at, (h->count - at) * sizeof(*h->list));
    h->list[at] = (struct header){{block, name.len}, {block + name.len, value.len}};
    h->count++;
    h->size += name.len + value.len + HEADER_OVERHEAD;
}

void headers_add(struct headers *h, struct bytes name, struct bytes value)
{
    insert(h, h->count, name, value);
}

void headers_add_text(struct headers *h, const char *name, const char *value)
{
    insert(h, h->count, bytes_of(name), bytes_of(value));
}

void headers_add_first(struct headers *h, struct bytes name, struct bytes value)
{
    insert(h, 0, name, value);
}

void headers_drop_last(struct headers *h)
{
    struct header *last = &h->list[--h->count];

    h->size -= last->name.len + last->value.len + HEADER_OVERHEAD;
    free((char *)last->name.at);
}

void headers_release(struct headers *h)
{
    while (h->count > 0)
        headers_drop_last(h);
    free(h->list);
    *h = (struct headers){0};
}

const struct bytes *headers_get(const struct headers *h, const char *name)
{
    for (size_t i = 0; i < h->count; i++) {
        if (bytes_are(h->list[i].name, name))
            return &h->list[i].value;
    }
    return NULL;
}

struct bytes bytes_of(const char *text)
{
    return (struct bytes){text, strlen(text)};
}

bool bytes_are(struct bytes b, const char *text)
{
    return bytes_equal(b, bytes_of(text));
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}
