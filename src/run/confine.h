/* confine.h - what a node in a sandbox is given to read.
 *
 * The sandbox shows the system's folders; the program itself is elsewhere. It sees the folder that
 * its file is in, and those of its arguments that name files. A folder that holds more than one
 * program's files (/, /tmp, /home, a home folder) is never shown whole: then the file alone. */
#ifndef RUN_CONFINE_H
#define RUN_CONFINE_H

#include "../cage/sandbox.h"

struct confine {
    struct sandbox_spec spec; /* for the cage */
    char **paths;             /* owned; the end is NULL */
    char *cwd; /* where nodes start: our own folder if they see it, else the program's */
};

/* spec's own readable paths come first and stay borrowed. */
void confine_init(struct confine *c, const struct sandbox_spec *spec, const char *program,
                  const char *const *argv);
void confine_release(struct confine *c);

#endif
