/* Arenas are a chain of blocks that double in size up to BLOCK_MAX; a large request
 * gets a block of its own, behind the one in use. Nothing is ever given back before arena_free().
 *
 * Tried and dropped: returning NULL and letting callers unwind. Trees that do so spend a sixth
 * of their lines on branches no test reaches (docs/internals.md, "Errors"). */
#include "mem.h"

#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_MIN = 4096,
    BLOCK_MAX = 1 << 20,
    ALIGN = 16,
    OWN_MAPPING = 32 << 20, /* the most that glibc takes; what is larger is still mapped alone */
};

static void *must(void *p, size_t size)
{
    if (p != NULL)
        return p;
    fprintf(stderr, "eddy: this machine has no memory left (%zu bytes asked for)\n", size);
    abort();
}

void *mem_alloc(size_t size)
{
    return must(malloc(size > 0 ? size : 1), size);
}

void *mem_zalloc(size_t size)
{
    return must(calloc(1, size > 0 ? size : 1), size);
}

void *mem_realloc(void *old, size_t size)
{
    return must(realloc(old, size > 0 ? size : 1), size);
}

void mem_free(void *p)
{
    free(p);
}

char *mem_strndup(const char *data, size_t len)
{
    char *copy = mem_alloc(len + 1);

    if (len > 0)
        memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

char *mem_strdup(const char *text)
{
    return mem_strndup(text, strlen(text));
}

void *mem_grow(void *array, size_t *cap, size_t need, size_t elem_size)
{
    size_t wanted = *cap > 0 ? *cap : 8;

    if (need <= *cap)
        return array;
    if (need > SIZE_MAX / 4 / elem_size) /* before the doubling: it could wrap round to 0 */
        must(NULL, SIZE_MAX);
    while (wanted < need)
        wanted *= 2;
    *cap = wanted;
    return mem_realloc(array, wanted * elem_size);
}

void mem_keep_freed(void)
{
    mallopt(M_MMAP_THRESHOLD, OWN_MAPPING);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
}

struct block {
    struct block *next;
    size_t used; /* bytes handed out of data */
    size_t cap;
    _Alignas(ALIGN) char data[];
};

struct arena {
    struct block *blocks; /* newest first; requests are served from the first */
    size_t size;
};

struct arena *arena_new(void)
{
    return mem_zalloc(sizeof(struct arena));
}

void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    while (a->blocks != NULL) {
        struct block *next = a->blocks->next;
        mem_free(a->blocks);
        a->blocks = next;
    }
    mem_free(a);
}

static struct block *block_new(struct arena *a, size_t size)
{
    size_t cap = a->blocks != NULL ? a->blocks->cap * 2 : BLOCK_MIN;
    struct block *b;

    if (cap > BLOCK_MAX)
        cap = BLOCK_MAX;
    if (cap < size)
        cap = size;
    b = mem_alloc(sizeof(*b) + cap);
    b->used = 0;
    b->cap = cap;
    if (a->blocks != NULL && size > BLOCK_MAX / 4) { /* the first still has room for others */
        b->next = a->blocks->next;
        a->blocks->next = b;
    } else {
        b->next = a->blocks;
        a->blocks = b;
    }
    return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t padded = (size + ALIGN - 1) / ALIGN * ALIGN;
    struct block *b = a->blocks;
    void *p;

    if (size > SIZE_MAX / 4)
        must(NULL, size);
    if (b == NULL || b->cap - b->used < padded)
        b = block_new(a, padded);
    p = b->data + b->used;
    b->used += padded;
    a->size += padded;
    return p;
}

char *arena_strndup(struct arena *a, const char *data, size_t len)
{
    char *copy = arena_alloc(a, len + 1);

    if (len > 0)
        memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

size_t arena_size(const struct arena *a)
{
    return a->size;
}
