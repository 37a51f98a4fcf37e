#include "days.h"

#include "../accounts/person.h"
#include "html.h"
#include "site.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    WEEKS = 26,
    SQUARE = 12,
    STEP = 15, /* from square to square */
    LEFT = 30, /* the names of days */
    TOP = 16,  /* the names of months */
    SECONDS = 86400,
};

/* 1970-01-01 was a Thursday; 0 is Monday. */
static int weekday(int64_t day)
{
    return (int)((day + 3) % 7);
}

static struct tm date_of(int64_t day)
{
    time_t seconds = (time_t)(day * SECONDS);
    struct tm date = {0};

    gmtime_r(&seconds, &date);
    return date;
}

const char *days_text(int64_t day, char into[DAY_TEXT_MAX])
{
    struct tm date = date_of(day);

    if (strftime(into, DAY_TEXT_MAX, "%Y-%m-%d", &date) == 0)
        into[0] = '\0';
    return into;
}

/* ---- reading ---- */

static void note(void *owner, const struct progress_day *day)
{
    struct days *d = owner;

    if (d->count < DAYS_MAX)
        d->list[d->count++] = *day;
}

int days_read(const struct site *s, const struct person *who, struct days *ret_days,
              struct err *err)
{
    struct days d = {.today = progress_today()};
    int status = 0;

    if (s->store != NULL && who != NULL)
        status = progress_days(s->store, who->id, d.today - DAYS_MAX + 1, note, &d, err);
    if (status < 0)
        return status;
    *ret_days = d;
    return 0;
}

/* ---- the picture ---- */

static const struct progress_day *find(const struct days *d, int64_t day)
{
    uint32_t i;

    for (i = 0; i < d->count; i++)
        if (d->list[i].day == day)
            return &d->list[i];
    return NULL;
}

static const char *look_of(const struct progress_day *day)
{
    if (day == NULL)
        return "none";
    return day->passed >= 3 ? "some-3" : day->passed > 0 ? "some-2" : "some-1";
}

static void add_count(const struct progress_day *day, struct buf *out)
{
    if (day == NULL) {
        buf_add_text(out, "nothing");
        return;
    }
    html_addf(out, "%u %s, %u passed", day->attempts, day->attempts == 1 ? "attempt" : "attempts",
              day->passed);
}

static void add_square(const struct days *d, int64_t day, int column, struct buf *out)
{
    const struct progress_day *found = find(d, day);
    char text[DAY_TEXT_MAX];

    html_addf(
        out,
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2.5\"><title>%s: ",
        look_of(found), LEFT + column * STEP, TOP + weekday(day) * STEP, SQUARE, SQUARE,
        days_text(day, text));
    add_count(found, out);
    buf_add_text(out, "</title></rect>\n");
}

/* A month's name stands above the first week that begins in it, where there is room before the
 * next. */
static void add_months(int64_t first, struct buf *out)
{
    int column, last = -3, month = -1;

    for (column = 0; column < WEEKS; column++) {
        struct tm date = date_of(first + 7 * column);
        char name[8];
        if (date.tm_mon != month && column - last >= 3 && column + 2 <= WEEKS &&
            strftime(name, sizeof(name), "%b", &date) > 0) {
            html_addf(out, "<text x=\"%d\" y=\"11\">%s</text>\n", LEFT + column * STEP, name);
            last = column;
        }
        month = date.tm_mon;
    }
}

static void draw(const struct days *d, struct buf *out)
{
    static const char *const names[] = {"Mon", "", "Wed", "", "Fri", "", ""};
    int64_t first = d->today - weekday(d->today) - 7 * (WEEKS - 1), day;
    int i;

    html_addf(out,
              "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"Each day of the "
              "last %d weeks; the table below says the same\">\n",
              LEFT + WEEKS * STEP, TOP + 7 * STEP, LEFT + WEEKS * STEP, WEEKS);
    add_months(first, out);
    for (i = 0; i < 7; i++)
        if (names[i][0] != '\0')
            html_addf(out, "<text x=\"0\" y=\"%d\">%s</text>\n", TOP + i * STEP + 10, names[i]);
    for (day = first; day <= d->today; day++)
        add_square(d, day, (int)((day - first) / 7), out);
    buf_add_text(out, "</svg>\n");
}

static void add_table(const struct days *d, struct buf *out)
{
    char text[DAY_TEXT_MAX];
    uint32_t i;

    buf_add_text(out,
                 "<details class=\"fold\">\n<summary>As a table</summary>\n<table>\n<thead><tr>"
                 "<th scope=\"col\">Day (UTC)</th><th scope=\"col\" class=\"number\">Attempts"
                 "</th><th scope=\"col\" class=\"number\">Tasks passed</th></tr></thead>\n"
                 "<tbody>\n");
    for (i = d->count; i-- > 0;)
        html_addf(out,
                  "<tr><td>%s</td><td class=\"number\">%u</td><td class=\"number\">%u</td></tr>\n",
                  days_text(d->list[i].day, text), d->list[i].attempts, d->list[i].passed);
    buf_add_text(out, "</tbody>\n</table>\n</details>\n");
}

void days_html(const struct days *d, struct buf *out)
{
    if (d->count == 0)
        return;
    buf_add_text(out, "<h2 id=\"days\">By day</h2>\n<div class=\"days\">\n");
    draw(d, out);
    buf_add_text(out, "</div>\n<p class=\"legend\"><span><span class=\"key some-1\"></span> tried"
                      "</span> <span><span class=\"key some-2\"></span> passed a task</span> "
                      "<span><span class=\"key some-3\"></span> passed three or more</span></p>\n");
    add_table(d, out);
}
