/* flags.h - options of a command line, from one table that is also its help.
 *
 * Understands --name value, --name=value, -x value and flags without a value; words that are no
 * options come out as positional, wherever they stand; after "--" all words do. */
#ifndef BASE_FLAGS_H
#define BASE_FLAGS_H

struct buf;
struct err;

struct flag {
    const char *name;  /* without dashes; NULL ends the table */
    char letter;       /* the short form, or 0 */
    const char *value; /* what stands for its value in the help; NULL: it takes none */
    const char *help;  /* one sentence; NULL: the list leaves it out */
};

struct flags {
    const struct flag *table;
    char *const *argv; /* the words still to be read; ends in NULL */
    int only_words;    /* "--" was met */
};

enum { FLAGS_END = -100, FLAGS_WORD = -101 };

void flags_init(struct flags *f, const struct flag *table, char *const *argv);
/* The next option's place in the table and its value (NULL if it takes none), FLAGS_WORD and the
 * word, or FLAGS_END. ERR_INPUT: an unknown option, or one whose value is missing or superfluous.
 */
int flags_next(struct flags *f, const char **ret_value, struct err *err);
void flags_print_help(const struct flag *table);

/* Appends a word as a shell reads it back. */
void flags_add_word(struct buf *out, const char *word);

#endif
