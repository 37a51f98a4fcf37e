/* err.h - a sentence about what the machine or the input did, for the person who asked.
 *
 * Status codes are negative; 0 and up is success. A function that fails sets the sentence once
 * with err_set(); each caller on the way up may put its own words in front with err_wrap().
 * Bugs of ours do not come this way: they end in ASSERT (assert.h). What a learner's program
 * does wrong does not either: that is data, a verdict. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum {
    ERR_FULL = -1,    /* a cap is reached; nothing was taken */
    ERR_INPUT = -2,   /* what the user gave cannot be used */
    ERR_MACHINE = -3, /* the machine refused: a file, a process, memory limits */
    ERR_STOPPED = -4, /* the user stopped it (Ctrl-C) */
    ERR_AWAY = -5,    /* a server or a lock is not to be had just now; later the same may work */
    ERR_TEXT_MAX = 2048,
};

struct err {
    char text[ERR_TEXT_MAX]; /* "" while nothing went wrong; longer texts are cut */
};

/* Writes the sentence and returns status, so that one can say: return err_set(err, ...). */
int err_set(struct err *err, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Like err_set, and adds ": " and what errno says. */
int err_set_errno(struct err *err, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "words: " in front of the sentence. */
void err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
