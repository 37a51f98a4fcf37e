/* pages.h - a function a page: it writes the whole HTML, which needs no script.
 *
 * Each gives 0 and a response (also "there is no such track"), or a negative status and a sentence
 * if the machine or the database refused. */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "../base/str.h"

struct err;
struct person;
struct request;
struct response;
struct site;
struct site_progress;
struct task;
struct track;

int page_home(const struct site *s, const struct request *q, struct response *r, struct err *err);
int page_track(const struct site *s, const struct request *q, struct response *r, struct err *err);
int page_task(const struct site *s, const struct request *q, struct response *r, struct err *err);
int page_progress(const struct site *s, const struct request *q, struct response *r,
                  struct err *err);
int page_submission(const struct site *s, const struct request *q, struct response *r,
                    struct err *err);
int page_search(const struct site *s, const struct request *q, struct response *r, struct err *err);
int page_docs(const struct site *s, const struct request *q, struct response *r, struct err *err);
int page_doc(const struct site *s, const struct request *q, struct response *r, struct err *err);
/* Of accounts, teachers and admins: page_account.c, page_teach.c, page_assignment.c, page_admin.c,
 * page_people.c. */
int page_sign_in(const struct site *s, const struct request *q, struct response *r,
                 struct err *err);
int page_sign_up(const struct site *s, const struct request *q, struct response *r,
                 struct err *err);
int page_new_password(const struct site *s, const struct request *q, struct response *r,
                      struct err *err);
int page_join(const struct site *s, const struct request *q, struct response *r, struct err *err);
int page_account(const struct site *s, const struct request *q, struct response *r,
                 struct err *err);
int page_own_class(const struct site *s, const struct request *q, struct response *r,
                   struct err *err);
int page_teach(const struct site *s, const struct request *q, struct response *r, struct err *err);
int page_class(const struct site *s, const struct request *q, struct response *r, struct err *err);
int page_class_person(const struct site *s, const struct request *q, struct response *r,
                      struct err *err);
int page_class_assignment(const struct site *s, const struct request *q, struct response *r,
                          struct err *err);
int page_admin(const struct site *s, const struct request *q, struct response *r, struct err *err);
int page_people(const struct site *s, const struct request *q, struct response *r, struct err *err);

int page_playground(const struct site *s, const struct request *q, struct response *r,
                    struct err *err);
int page_run(const struct site *s, const struct request *q, struct response *r, struct err *err);
int page_static(const struct site *s, const struct request *q, struct response *r, struct err *err);

/* A page that says what is wrong and what to do. */
void page_error(const struct site *s, unsigned status, const char *detail, struct response *r);

/* ---- what pages share ---- */

struct layout {
    const char *title;
    const char *here;         /* which entry of the menu we are at: "/progress"; NULL or "": none */
    const char *query;        /* what the search field holds; likewise */
    const struct person *who; /* who asks, for the menu; NULL: nobody has signed in */
    const char *look;         /* the class of <main>: "wide", "narrow" or a page's own; likewise */
};

/* Everything up to and behind the content of <main>. */
void layout_begin(const struct site *s, const struct layout *l, struct buf *out);
void layout_end(struct buf *out);
/* What a page with an island of editor.js needs, before the island; false: this program has none.
 */
bool layout_editor(const struct site *s, struct buf *out);
/* "passed", "begun" or "open": also the classes of badges. */
const char *layout_state(const struct site_progress *p, const struct track *t,
                         const struct task *task);
/* Stars of a level from 1 to 5, with words for those who do not see them. */
void layout_level(uint32_t level, struct buf *out);
/* "1.5 MiB", and a moment in UTC as <time>; nothing for 0. */
void layout_bytes(int64_t bytes, struct buf *out);
void layout_time(int64_t ms, struct buf *out);
/* A bar and "3 of 16 passed". */
void layout_bar(uint32_t passed, uint32_t count, struct buf *out);

#endif
