#include "mem.h"
#include "test.h"

TEST(nothing_is_a_valid_size)
{
    void *p = mem_alloc(0);
    void *z = mem_zalloc(0);

    CHECK(p != NULL && z != NULL);
    p = mem_realloc(p, 0);
    CHECK(p != NULL);
    mem_free(p);
    mem_free(z);
    mem_free(NULL);
}

TEST(copies_end_in_zero)
{
    char *a = mem_strdup("abc");
    char *b = mem_strndup("abcdef", 2);
    char *c = mem_strndup(NULL, 0);

    CHECK_TEXT(a, "abc");
    CHECK_TEXT(b, "ab");
    CHECK_TEXT(c, "");
    mem_free(a);
    mem_free(b);
    mem_free(c);
}

TEST(arrays_grow_by_doubling)
{
    size_t cap = 0;
    int *array = mem_grow(NULL, &cap, 1, sizeof(int));
    size_t first = cap;
    int *same;

    CHECK(first >= 1);
    array[0] = 7;
    array = mem_grow(array, &cap, first + 1, sizeof(int));
    CHECK(cap >= 2 * first);
    CHECK_INT(array[0], 7);
    same = mem_grow(array, &cap, 3, sizeof(int));
    CHECK(same == array);
    mem_free(array);
}

TEST(an_arena_gives_aligned_pieces_that_do_not_overlap)
{
    enum { COUNT = 2000 };
    struct arena *a = arena_new();
    unsigned char *pieces[COUNT];
    size_t sizes[COUNT];
    size_t total = 0;
    int i;

    for (i = 0; i < COUNT; i++) {
        sizes[i] = i % 500 == 499 ? 3000000 : (size_t)(i * 37 % 900);
        pieces[i] = arena_alloc(a, sizes[i]);
        CHECK_INT((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], i % 251, sizes[i]);
        total += sizes[i];
    }
    for (i = 0; i < COUNT; i++) {
        size_t at;
        for (at = 0; at < sizes[i]; at += 1 + at / 64)
            CHECK_INT(pieces[i][at], i % 251);
    }
    CHECK(arena_size(a) >= total);
    CHECK_TEXT(arena_strndup(a, "abcdef", 3), "abc");
    CHECK_TEXT(arena_strndup(a, NULL, 0), "");
    arena_free(a);
    arena_free(NULL);
}
