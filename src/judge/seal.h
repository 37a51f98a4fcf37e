/* seal.h - SHA-256 of a text taken piece by piece: names things by what is in them.
 *
 * Unlike base/digest.h, nobody can make two texts with one seal. Each piece goes in with its length
 * in front, so that "ab", "c" and "a", "bc" differ. */
#ifndef JUDGE_SEAL_H
#define JUDGE_SEAL_H

#include "../base/str.h"

enum { SEAL_TEXT_SIZE = 65 };

struct seal;

struct seal *seal_new(void);
void seal_free(struct seal *s); /* NULL is fine */
void seal_add(struct seal *s, struct str piece);
void seal_add_raw(struct seal *s, const void *data, size_t len); /* without its length */
/* 64 hexadecimal digits; nothing may be added afterwards. Returns into. */
const char *seal_text(struct seal *s, char into[SEAL_TEXT_SIZE]);

#endif
