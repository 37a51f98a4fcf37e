/* days.h - what somebody did on which day of the last year, and a picture of the last half of it.
 *
 * Days are those of UTC: the server does not know where its readers are. */
#ifndef WEB_DAYS_H
#define WEB_DAYS_H

#include "../course/progress.h"

struct buf;
struct err;
struct person;
struct site;

enum { DAYS_MAX = 366, DAY_TEXT_MAX = 16 };

struct days {
    int64_t today;
    struct progress_day list[DAYS_MAX]; /* in order; days on which nothing was done are left out */
    uint32_t count;
};

/* who NULL: nobody, so none. ERR_AWAY, ERR_MACHINE. */
int days_read(const struct site *s, const struct person *who, struct days *ret_days,
              struct err *err);
/* "2026-11-21". Returns into. */
const char *days_text(int64_t day, char into[DAY_TEXT_MAX]);
/* A square a day, a column a week, and the same as a table. Nothing if there is no day. */
void days_html(const struct days *d, struct buf *out);

#endif
