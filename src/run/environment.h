/* environment.h - which environment variables nodes get.
 *
 * A run that somebody starts by hand gives nodes all of its own, as Maelstrom does. A grading must
 * find the same wherever it is asked for: PYTHONUNBUFFERED=1 hides that a program forgets to flush,
 * JAVA_TOOL_OPTIONS prints a line of its own, LANG decides how texts are written. So graded nodes
 * get a bare environment: PATH, HOME, USER, LOGNAME and TMPDIR as they are, what begins with EDDY_,
 * and LANG=C.UTF-8. */
#ifndef RUN_ENVIRONMENT_H
#define RUN_ENVIRONMENT_H

/* The bare environment made from `all` ("NAME=value", ends in NULL), in the same order; then LANG,
 * and `own`, which replaces a variable of its name and may be NULL. The array is the caller's
 * (mem_free), its texts are borrowed. */
const char **environment_bare(const char *const *all, const char *own);

#endif
