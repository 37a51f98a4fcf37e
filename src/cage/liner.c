/* Most reads bring whole lines, so the common path is memchr(3) and a callback that points into
 * the caller's bytes. Only the piece behind the last newline is copied into part, and the next
 * feed completes it. Invariants:
 * 1. part holds no newline and at most max bytes.
 * 2. skipping implies that part is empty.
 * 3. A line of exactly max bytes is not overlong: that shows with the byte after it. */
#include "liner.h"

#include <string.h>

#ifndef PLANT_CAGE
#define PLANT_CAGE 0
#endif

void liner_init(struct liner *l, size_t max, enum liner_long mode)
{
    *l = (struct liner){.max = max, .mode = mode};
}

void liner_release(struct liner *l)
{
    buf_release(&l->part);
}

void liner_stop(struct liner *l)
{
    l->stopped = true;
}

/* The beginning of a line with more than max bytes: part and then the first bytes of more. Says
 * how many bytes of more belong to the head. */
static size_t report_head(struct liner *l, struct str more, liner_report *report, void *owner)
{
    size_t taken = l->max - l->part.len;
    struct str head = {more.data, taken};

    if (l->part.len > 0) {
        buf_add(&l->part, more.data, taken);
        head = buf_str(&l->part);
    }
    report(owner, head, l->mode == LINER_SKIP);
    if (PLANT_CAGE == 3 && l->mode == LINER_SKIP)
        report(owner, head, true);
    buf_reset(&l->part);
    l->skipping = l->mode == LINER_SKIP;
    return taken;
}

/* One line up to its newline. */
static size_t report_line(struct liner *l, struct str end, liner_report *report, void *owner)
{
    struct str line = end;
    size_t count = 0;

    while (!l->skipping && !l->stopped && l->part.len + line.len > l->max) {
        size_t taken = report_head(l, line, report, owner);

        line = (struct str){line.data + taken, line.len - taken};
        count++;
    }
    if (l->skipping || l->stopped) {
        l->skipping = false;
        return count;
    }
    if (l->part.len > 0) {
        buf_add_str(&l->part, line);
        line = buf_str(&l->part);
    }
    report(owner, line, false);
    buf_reset(&l->part);
    return count + 1;
}

/* The beginning of a line whose newline has not come yet. */
static size_t keep(struct liner *l, struct str rest, liner_report *report, void *owner)
{
    size_t count = 0;

    while (!l->skipping && !l->stopped && l->part.len + rest.len > l->max) {
        size_t taken = report_head(l, rest, report, owner);

        rest = (struct str){rest.data + taken, rest.len - taken};
        count++;
    }
    if (!l->skipping && !l->stopped && rest.len > 0)
        buf_add_str(&l->part, rest);
    return count;
}

size_t liner_feed(struct liner *l, struct str bytes, liner_report *report, void *owner)
{
    const char *at = bytes.data;
    const char *end = bytes.data + bytes.len;
    size_t count = 0;

    while (!l->stopped && at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        if (newline == NULL)
            return count + keep(l, (struct str){at, (size_t)(end - at)}, report, owner);
        count += report_line(l, (struct str){at, (size_t)(newline - at)}, report, owner);
        at = newline + 1;
    }
    return count;
}

size_t liner_end(struct liner *l, liner_report *report, void *owner)
{
    if (PLANT_CAGE == 2)
        return 0;
    if (l->stopped || l->skipping || l->part.len == 0) {
        l->skipping = false;
        return 0;
    }
    return report_line(l, (struct str){"", 0}, report, owner);
}
