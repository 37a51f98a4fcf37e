/* worker_folder.c - a folder that the judged programs can reach.
 *
 * The problem: who is root and cannot make namespaces (most containers) judges programs on level C,
 * as users that nobody else is; and the home of root is closed to those (mode 0700). Everything
 * that a judged program needs is copied into the worker's folder, so it is enough that this one
 * stands elsewhere. Opening the home (chmod o+x) is for its owner to decide.
 */
#include "worker_folder.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/str.h"

#include <stdio.h>
#include <stdlib.h>

static int make(const char *path, char **ret_folder, struct err *err)
{
    int status = file_mkdirs(path, err);
    char *real = status == 0 ? realpath(path, NULL) : NULL;

    if (real != NULL)
        *ret_folder = mem_strdup(real);
    else if (status == 0)
        status = err_set_errno(err, ERR_MACHINE, "the folder %s", path);
    free(real);
    return status;
}

int worker_folder_make(const char *wanted, enum sandbox_level level, const char *elsewhere,
                       char **ret_folder, struct err *err)
{
    struct buf closed = {0}, path = {0};
    int status = make(wanted, ret_folder, err);

    if (status == 0 && sandbox_is_closed(level, *ret_folder, &closed)) {
        buf_addf(&path, "%s%s", elsewhere, *ret_folder);
        mem_free(*ret_folder);
        *ret_folder = NULL;
        fprintf(
            stderr,
            "%s is closed to other users, and so to programs in the sandbox (level %s): they are "
            "judged in %s\n",
            closed.data, sandbox_level_name(level), path.data);
        status = make(path.data, ret_folder, err);
    }
    buf_release(&closed);
    buf_release(&path);
    return status;
}
