/* filename.h - which names files of a submission may have.
 *
 * Names come from strangers and end up in folders of ours, in commands of the shell and on pages of
 * others. So only what needs no quoting anywhere is taken: words of letters, digits, '_', '-', '+'
 * and '.', with '/' between folders. No word begins with '.' or '-', and none is a name that a
 * build makes. What is refused is told in a sentence that can be shown as it is. */
#ifndef JUDGE_FILENAME_H
#define JUDGE_FILENAME_H

#include "../base/str.h"

struct err;

enum { FILENAME_LEN_MAX = 200, FILENAME_WORD_MAX = 100, FILENAME_DEPTH_MAX = 8 };

/* ERR_INPUT: the sentence names the file and what is wrong with it. */
int filename_check(struct str name, struct err *err);

/* True if the two cannot both be files: they are the same, or one is a folder in the other. */
bool filename_clash(struct str a, struct str b);

/* True for what lies in a learner's folder but is no part of a submission, since it can be made
 * again or is nobody else's business: hidden files, the program and what builds and checks leave.
 */
bool filename_is_debris(struct str name);

/* Appends a name of any bytes so that it can be shown: others than printable ASCII as \xNN, and cut
 * after 80 characters. */
void filename_show(struct str name, struct buf *out);

#endif
