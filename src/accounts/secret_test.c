#include "secret.h"

#include "../base/test.h"
#include "base64url.h"

TEST(tokens_have_43_letters_and_no_two_are_alike)
{
    char a[SECRET_TEXT_SIZE], b[SECRET_TEXT_SIZE];
    struct buf bytes = {0};

    secret_new(a);
    secret_new(b);
    CHECK_INT(strlen(a), 43);
    CHECK(strcmp(a, b) != 0);
    CHECK(base64url_decode(str_of(a), &bytes));
    CHECK_INT(bytes.len, SECRET_BYTES);
    buf_release(&bytes);
}

/* The example of FIPS 180-2. */
TEST(the_hash_is_sha256)
{
    char hash[SECRET_HASH_SIZE];

    CHECK_TEXT(secret_hash(STR_LIT("abc"), hash),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(comparing_looks_at_every_letter)
{
    CHECK(secret_equal(STR_LIT("abc"), STR_LIT("abc")));
    CHECK(secret_equal(STR_LIT(""), STR_LIT("")));
    CHECK(!secret_equal(STR_LIT("abc"), STR_LIT("abd")));
    CHECK(!secret_equal(STR_LIT("xbc"), STR_LIT("abc")));
    CHECK(!secret_equal(STR_LIT("abc"), STR_LIT("ab")));
}

/* RFC 4648, section 10, without the padding. */
TEST(base64url_is_as_the_standard_has_it)
{
    static const char *const pairs[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"},
    };
    struct buf text = {0}, back = {0};
    size_t i;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        buf_reset(&text);
        buf_reset(&back);
        base64url_encode(str_of(pairs[i][0]), &text);
        CHECK(str_is(buf_str(&text), pairs[i][1]));
        CHECK(base64url_decode(buf_str(&text), &back));
        CHECK(str_is(buf_str(&back), pairs[i][0]));
    }
    buf_release(&text);
    buf_release(&back);
}

TEST(base64url_has_one_spelling)
{
    static const char *const wrong[] = {"Z",    "Zg=",  "Zg==",  "Zh",   "Zm9",
                                        "Zm+v", "Zm/v", "Zm 9v", "ZZZZZ"};
    struct buf out = {0};
    size_t i;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CHECK(!base64url_decode(str_of(wrong[i]), &out));
    CHECK(!base64url_decode((struct str){"Zg\0A", 4}, &out));
    buf_release(&out);
}
