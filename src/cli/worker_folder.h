/* worker_folder.h - the folder of a worker that nobody named: where a person's own things are,
 * unless the programs that are judged in it could not reach it there. */
#ifndef CLI_WORKER_FOLDER_H
#define CLI_WORKER_FOLDER_H

#include "../cage/sandbox.h"

/* What is in place of such a folder is below this one, by the same name. */
#define WORKER_FOLDER_ELSEWHERE "/var/lib/eddy"

/* Makes the folder wanted, or the one below `elsewhere`, and says on stderr why. *ret_folder is
 * absolute; the caller frees it (mem_free). ERR_MACHINE: it cannot be made. */
int worker_folder_make(const char *wanted, enum sandbox_level level, const char *elsewhere,
                       char **ret_folder, struct err *err);

#endif
