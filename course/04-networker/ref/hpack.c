/* hpack.c - blocks of headers from and to bytes.
 *
 *     1xxxxxxx  a header of the tables: its number        (6.1)
 *     01xxxxxx  a name of the tables or a new one, a value; goes into the table  (6.2.1)
 *     001xxxxx  the table's new size                      (6.3)
 *     000?xxxx  a name, a value; does not go into the table   (6.2.2, 6.2.3)
 *
 * Numbers 1 to 61 are the static table, 62 is what was put into the dynamic one last. */
#include "hpack.h"

#include "buffer.h"
#include "huffman.h"

#include <stdint.h>
#include <string.h>

enum { STATIC_COUNT = 61, NUMBER_MAX = 1 << 20 };

static const char *const fixed[STATIC_COUNT][2] = {
    {":authority", ""},
    {":method", "GET"},
    {":method", "POST"},
    {":path", "/"},
    {":path", "/index.html"},
    {":scheme", "http"},
    {":scheme", "https"},
    {":status", "200"},
    {":status", "204"},
    {":status", "206"},
    {":status", "304"},
    {":status", "400"},
    {":status", "404"},
    {":status", "500"},
    {"accept-charset", ""},
    {"accept-encoding", "gzip, deflate"},
    {"accept-language", ""},
    {"accept-ranges", ""},
    {"accept", ""},
    {"access-control-allow-origin", ""},
    {"age", ""},
    {"allow", ""},
    {"authorization", ""},
    {"cache-control", ""},
    {"content-disposition", ""},
    {"content-encoding", ""},
    {"content-language", ""},
    {"content-length", ""},
    {"content-location", ""},
    {"content-range", ""},
    {"content-type", ""},
    {"cookie", ""},
    {"date", ""},
    {"etag", ""},
    {"expect", ""},
    {"expires", ""},
    {"from", ""},
    {"host", ""},
    {"if-match", ""},
    {"if-modified-since", ""},
    {"if-none-match", ""},
    {"if-range", ""},
    {"if-unmodified-since", ""},
    {"last-modified", ""},
    {"link", ""},
    {"location", ""},
    {"max-forwards", ""},
    {"proxy-authenticate", ""},
    {"proxy-authorization", ""},
    {"range", ""},
    {"referer", ""},
    {"refresh", ""},
    {"retry-after", ""},
    {"server", ""},
    {"set-cookie", ""},
    {"strict-transport-security", ""},
    {"transfer-encoding", ""},
    {"user-agent", ""},
    {"vary", ""},
    {"via", ""},
    {"www-authenticate", ""},
};

void hpack_init(struct hpack *p)
{
    *p = (struct hpack){.table_max = HPACK_TABLE_MAX};
}

void hpack_release(struct hpack *p)
{
    headers_release(&p->table);
}

/* ---- the tables ---- */

static bool entry(const struct hpack *p, size_t number, struct header *ret_header)
{
    if (number == 0 || number > STATIC_COUNT + p->table.count)
        return false;
    if (number > STATIC_COUNT)
        *ret_header = p->table.list[number - STATIC_COUNT - 1];
    else
        *ret_header =
            (struct header){bytes_of(fixed[number - 1][0]), bytes_of(fixed[number - 1][1])};
    return true;
}

static void shrink(struct hpack *p, size_t to)
{
    while (p->table.size > to)
        headers_drop_last(&p->table);
}

/* Name and value may lie in an entry that goes; one that is too large empties the table (4.4). */
static void remember(struct hpack *p, struct bytes name, struct bytes value)
{
    struct headers copy = {0};

    headers_add(&copy, name, value);
    if (copy.size > p->table_max) {
        shrink(p, 0);
    } else {
        shrink(p, p->table_max - copy.size);
        headers_add_first(&p->table, copy.list[0].name, copy.list[0].value);
    }
    headers_release(&copy);
}

/* ---- decoding ---- */

struct block {
    const unsigned char *at, *end;
};

/* An integer whose first bits stand in the lower `prefix` bits of the next byte (5.1). */
static bool number(struct block *b, int prefix, size_t *ret_n)
{
    unsigned max = (1u << prefix) - 1;
    size_t n;

    if (b->at == b->end)
        return false;
    n = *b->at++ & max;
    for (int shift = 0; n >= max; shift += 7) {
        unsigned char byte;

        if (b->at == b->end || shift > 21)
            return false;
        byte = *b->at++;
        n += (size_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    *ret_n = n;
    return n <= NUMBER_MAX;
}

/* A text, as it stands or in the Huffman code, put behind the others in *memory (5.2). */
static bool text(struct block *b, struct buffer *memory)
{
    bool is_coded = b->at < b->end && (*b->at & 0x80) != 0;
    const unsigned char *bytes;
    size_t len;

    if (!number(b, 7, &len) || len > (size_t)(b->end - b->at))
        return false;
    bytes = b->at;
    b->at += len;
    if (is_coded)
        return huffman_decode(bytes, len, memory);
    buffer_put(memory, bytes, len);
    return true;
}

static bool literal(struct hpack *p, struct block *b, int prefix, bool keep, struct headers *out)
{
    struct buffer memory = {0};
    struct header known = {{"", 0}, {"", 0}};
    size_t index, name_len;
    bool good = number(b, prefix, &index);

    if (good && index > 0) {
        good = entry(p, index, &known);
        if (good)
            buffer_put(&memory, known.name.at, known.name.len);
    } else {
        good = good && text(b, &memory);
    }
    name_len = memory.len;
    good = good && text(b, &memory);
    if (good) {
        struct bytes name = {buffer_bytes(&memory), name_len};
        struct bytes value = {buffer_bytes(&memory) + name_len, memory.len - name_len};

        if (memory.len == 0)
            name.at = value.at = "";
        headers_add(out, name, value);
        if (keep)
            remember(p, name, value);
    }
    buffer_release(&memory);
    return good;
}

bool hpack_decode(struct hpack *p, const unsigned char *block, size_t len, struct headers *out)
{
    struct block b = {block, len == 0 ? block : block + len};
    size_t before = out->count, n;
    struct header known;

    while (b.at < b.end) {
        if (*b.at & 0x80) {
            if (!number(&b, 7, &n) || !entry(p, n, &known))
                return false;
            headers_add(out, known.name, known.value);
        } else if (*b.at & 0x40) {
            if (!literal(p, &b, 6, true, out))
                return false;
        } else if (*b.at & 0x20) {
            if (!number(&b, 5, &n) || n > HPACK_TABLE_MAX || out->count > before)
                return false; /* only in front of the first header (4.2) */
            p->table_max = n;
            shrink(p, n);
        } else if (!literal(p, &b, 4, false, out)) {
            return false;
        }
    }
    return true;
}

/* ---- encoding ---- */

static void put_number(struct buffer *block, unsigned char mark, int prefix, size_t n)
{
    unsigned max = (1u << prefix) - 1;
    unsigned char byte = (unsigned char)(mark | (n < max ? n : max));

    buffer_put(block, &byte, 1);
    if (n < max)
        return;
    for (n -= max; n >= 0x80; n >>= 7) {
        byte = (unsigned char)(n | 0x80);
        buffer_put(block, &byte, 1);
    }
    byte = (unsigned char)n;
    buffer_put(block, &byte, 1);
}

static void put_text(struct buffer *block, struct bytes text)
{
    put_number(block, 0, 7, text.len);
    buffer_put(block, text.at, text.len);
}

/* The number of this header in the tables, 0 if it is not there; and one with the same name. */
static size_t find(const struct hpack *p, const struct header *h, size_t *ret_name)
{
    struct header known;

    *ret_name = 0;
    for (size_t i = 1; entry(p, i, &known); i++) {
        if (!bytes_equal(known.name, h->name))
            continue;
        if (bytes_equal(known.value, h->value))
            return i;
        if (*ret_name == 0)
            *ret_name = i;
    }
    return 0;
}

static void put_header(struct hpack *p, const struct header *h, struct buffer *block)
{
    size_t name, index = find(p, h, &name);
    bool keep = h->name.len + h->value.len + HEADER_OVERHEAD <= p->table_max / 2;

    if (index > 0) {
        put_number(block, 0x80, 7, index);
        return;
    }
    put_number(block, keep ? 0x40 : 0, keep ? 6 : 4, name);
    if (name == 0)
        put_text(block, h->name);
    put_text(block, h->value);
    if (keep)
        remember(p, h->name, h->value);
}

void hpack_encode(struct hpack *p, const struct headers *h, struct buffer *block)
{
    if (p->must_tell) {
        if (p->told_min < p->table_max)
            put_number(block, 0x20, 5, p->told_min);
        put_number(block, 0x20, 5, p->table_max);
        p->must_tell = false;
    }
    for (size_t i = 0; i < h->count; i++)
        put_header(p, &h->list[i], block);
}

void hpack_resize(struct hpack *p, size_t table_max)
{
    size_t now = table_max < HPACK_TABLE_MAX ? table_max : HPACK_TABLE_MAX;

    if (now == p->table_max)
        return;
    p->told_min = p->must_tell && p->told_min < now ? p->told_min : now;
    p->must_tell = true;
    p->table_max = now;
    shrink(p, now);
}
