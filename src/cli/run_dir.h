/* run_dir.h - the folder of a run: store/NAME/TIME, and the links that find the newest one.
 *
 * store/latest and store/current point to the newest run of all, store/NAME/latest to the newest of
 * that name. */
#ifndef CLI_RUN_DIR_H
#define CLI_RUN_DIR_H

#include "../base/str.h"

struct err;

/* Makes a new folder; its absolute path goes to *ret_path. Two runs never share one. The links
 * move to it if newest is set. */
int run_dir_make(const char *store, const char *name, bool newest, struct buf *ret_path,
                 struct err *err);

/* Makes an empty folder for the programs and files of many runs, none of which is kept; the caller
 * removes it. In memory if there is enough of it: programs that fsync would else wait for a real
 * disk, for longer than all the rest of a run takes, and making and removing files is half of the
 * work of a program that keeps its data in many. $TMPDIR counts for more. */
int run_dir_for_many(const char *what, struct buf *ret_path, struct err *err);

#endif
