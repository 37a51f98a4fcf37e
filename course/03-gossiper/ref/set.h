/* set.h - the set of values that this node holds, and the tree of hashes over it.
 *
 * Values are numbered 0, 1, 2, ... in the order in which they came; a number is never used again.
 * It is ours alone; between nodes a value is known by itself. Two values are the same if they have
 * the same JSON text, so 1 and "1" are two.
 *
 * Each value has a hash of 64 bits. Its first hexadecimal digits lead from the root of a tree, 16
 * children to a node, to one of 65,536 leaves. A place in the tree is a prefix of up to four
 * digits. */
#ifndef GOSSIPER_SET_H
#define GOSSIPER_SET_H

#include "json.h"

enum { SET_DEPTH = 4 }; /* digits of a leaf's prefix */

struct place {
    int depth; /* 0: the root, which is the whole set */
    int index; /* its digits as a number, below 16 ^ depth */
};

int set_find(const struct json *value); /* -1: not here */
/* The number of a value that was not here before, or -1. Makes its own copy. */
int set_add(const struct json *value);
/* It was made obsolete by another. Values that clients broadcast never are. */
void set_drop(int number);
int set_count(void);                /* numbers given so far */
struct json *set_value(int number); /* borrowed until dropped; NULL: dropped */

/* The value with this key, a hash of 53 bits; -1: not here. */
int set_find_key(int64_t key);
int64_t set_key(int number);

/* Equal contents below a place have equal hashes; unequal ones have unequal hashes but for a chance
 * of 2^-53. */
int64_t set_hash(struct place p);
int set_count_below(struct place p);
/* Calls each(number, owner) for all values below. */
void set_walk(struct place p, void (*each)(int number, void *owner), void *owner);

#endif
