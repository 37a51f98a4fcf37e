/* submission.h - what somebody hands in: a task, a language and files, as one text.
 *
 *     {"track": "messenger", "task": "echo", "language": "go", "seed": 0, "seeds": 1,
 *      "files": [{"name": "main.go", "text": "..."}, {"name": "kit/node.go", "text": "..."}]}
 *
 * The text is a job's payload, a request's body and a file on disk, and in each case a stranger's:
 * every name, size and count is checked here, and nothing else in eddy has to. Files are UTF-8.
 * That the task and the language exist is not looked at: submission_judge() does. */
#ifndef JUDGE_SUBMISSION_H
#define JUDGE_SUBMISSION_H

#include "../base/str.h"

struct err;

enum {
    SUBMISSION_FILES_MAX = 200,
    SUBMISSION_FILE_MAX = 256 << 10,  /* bytes of one file */
    SUBMISSION_BYTES_MAX = 640 << 10, /* of all of them; then every text of ours fits into a job */
    SUBMISSION_TEXT_MAX = 4 << 20,    /* of the JSON text: any byte may stand there as \uNNNN */
    SUBMISSION_WORD_MAX = 64,         /* track, task and language */
    SUBMISSION_SEED_MAX = 999999,
    SUBMISSION_SEEDS_MAX = 100,
};

struct submission_file {
    char *name, *data; /* data is followed by a 0 that len does not count, and has no other */
    size_t len;
};

/* All zero is an empty one; release frees it in every case. */
struct submission {
    char *track, *task, *language; /* of submission_word() */
    uint64_t seed;                 /* the first one; as people type it */
    uint32_t seeds;                /* so many from there on; 0: as many as the task says */
    struct submission_file *files; /* in the order of their names, bytewise */
    uint32_t file_count;
    size_t file_cap;
    size_t bytes;
};

/* ERR_INPUT with a sentence that can be shown as it is; *ret_submission is untouched then. */
int submission_parse(struct str text, struct submission *ret_submission, struct err *err);
/* Appends it as such a text. Equal submissions have equal texts. */
void submission_text(const struct submission *s, struct buf *out);
void submission_release(struct submission *s);

/* Adds a copy. ERR_INPUT: its name, size or content is refused, or there is such a file already;
 * ERR_FULL: there are too many, or they are too large together. Nothing has changed then. */
int submission_add(struct submission *s, struct str name, struct str data, struct err *err);
const struct submission_file *submission_file(const struct submission *s, const char *name);

/* Copies value to *slot, one of track, task and language: letters, digits and '-', or ERR_INPUT.
 * what: how the sentence calls it. */
int submission_word(const char *what, struct str value, char **slot, struct err *err);

#endif
