/* page_check.h - whether pages have the outline that all pages of the course share, and whether
 * their links lead somewhere.
 *
 * The outline is fixed so that a learner who knows one page knows all of them, and so that tools
 * can find the hints. docs/authoring.md has it with an example. */
#ifndef COURSE_PAGE_CHECK_H
#define COURSE_PAGE_CHECK_H

struct faults;
struct page;
struct track;

enum {
    THEORY_WORDS_MIN = 300,
    THEORY_WORDS_MAX = 800,
    HINT_COUNT = 3,
    COMMON_MISTAKES_MIN = 5,
    INTERVIEW_MIN = 6,
};

/* The page of a task. shown: what its faults are said of. */
void page_check_task(const struct page *p, const char *shown, struct faults *f);
/* A track.md, but for its parts: track_part.h judges those. */
void page_check_track(const struct page *p, const char *shown, struct faults *f);
/* Links to files: the file is there, in HOME/course or HOME/docs, and has the heading that a "#..."
 * names. Links to elsewhere must be https or http; nobody visits them here. */
void page_check_links(const struct page *p, const char *shown, const char *home, struct faults *f);

#endif
