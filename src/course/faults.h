/* faults.h - what is wrong in the course's own files: sentences with file and line, for authors.
 *
 * Faults are data, not errors: a check gathers all of them and goes on. */
#ifndef COURSE_FAULTS_H
#define COURSE_FAULTS_H

#include <stddef.h>
#include <stdint.h>

struct faults {
    char **texts; /* "course/01-messenger/03-echo.md:12: ..." */
    uint32_t count;
    size_t cap;
};

/* path and line (0: the file as a whole) go in front. */
void faults_add(struct faults *f, const char *path, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void faults_release(struct faults *f);

#endif
