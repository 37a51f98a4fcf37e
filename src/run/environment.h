/* environment.h - which environment variables nodes get.
 *
 * A run that somebody starts by hand gives nodes all of its own, as Maelstrom does. A grading must
 * find the same wherever it is asked for: PYTHONUNBUFFERED=1 hides that a program forgets to flush,
 * JAVA_TOOL_OPTIONS prints a line of its own, LANG decides how texts are written. So graded nodes
 * get a bare environment: PATH, HOME, USER, LOGNAME and TMPDIR as they are, what begins with EDDY_,
 * and LANG=C.UTF-8.
 *
 * A run in another folder must still be the same run. Go copies its environment to the heap, whose
 * size says when it collects garbage, and that changes which of its threads is next: so EDDY_DATA
 * is equally long for all folders, within reason. */
#ifndef RUN_ENVIRONMENT_H
#define RUN_ENVIRONMENT_H

struct buf;

/* EDDY_DATA is as long as a multiple of this: still short enough for the address of a Unix socket
 * in that folder (108 bytes). */
enum { ENVIRONMENT_DATA_STEP = 88 };

/* Appends "EDDY_DATA=" and the absolute path of a folder, with more slashes than it needs. */
void environment_data(const char *path, struct buf *out);

/* The bare environment made from `all` ("NAME=value", ends in NULL), in the same order; then LANG,
 * and `own`, which replaces a variable of its name and may be NULL. The array is the caller's
 * (mem_free), its texts are borrowed. */
const char **environment_bare(const char *const *all, const char *own);

#endif
