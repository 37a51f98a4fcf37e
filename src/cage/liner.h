/* liner.h - cuts a stream of bytes into lines.
 *
 * A line that lies whole in the bytes given is reported without being copied. A line longer than
 * max is reported once by its first max bytes, and the rest is skipped (LINER_SKIP) or follows as
 * lines of its own (LINER_CUT). The callback may call liner_stop(), but not liner_feed(). */
#ifndef CAGE_LINER_H
#define CAGE_LINER_H

#include "../base/str.h"

enum liner_long { LINER_SKIP, LINER_CUT };

struct liner {
    struct buf part;      /* the beginning of a line whose end has not come yet */
    size_t max;           /* bytes in a line */
    enum liner_long mode; /* what becomes of longer ones */
    bool skipping;        /* inside the rest of an overlong line */
    bool stopped;         /* report nothing more */
};

/* overlong: the line is the head of one that is longer than max; never set in LINER_CUT. */
typedef void liner_report(void *owner, struct str line, bool overlong);

void liner_init(struct liner *l, size_t max, enum liner_long mode);
void liner_release(struct liner *l);
void liner_stop(struct liner *l);
/* Returns how many lines it reported. */
size_t liner_feed(struct liner *l, struct str bytes, liner_report *report, void *owner);
/* The stream has ended: a last line without a newline counts. */
size_t liner_end(struct liner *l, liner_report *report, void *owner);

#endif
