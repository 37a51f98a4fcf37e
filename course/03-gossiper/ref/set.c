/* set.c - a set, a hash table and a tree of hashes in one.
 *
 * Two nodes find out where their sets differ by comparing hashes from the root downwards (Merkle
 * 1987; Demers et al. 1987 for replicas; Dynamo 4.7). Where a value stands depends on its own hash
 * and on nothing else: a tree over the sorted list would shift all later values with each
 * insertion, and two sets that differ by one value would agree in nothing.
 *
 * The hash of a place is the sum, modulo 2^64, of the hashes of all values below it. Sums can be
 * kept up to date with one addition a level, and do not depend on the order of arrival (AdHash:
 * Bellare, Micciancio 1997). Hashing the hashes of the children would cost 16 times as much and is
 * needed only against people who make up values on purpose.
 *
 * The chains at the leaves are the hash table by which set_find() works: at 50,000 values they
 * have a length of one or so. */
#include "set.h"

#include <stdlib.h>
#include <string.h>

enum { FAN_BITS = 4, FAN = 1 << FAN_BITS, LEAVES = 1 << (SET_DEPTH * FAN_BITS) };

enum { HASH_BITS = 53 }; /* larger integers are not safe in JSON (RFC 8259, 6) */

struct value {
    struct json *json; /* NULL: dropped */
    uint64_t hash;
    int next; /* in the chain of its leaf; -1 at the end */
};

static struct value *values;
static int count, cap;
static int chains[LEAVES]; /* number + 1 of the first value; 0: none */
static uint64_t sums[SET_DEPTH + 1][LEAVES];
static int counts[SET_DEPTH + 1][LEAVES];

/* FNV-1a, then mixed until every bit of the text can reach the first digits. */
static uint64_t hash_of(const char *text)
{
    uint64_t h = 0xcbf29ce484222325;

    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3;
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
    return h ^ (h >> 33);
}

static int index_at(uint64_t hash, int depth)
{
    return depth == 0 ? 0 : (int)(hash >> (64 - depth * FAN_BITS));
}

static int find(const struct json *value, uint64_t hash)
{
    int at = chains[index_at(hash, SET_DEPTH)] - 1;

    while (at >= 0 && !(values[at].hash == hash && json_equal(values[at].json, value)))
        at = values[at].next;
    return at;
}

int set_find(const struct json *value)
{
    return find(value, hash_of(json_show(value)));
}

/* times: 1 for a value that comes, -1 for one that goes. */
static void count_in(uint64_t hash, int times)
{
    for (int depth = 0; depth <= SET_DEPTH; depth++) {
        sums[depth][index_at(hash, depth)] += hash * (uint64_t)times;
        counts[depth][index_at(hash, depth)] += times;
    }
}

int set_add(const struct json *value)
{
    uint64_t hash = hash_of(json_show(value));
    int *chain = &chains[index_at(hash, SET_DEPTH)];

    if (find(value, hash) >= 0)
        return -1;
    if (count == cap) {
        cap = 2 * cap + 64;
        values = realloc(values, (size_t)cap * sizeof(*values));
        if (values == NULL)
            abort();
    }
    values[count] = (struct value){.json = json_keep(value), .hash = hash, .next = *chain - 1};
    *chain = count + 1;
    count_in(hash, 1);
    return count++;
}

void set_drop(int number)
{
    struct value *v = &values[number];
    int *chain = &chains[index_at(v->hash, SET_DEPTH)];

    if (*chain == number + 1) {
        *chain = v->next + 1;
    } else {
        int before = *chain - 1;

        while (values[before].next != number)
            before = values[before].next;
        values[before].next = v->next;
    }
    count_in(v->hash, -1);
    json_free(v->json);
    v->json = NULL;
}

int set_count(void)
{
    return count;
}

struct json *set_value(int number)
{
    return values[number].json;
}

int64_t set_key(int number)
{
    return (int64_t)(values[number].hash >> (64 - HASH_BITS));
}

int set_find_key(int64_t key)
{
    uint64_t hash = (uint64_t)key << (64 - HASH_BITS);
    int at = chains[index_at(hash, SET_DEPTH)] - 1;

    while (at >= 0 && set_key(at) != key)
        at = values[at].next;
    return at;
}

int64_t set_hash(struct place p)
{
    return (int64_t)(sums[p.depth][p.index] >> (64 - HASH_BITS));
}

int set_count_below(struct place p)
{
    return counts[p.depth][p.index];
}

void set_walk(struct place p, void (*each)(int number, void *owner), void *owner)
{
    if (set_count_below(p) == 0)
        return;
    if (p.depth < SET_DEPTH) {
        for (int digit = 0; digit < FAN; digit++)
            set_walk((struct place){p.depth + 1, p.index * FAN + digit}, each, owner);
        return;
    }
    for (int at = chains[p.index] - 1; at >= 0; at = values[at].next)
        each(at, owner);
}
