/* submission_parts.h - the text of a submission, piece by piece. Private to submission.c and
 * play.c, whose texts have a language and files in common. */
#ifndef JUDGE_SUBMISSION_PARTS_H
#define JUDGE_SUBMISSION_PARTS_H

#include "submission.h"

#include <jansson.h>

/* A JSON text of a stranger's, whole and without a key twice; the caller's. ERR_INPUT. */
int submission_load(struct str text, json_t **ret_all, struct err *err);
/* ERR_INPUT: all is no object, or has other keys than these; "a submission has no ...". */
int submission_check_keys(const json_t *all, const char *what, const char *const *known,
                          size_t known_count, struct err *err);
/* The member of this key, by submission_word(). ERR_INPUT. */
int submission_take_word(const json_t *all, const char *key, char **slot, struct err *err);
/* The member "files", of which there is one at least. ERR_INPUT. */
int submission_take_files(struct submission *s, const json_t *all, struct err *err);
/* Appends "files": [...]. */
void submission_add_files_text(const struct submission *s, struct buf *out);

#endif
