/* play.h - what somebody asks of the playground: a workload, options, a language and files, as one
 * text.
 *
 *     {"workload": "broadcast", "options": {"node-count": "5", "nemesis": "partition,kill"},
 *      "language": "go", "files": [{"name": "main.go", "text": "..."}]}
 *
 * As with a submission, the text is a stranger's. What play_parse() takes is within the limits of
 * play_table.h, each option and all of them together, and `eddy test` would take it. An option of
 * another workload than this one is left out. That the language exists is not looked at. */
#ifndef JUDGE_PLAY_H
#define JUDGE_PLAY_H

#include "../run/test_options.h"
#include "play_table.h"
#include "submission.h"

/* All zero is an empty one; release frees it in every case. */
struct play {
    char *workload;
    char *values[PLAY_OPTION_COUNT]; /* in the order of play_options; NULL: nothing is said */
    struct submission program;       /* language and files; no track and no task */
};

/* ERR_INPUT with a sentence that can be shown as it is; *ret_play is untouched then. */
int play_parse(struct str text, struct play *ret_play, struct err *err);
/* True if the text is an object with a workload: then it is no submission. */
bool play_is(struct str text);
/* Appends it as such a text. Equal ones have equal texts. */
void play_text(const struct play *p, struct buf *out);
void play_release(struct play *p);

/* What holds for an option: what was said, or the table's initial value; "" if neither. */
const char *play_value(const struct play *p, int option);

/* The same as options of `eddy test`, for a program called ./node. */
struct play_setting {
    struct test_options options;
    char *words[2 * PLAY_OPTION_COUNT + 8]; /* that the options borrow from */
};
/* ERR_INPUT: `eddy test` refuses them, or they ask for too much together. */
int play_setting_init(struct play_setting *s, const struct play *p, struct err *err);
void play_setting_release(struct play_setting *s);

#endif
