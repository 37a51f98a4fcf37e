/* envelope.c - the protocol "pb": one message of a schema, read, changed and written anew.
 *
 *     message Envelope {                          message Put { string key = 1; bytes value = 2; }
 *       uint64 id = 1;      string kind = 2;      message Get { string key = 1; }
 *       sint64 delta = 3;   repeated uint32 tags = 4;
 *       map<string, bytes> attrs = 5;
 *       oneof body { Put put = 6; Get get = 7; } }
 *
 * A map is on the wire a repeated message { key = 1; value = 2; }. A scalar that comes twice is
 * what came last, a message that comes twice is both merged, a oneof is the member that came last.
 * What the schema does not know, or knows with another type, is kept as it came and written last.
 */
#include "conn.h"
#include "frames.h"
#include "pb.h"
#include "protos.h"

#include <stdlib.h>
#include <string.h>

struct body {
    uint32_t number; /* 6 put, 7 get; 0: none */
    struct bytes key, value;
    struct buffer unknown;
};

struct envelope {
    uint64_t id;
    int64_t delta;
    struct buffer tags;  /* of uint32_t */
    struct table attrs;  /* for the values, */
    struct buffer names; /* and their keys in order of arrival, each as a field */
    struct body body;
    struct buffer unknown;
};

static bool read_tags(struct envelope *e, const struct pb_field *f)
{
    struct pb_reader packed = pb_read(f->bytes);
    uint64_t n = f->varint;
    uint32_t tag = (uint32_t)n;

    if (f->type == PB_VARINT)
        buffer_put(&e->tags, &tag, sizeof(tag));
    while (f->type == PB_BYTES && pb_next_varint(&packed, &n)) {
        tag = (uint32_t)n;
        buffer_put(&e->tags, &tag, sizeof(tag));
    }
    return !packed.broken;
}

static bool read_attr(struct envelope *e, struct bytes message)
{
    struct pb_reader r = pb_read(message);
    struct bytes key = {"", 0}, value = {"", 0}, before;
    struct pb_field f;

    while (pb_next(&r, &f)) {
        if (f.number == 1 && f.type == PB_BYTES)
            key = f.bytes;
        if (f.number == 2 && f.type == PB_BYTES)
            value = f.bytes;
    }
    if (r.broken)
        return false;
    if (!table_get(&e->attrs, key, &before))
        pb_put_bytes(&e->names, 1, key);
    table_set(&e->attrs, key, value);
    return true;
}

static bool read_body(struct body *b, uint32_t number, struct bytes message)
{
    struct pb_reader r = pb_read(message);
    struct pb_field f;

    if (b->number != number) {
        buffer_release(&b->unknown);
        *b = (struct body){.number = number};
    }
    while (pb_next(&r, &f)) {
        if (f.number == 1 && f.type == PB_BYTES)
            b->key = f.bytes;
        else if (f.number == 2 && f.type == PB_BYTES && number == 6)
            b->value = f.bytes;
        else
            buffer_put(&b->unknown, f.whole.at, f.whole.len);
    }
    return !r.broken;
}

static bool read_field(struct envelope *e, const struct pb_field *f)
{
    if (f->number == 1 && f->type == PB_VARINT)
        e->id = f->varint;
    else if (f->number == 2 && f->type == PB_BYTES)
        return true; /* the kind: ours is "ok" */
    else if (f->number == 3 && f->type == PB_VARINT)
        e->delta = pb_unzigzag(f->varint);
    else if (f->number == 4 && (f->type == PB_VARINT || f->type == PB_BYTES))
        return read_tags(e, f);
    else if (f->number == 5 && f->type == PB_BYTES)
        return read_attr(e, f->bytes);
    else if ((f->number == 6 || f->number == 7) && f->type == PB_BYTES)
        return read_body(&e->body, f->number, f->bytes);
    else
        buffer_put(&e->unknown, f->whole.at, f->whole.len);
    return true;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void put_tags(struct buffer *out, struct envelope *e)
{
    size_t count = e->tags.len / sizeof(uint32_t);
    struct buffer packed = {0};
    uint32_t tag;

    if (count == 0)
        return;
    qsort(buffer_bytes(&e->tags), count, sizeof(uint32_t), by_number);
    for (size_t i = 0; i < count; i++) {
        memcpy(&tag, buffer_bytes(&e->tags) + i * sizeof(tag), sizeof(tag));
        pb_put_varint(&packed, tag);
    }
    pb_put_bytes(out, 4, (struct bytes){buffer_bytes(&packed), packed.len});
    buffer_release(&packed);
}

static void put_attrs(struct buffer *out, const struct envelope *e)
{
    struct pb_reader names = pb_read((struct bytes){buffer_bytes(&e->names), e->names.len});
    struct pb_field name;

    while (pb_next(&names, &name)) {
        struct buffer entry = {0};
        struct bytes value = {0};

        table_get(&e->attrs, name.bytes, &value);
        pb_put_bytes_if_any(&entry, 1, name.bytes);
        pb_put_bytes_if_any(&entry, 2, value);
        pb_put_bytes(out, 5, (struct bytes){buffer_bytes(&entry), entry.len});
        buffer_release(&entry);
    }
}

static void put_body(struct buffer *out, const struct body *b)
{
    struct buffer inner = {0};

    if (b->number == 0)
        return;
    pb_put_bytes_if_any(&inner, 1, b->key);
    pb_put_bytes_if_any(&inner, 2, b->value);
    buffer_put(&inner, buffer_bytes(&b->unknown), b->unknown.len);
    pb_put_bytes(out, b->number, (struct bytes){buffer_bytes(&inner), inner.len});
    buffer_release(&inner);
}

static void answer(struct conn *c, struct envelope *e)
{
    struct buffer out = {0};

    pb_put_number(&out, 1, e->id);
    pb_put_bytes(&out, 2, (struct bytes){"ok", 2});
    pb_put_number(&out, 3, pb_zigzag((int64_t)(0 - (uint64_t)e->delta)));
    put_tags(&out, e);
    put_attrs(&out, e);
    put_body(&out, &e->body);
    buffer_put(&out, buffer_bytes(&e->unknown), e->unknown.len);
    frame_put(c, buffer_bytes(&out), out.len);
    buffer_release(&out);
}

static void release(struct envelope *e)
{
    buffer_release(&e->tags);
    table_clear(&e->attrs);
    buffer_release(&e->names);
    buffer_release(&e->body.unknown);
    buffer_release(&e->unknown);
}

static bool step(struct conn *c)
{
    struct envelope e = {0};
    const unsigned char *payload;
    struct pb_reader r;
    struct pb_field f;
    bool good = true;
    size_t len;

    if (!frame_first(c, &payload, &len))
        return false;
    r = pb_read((struct bytes){(const char *)payload, len});
    while (good && pb_next(&r, &f))
        good = read_field(&e, &f);
    if (good && !r.broken)
        answer(c, &e);
    else
        frame_put(c, "ERR", 3);
    release(&e);
    buffer_take(&c->in, FRAME_HEADER + len);
    return true;
}

const struct proto pb_proto = {.name = "pb", .step = step};
