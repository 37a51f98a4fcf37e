/* site.h - what the server shows: the course with its pages, the manual, the learner's progress.
 *
 * Pages are read once, when the server starts; whoever writes a course starts it again to see a
 * change. Progress is read from the database at each request, so what `eddy learn` notes shows at
 * once. One thread at a time. */
#ifndef WEB_SITE_H
#define WEB_SITE_H

#include "../base/str.h"

struct accounts;
struct course;
struct err;
struct jobs;
struct languages;
struct page;
struct person;
struct route;
struct search;
struct statics;
struct store;
struct task;
struct throttle;
struct track;

struct site_track {
    const struct track *track;
    struct page *page;   /* NULL: planned only */
    struct page **tasks; /* of track->tasks, in their order */
    uint32_t *needs;     /* what it builds on: places in course->tracks (needs.h) */
    uint32_t need_count;
};

struct site_doc {
    char *name, *title; /* docs/NAME.md */
    struct page *page;
};

struct site {
    struct course *course;
    struct languages *languages;
    struct store *store;
    struct site_track *tracks; /* as course->tracks */
    struct site_doc *docs;     /* by name */
    uint32_t doc_count;
    size_t doc_cap;
    struct search *search;
    struct statics *statics;
    /* ---- what changes; all borrowed, and NULL after site_open() ---- */
    const char *db;             /* as of store_open(); NULL: nobody said */
    struct jobs *jobs;          /* the queue; NULL: nothing can be submitted here */
    const char *closed;         /* a sentence: why nothing can be submitted just now; or NULL */
    struct accounts *accounts;  /* NULL: without accounts; everybody is the local person */
    struct throttle *throttle;  /* NULL: nobody is held back */
    const struct route *routes; /* NULL: those of routes.c; tests have their own */
    /* With accounts: who has this session. 1, or 0: nobody. ERR_AWAY, ERR_MACHINE. */
    int (*person_of)(struct accounts *a, const char *session, struct person *ret_person,
                     struct err *err);
    /* Likewise: whether one teaches the other, by their numbers. 1, 0. NULL: nobody does. */
    int (*teaches)(struct accounts *a, int64_t teacher, int64_t learner, struct err *err);
};

/* home: with course/ and kits/, and docs/ if the manual is there. store may be NULL: nobody's
 * progress; borrowed. ERR_INPUT, ERR_MACHINE. */
int site_open(const char *home, struct store *store, struct site **ret_site, struct err *err);
void site_close(struct site *s); /* NULL is fine */

/* By slug, exactly; NULL: there is none. A planned track has no tasks to be found. */
const struct site_track *site_track(const struct site *s, struct str slug);
const struct task *site_task(const struct site_track *t, struct str slug,
                             const struct page **ret_page);
const struct site_doc *site_doc(const struct site *s, struct str name);

/* Markdown of a page as HTML, with the links that lead to pages of this server. track: whose folder
 * the page lies in; NULL: it is of docs/. */
void site_markdown(const struct site *s, const struct track *track, struct str markdown,
                   bool without_tables, struct buf *out);

/* ---- progress ---- */

struct site_progress;

/* What somebody has begun and passed, of all tracks; who NULL: nobody, so nothing. ERR_AWAY,
 * ERR_MACHINE. */
int site_progress(const struct site *s, const struct person *who,
                  struct site_progress **ret_progress, struct err *err);
void site_progress_free(struct site_progress *p);
bool site_progress_passed(const struct site_progress *p, const char *track, const char *task);
bool site_progress_begun(const struct site_progress *p, const char *track, const char *task);

#endif
