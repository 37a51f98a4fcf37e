/* resp_read.c - from bytes to words.
 *
 * A bulk string is taken by its count, and only then is looked whether CRLF follows: inside of it
 * CRLF means nothing. Each call begins at the start of the command again. That is cheap, since bulk
 * strings are jumped over, and it leaves no state between two reads that could be wrong. */
#include "resp_read.h"

#include <stdbool.h>
#include <string.h>

struct reader {
    const char *at, *end;
};

/* A line up to CRLF, without it. */
static enum resp_result read_line(struct reader *r, struct bytes *ret_line)
{
    const char *end = memchr(r->at, '\n', (size_t)(r->end - r->at));

    if (end == NULL)
        return r->end - r->at > RESP_LINE_MAX ? RESP_MALFORMED : RESP_PART;
    if (end == r->at || end[-1] != '\r')
        return RESP_MALFORMED;
    *ret_line = (struct bytes){r->at, (size_t)(end - 1 - r->at)};
    r->at = end + 1;
    return RESP_WHOLE;
}

/* "*12" or "$5": the mark and a number from 0 to max. */
static enum resp_result read_count(struct reader *r, char mark, int max, int *ret_count)
{
    struct bytes line;
    enum resp_result result;
    int count = 0;

    if (r->at == r->end)
        return RESP_PART;
    if (*r->at != mark)
        return RESP_MALFORMED;
    result = read_line(r, &line);
    if (result != RESP_WHOLE)
        return result;
    if (line.len < 2)
        return RESP_MALFORMED;
    for (size_t i = 1; i < line.len; i++) {
        if (line.at[i] < '0' || line.at[i] > '9')
            return RESP_MALFORMED;
        count = 10 * count + (line.at[i] - '0');
        if (count > max)
            return RESP_MALFORMED;
    }
    *ret_count = count;
    return RESP_WHOLE;
}

static enum resp_result read_bulk(struct reader *r, struct bytes *ret_word)
{
    int len;
    enum resp_result result = read_count(r, '$', RESP_BULK_MAX, &len);
    size_t left;

    if (result != RESP_WHOLE)
        return result;
    left = (size_t)(r->end - r->at);
    if ((left > (size_t)len && r->at[len] != '\r') ||
        (left > (size_t)len + 1 && r->at[len + 1] != '\n'))
        return RESP_MALFORMED;
    if (left < (size_t)len + 2)
        return RESP_PART;
    *ret_word = (struct bytes){r->at, (size_t)len};
    r->at += len + 2;
    return RESP_WHOLE;
}

static enum resp_result read_array(struct reader *r, struct command *c)
{
    int count;
    enum resp_result result = read_count(r, '*', RESP_WORDS_MAX, &count);

    for (c->count = 0; result == RESP_WHOLE && c->count < count; c->count++)
        result = read_bulk(r, &c->words[c->count]);
    return result;
}

/* Words between blanks; the line may end in a bare newline, as people's terminals send it. */
static enum resp_result read_inline(struct reader *r, struct command *c)
{
    const char *end = memchr(r->at, '\n', (size_t)(r->end - r->at)), *at = r->at, *stop;

    c->count = 0;
    if (end == NULL)
        return r->end - r->at > RESP_LINE_MAX ? RESP_MALFORMED : RESP_PART;
    stop = end > at && end[-1] == '\r' ? end - 1 : end;
    while (at < stop) {
        const char *blank = memchr(at, ' ', (size_t)(stop - at));
        const char *word_end = blank == NULL ? stop : blank;

        if (word_end > at) {
            if (c->count == RESP_WORDS_MAX)
                return RESP_MALFORMED;
            c->words[c->count++] = (struct bytes){at, (size_t)(word_end - at)};
        }
        at = blank == NULL ? stop : blank + 1;
    }
    r->at = end + 1;
    return RESP_WHOLE;
}

enum resp_result resp_read(const char *bytes, size_t len, struct command *ret_command)
{
    struct reader r = {bytes, bytes};
    enum resp_result result;

    if (len == 0)
        return RESP_PART;
    r.end += len;
    result = *bytes == '*' ? read_array(&r, ret_command) : read_inline(&r, ret_command);
    ret_command->len = (size_t)(r.at - bytes);
    return result;
}
