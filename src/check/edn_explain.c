/* Where a text stops being EDN, for the person who has it open in an editor. */
#include "edn.h"

#include "../base/err.h"
#include "../base/json_scan.h"

#include <stdio.h>
#include <string.h>

struct text_place text_place(struct str text, size_t offset)
{
    struct text_place place = {1, 1};
    size_t i;

    for (i = 0; i < offset && i < text.len; i++) {
        if (text.data[i] == '\n') {
            place.line++;
            place.column = 1;
        } else if (((unsigned char)text.data[i] & 0xc0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

/* The character at the fault, fit to be printed. */
static void name_found(struct str in, size_t at, char *into, size_t size)
{
    const char *p = in.data + at;
    size_t len = json_utf8_len(p, in.data + in.len);
    unsigned char byte = (unsigned char)*p;

    if (byte == '\n' || byte == '\r')
        snprintf(into, size, "the end of the line");
    else if (len == 0 || byte < 0x20 || byte == 0x7f ||
             (byte == 0xc2 && (unsigned char)p[1] < 0xa0))
        snprintf(into, size, "byte 0x%02x", byte);
    else if (byte == '"')
        snprintf(into, size, "a quote");
    else
        snprintf(into, size, "\"%.*s\"", (int)len, p);
}

int edn_explain(const struct edn_reader *r, struct err *err)
{
    size_t at = r->at;
    struct text_place place;
    char found[40];

    while (r->at >= r->in.len && at > 0 && strchr(" \t\r\n", r->in.data[at - 1]) != NULL &&
           r->in.data[at - 1] != '\0')
        at--; /* the end of a text is where its last line ends */
    place = text_place(r->in, at);

    if (r->at >= r->in.len && r->depth > 0) {
        size_t start = r->open[r->depth - 1].start;
        struct text_place open = text_place(r->in, start);
        return err_set(err, ERR_INPUT,
                       "line %zu, column %zu: the text ends where %s was expected; the \"%c\" in "
                       "line %zu, column %zu is still open",
                       place.line, place.column, r->error, r->in.data[start], open.line,
                       open.column);
    }
    if (r->at >= r->in.len)
        return err_set(err, ERR_INPUT, "line %zu, column %zu: the text ends where %s was expected",
                       place.line, place.column, r->error);
    name_found(r->in, r->at, found, sizeof(found));
    return err_set(err, ERR_INPUT, "line %zu, column %zu: expected %s, but found %s", place.line,
                   place.column, r->error, found);
}
