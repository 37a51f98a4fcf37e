/* program.h - which program exactly a run executes, so that a change is noticed later.
 *
 * A program is its file and those of its arguments that name files, since `python3 node.py` is two.
 * Files that these load by themselves (libraries, imports) are not seen. */
#ifndef RUN_PROGRAM_H
#define RUN_PROGRAM_H

#include <jansson.h>

enum { PROGRAM_DIGEST_MAX = 32 << 20 }; /* larger files are known by their size and time only */

/* {"path":..., "argv":[...], "files":[{"path":..., "bytes":..., "mtime-ns":..., "digest":...}],
 * "go":"go1.19.8"}; digest and go are null where there is none. The caller owns it. NULL: a text is
 * not UTF-8, so JSON cannot hold it. path is absolute, or a name for the search path. */
json_t *program_json(const char *path, const char *const *argv);

/* A sentence for each file of such an object that is now another one, or gone. */
json_t *program_changes(const json_t *then);

/* What its toolchain means for its chance, in a sentence, or NULL. */
const char *program_caution(const json_t *program, char *into, size_t size);

#endif
