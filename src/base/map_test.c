#include "map.h"
#include "test.h"

#include <stdio.h>

TEST(texts_are_numbered_in_the_order_of_entry)
{
    enum { COUNT = 20000 };
    struct map *m = map_new();
    char text[32];
    bool is_new;
    uint32_t i;

    CHECK_INT(map_find(m, STR_LIT("0")), MAP_NONE);
    for (i = 0; i < COUNT; i++) {
        snprintf(text, sizeof(text), "key %u of the map", i);
        CHECK_INT(map_put(m, str_of(text), &is_new), i);
        CHECK(is_new);
    }
    CHECK_INT(map_len(m), COUNT);
    for (i = 0; i < COUNT; i++) {
        snprintf(text, sizeof(text), "key %u of the map", i);
        CHECK_INT(map_put(m, str_of(text), &is_new), i);
        CHECK(!is_new);
        CHECK_INT(map_find(m, str_of(text)), i);
        CHECK_TEXT(map_text(m, i).data, text);
    }
    CHECK_INT(map_len(m), COUNT);
    map_free(m);
    map_free(NULL);
}

TEST(texts_may_hold_any_bytes)
{
    struct map *m = map_new();

    CHECK_INT(map_put(m, STR_LIT(""), NULL), 0);
    CHECK_INT(map_put(m, STR_LIT("\0"), NULL), 1);
    CHECK_INT(map_put(m, STR_LIT("a\0b"), NULL), 2);
    CHECK_INT(map_put(m, STR_LIT("a"), NULL), 3);
    CHECK_INT(map_find(m, (struct str){NULL, 0}), 0);
    CHECK_INT(map_find(m, STR_LIT("a\0b")), 2);
    CHECK_INT(map_find(m, STR_LIT("a\0c")), MAP_NONE);
    CHECK_INT(map_text(m, 2).len, 3);
    map_free(m);
}
