/* names.h - names in options: lists of them, and which may be the name of a node. */
#ifndef RUN_NAMES_H
#define RUN_NAMES_H

#include <stdint.h>

struct buf;
struct err;

/* Cuts "a, b,c" at commas; blanks round a name do not count. The names are the caller's
 * (names_free). */
void names_split(const char *text, char ***ret_names, uint32_t *ret_count);
void names_free(char **names, uint32_t count);
/* Appends the names in a file, one a line, each with a comma behind it. ERR_INPUT: it cannot be
 * read, or has no end. */
int names_read(const char *path, struct buf *list, struct err *err);
/* n0, n1, ...: so many. */
void names_count(uint32_t count, char ***ret_names, uint32_t *ret_count);
/* ERR_INPUT and a sentence about --nodes: none or too many, one that no node may have, or twice. */
int names_check(char *const *names, uint32_t count, struct err *err);

#endif
