/* embedded.h - the Lua texts that are built into the program: the prelude and the workloads.
 *
 * The table is written by embed.sh from src/script/ and workloads/ (see the Makefile). */
#ifndef SCRIPT_EMBEDDED_H
#define SCRIPT_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *path; /* as in the repository: "workloads/echo.lua" */
    const char *text;
    size_t len;
};

extern const struct embedded embedded_texts[]; /* sorted by path; ends with path NULL */

const struct embedded *embedded_find(const char *path); /* or NULL */

#endif
