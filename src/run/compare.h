/* compare.h - two journals, line by line, up to where they first differ.
 *
 * Streams both files: memory does not grow with the length of the runs. The runs' own folders count
 * as the same text, so that a program may log where its data lies. */
#ifndef RUN_COMPARE_H
#define RUN_COMPARE_H

#include "../base/str.h"

struct err;

enum { COMPARE_LINE_MAX = 8 << 20 }; /* above any line of a journal */

struct compare_config {
    const char *old_dir, *new_dir; /* absolute; each holds journal.jsonl.zst */
    int64_t until_ns;              /* lines of this time and later do not count */
    bool old_broken_off;           /* where the old one ends, the new one may go on */
};

struct compare_result {
    bool differs;
    uint64_t line_count;       /* that were the same */
    int64_t t_ns;              /* of the earlier one of the two lines */
    char *node;                /* whose doing it was; NULL: nobody's, or the journals do not say */
    char *old_line, *new_line; /* without newline; NULL: that journal has no more */
};

/* 0 and the result (compare_release). ERR_INPUT, ERR_MACHINE: a journal cannot be read. */
int compare_journals(const struct compare_config *config, struct compare_result *ret_result,
                     struct err *err);
void compare_release(struct compare_result *result);

/* The time of the last line of dir's journal; 0 if it is empty. */
int compare_last_time(const char *dir, int64_t *ret_ns, struct err *err);

#endif
