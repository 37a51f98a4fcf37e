/* embedded.h - texts that are built into the program, so that it is a single file: the prelude and
 * workloads in Lua, the SQL of the database, the parts of report.html, and what pages need.
 *
 * The table is written by embed.sh; which files are in it is said in the Makefile. */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *path; /* as in the repository: "workloads/echo.lua"; of what is made "ui/app.js" */
    const char *text; /* ends in 0, which len does not count */
    size_t len;
};

extern const struct embedded embedded_texts[]; /* ends with path NULL */

const struct embedded *embedded_find(const char *path); /* or NULL */

#endif
