/* harvest.h - takes the files out of a folder that hostile code has written to.
 *
 * Compilers run on strangers' sources, so what they leave may be anything: a link to a file of
 * ours, a pipe that never ends, a device, a million files. Only regular files with one name, in
 * folders, are taken, and only so many and so much; all else is refused by name. Call it when
 * nothing runs any more that could write there. */
#ifndef JUDGE_HARVEST_H
#define JUDGE_HARVEST_H

#include "../base/str.h"

struct err;

enum {
    HARVEST_FILES_MAX = 4000,
    HARVEST_BYTES_MAX = 256 << 20,
    HARVEST_DEPTH_MAX = 16,
    HARVEST_NAME_MAX = 512, /* bytes of a name with its folders */
};

struct harvest_file {
    const char *name; /* seen from the folder; "a/b" */
    int fd;           /* open for reading at its beginning; closed after the call */
    int64_t bytes;
    bool executable;
};

/* Calls take() for every file, in the order of their names. Ends with what take() says if that is
 * negative. ERR_INPUT: something else than files and folders, or too many or too large; the
 * sentence says what, without the folder's path. ERR_MACHINE. */
int harvest(const char *dir,
            int (*take)(void *owner, const struct harvest_file *f, struct err *err), void *owner,
            struct err *err);

#endif
