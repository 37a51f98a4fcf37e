/* language.h - the languages of the course, as kits/languages.txt describes them.
 *
 * Nothing else in eddy knows a language: adding one is a stanza there and a folder beside it. */
#ifndef COURSE_LANGUAGE_H
#define COURSE_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/* Texts as they stand in the file; lists are separated by blanks. */
struct language {
    char *name, *aliases, *title, *extension, *tools, *package, *version, *library, *starter, *main,
        *prepare, *build, *run;
    char *config, *places, *shared, *compile, *compiling, *node; /* for the judge */
};

struct languages {
    char *kits; /* the folder; kits/NAME has the files of a language */
    struct language *list;
    uint32_t count;
    size_t cap;
};

/* Reads HOME/kits/languages.txt. ERR_INPUT: line and what is wrong there; ERR_MACHINE. */
int languages_open(const char *home, struct languages **ret_languages, struct err *err);
void languages_close(struct languages *l); /* NULL is fine */

/* By name or alias. ERR_INPUT: there is none; the sentence lists what there is. */
int languages_find(const struct languages *l, const char *word, const struct language **ret_found,
                   struct err *err);

/* What a command speaks of; NULL: it does not. */
struct language_names {
    const char *dir, *out, *lib, *kit;
};

/* Appends a command with the names put in for {dir}, {out} and so on, quoted for the shell. */
void language_command(const char *command, const struct language_names *names, struct buf *into);
/* The whole numbers of a list such as "60 1024 64"; false if it has another count of them. */
bool language_numbers(const char *list, int64_t *ret_numbers, uint32_t count);

/* ERR_INPUT: a tool of the language is not on the PATH; the sentence names the package. */
int language_check_tools(const struct language *l, struct err *err);

/* Walks a list that is separated by blanks: copies the next word to into (which has room for size
 * bytes) and moves *at behind it. 0 at the end. */
int language_word(const char **at, char *into, size_t size);

#endif
