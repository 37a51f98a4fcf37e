/* cache.h - what was built before, by the seal of everything that went into it.
 *
 *     DIR/ab/abcd...  an entry: a folder `files` and `list`: mode, size, seal and name of each file
 *     DIR/size        about how many bytes all entries have
 *     DIR/.new-*, .gone-*  entries that are being made or removed
 *
 * An entry comes into being by one rename and never changes, so several processes (and machines, on
 * a shared disk) may use one cache at once. Every byte that comes out is compared with its seal: an
 * entry that was damaged is removed, and it is as if there were none. When there are more bytes
 * than allowed, those that nobody has used for the longest time go first. */
#ifndef JUDGE_CACHE_H
#define JUDGE_CACHE_H

#include "../base/str.h"

struct cache;
struct err;

/* Makes the folder if it is not there. ERR_MACHINE. */
int cache_open(const char *dir, int64_t bytes_max, struct cache **ret_cache, struct err *err);
void cache_close(struct cache *c); /* NULL is fine */

/* Copies the files of an entry to the folder `to`, which is made if need be. 1; 0: there is none,
 * or it was damaged, and what is in `to` is of no use. key is a seal_text(). ERR_MACHINE: `to`
 * cannot be written. */
int cache_get(struct cache *c, const char *key, const char *to, struct err *err);

/* Makes an entry of the files in the folder `from`. 0, also when the entry was there already or is
 * larger than the whole cache may be. ERR_INPUT: harvest() refuses what is in it; ERR_MACHINE. */
int cache_put(struct cache *c, const char *key, const char *from, struct err *err);

/* An entry that is used where it lies, since it is large: it stays until it is let go. */
struct cache_hold {
    char *path; /* of the folder with its files */
    int fd;
};

/* 1, or 0 as with cache_get(). */
int cache_hold(struct cache *c, const char *key, struct cache_hold *ret_hold, struct err *err);
void cache_let_go(struct cache_hold *h); /* all zero is fine */

struct cache_counts {
    uint64_t hits, misses, damaged, removed; /* of this struct cache; removed: to make room */
};
struct cache_counts cache_counts(const struct cache *c);
/* About how many bytes all entries have; 0 if nobody knows yet. */
int64_t cache_bytes(const struct cache *c);

#endif
