#include "zips.h"

#include "../base/mem.h"
#include "../base/test.h"

#include <string.h>
#include <zlib.h>

static void unpacks_to(struct str zipped, struct str wanted)
{
    char *text = mem_alloc(wanted.len + 1);
    z_stream s = {.next_in = (Bytef *)zipped.data, .avail_in = (uInt)zipped.len};

    s.next_out = (Bytef *)text;
    s.avail_out = (uInt)wanted.len + 1;
    CHECK_INT(inflateInit2(&s, 15 + 16), Z_OK);
    CHECK_INT(inflate(&s, Z_FINISH), Z_STREAM_END);
    CHECK_INT(s.total_out, wanted.len);
    CHECK(memcmp(text, wanted.data, wanted.len) == 0);
    inflateEnd(&s);
    mem_free(text);
}

TEST(what_is_asked_for_again_is_not_packed_again)
{
    struct zips *z = zips_new();
    struct buf a = {0}, b = {0};

    buf_add_text(&a, "the same words");
    buf_add_text(&b, "the same words");
    unpacks_to(zips_get(z, buf_str(&a)), buf_str(&a));
    unpacks_to(zips_get(z, buf_str(&b)), buf_str(&a)); /* by content, not by address */
    CHECK_INT(zips_packed(z), 1);
    buf_add_char(&b, '.');
    unpacks_to(zips_get(z, buf_str(&b)), buf_str(&b));
    CHECK_INT(zips_packed(z), 2);
    buf_release(&a);
    buf_release(&b);
    zips_free(z);
}

/* Goal: many more texts than slots each come out as themselves, whoever had their slot before. */
TEST(texts_of_one_slot_do_not_mix)
{
    struct zips *z = zips_new();
    struct buf text = {0};
    int round, i;

    for (round = 0; round < 2; round++)
        for (i = 0; i < 10 * ZIPS_SLOTS; i++) {
            buf_reset(&text);
            buf_addf(&text, "page %d of many", i);
            unpacks_to(zips_get(z, buf_str(&text)), buf_str(&text));
        }
    buf_release(&text);
    zips_free(z);
}

TEST(what_is_too_long_is_not_kept)
{
    struct zips *z = zips_new();
    struct buf text = {0};
    int i;

    for (i = 0; i < ZIPS_TEXT_MAX; i++)
        buf_add_char(&text, (char)('a' + i % 23));
    for (i = 0; i < 2; i++)
        unpacks_to(zips_get(z, buf_str(&text)), buf_str(&text));
    CHECK_INT(zips_packed(z), 1);
    buf_add_char(&text, 'x');
    for (i = 0; i < 2; i++)
        unpacks_to(zips_get(z, buf_str(&text)), buf_str(&text));
    CHECK_INT(zips_packed(z), 3);
    buf_release(&text);
    zips_free(z);
}
