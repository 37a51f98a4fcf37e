/* outcome.h - what commands share about a finished run: its exit status, and words of a shell. */
#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

#include "../check/verdict.h"

/* Appends a word as a shell reads it back. */
struct buf;
void outcome_add_word(struct buf *out, const char *word);

int outcome_exit_status(enum valid v);

#endif
