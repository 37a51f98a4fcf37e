/* zips.h - texts with gzip, kept for a while: a page that many read is packed once, not for each.
 *
 * To pack a page costs more than to make it. A text is found again by its whole content, never by
 * a digest alone, so nobody can get a text of somebody else. Not thread-safe. */
#ifndef WEB_ZIPS_H
#define WEB_ZIPS_H

#include "../base/str.h"

enum {
    ZIPS_SLOTS = 128,          /* texts kept at most */
    ZIPS_TEXT_MAX = 128 << 10, /* longer ones are packed each time; so 16 MiB and a quarter */
};

struct zips;

struct zips *zips_new(void);
void zips_free(struct zips *z); /* NULL is fine */
/* The text as gzip; borrowed until the next call. */
struct str zips_get(struct zips *z, struct str text);
uint64_t zips_packed(const struct zips *z); /* how many times it had to be packed */

#endif
