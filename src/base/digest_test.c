#include "digest.h"

#include "prng.h"
#include "test.h"

static const char *digest_of(const char *text, char into[DIGEST_TEXT_SIZE])
{
    struct digest d = {0};

    digest_add(&d, text, strlen(text));
    return digest_text(&d, into);
}

/* Figures that other implementations of the same function publish. */
TEST(known_texts_have_known_digests)
{
    char text[DIGEST_TEXT_SIZE];

    CHECK_TEXT(digest_of("", text), "00000000000000000000000000000000");
    CHECK_TEXT(digest_of("hello", text), "cbd8a7b341bd9b025b1e906a48ae1d19");
    CHECK_TEXT(digest_of("The quick brown fox jumps over the lazy dog", text),
               "e34bbc7bbc071b6c7a433ca9c49a9347");
}

TEST(the_pieces_do_not_matter)
{
    unsigned char bytes[300];
    struct prng p;
    int round;

    prng_init(&p, 1, "digest");
    prng_fill(&p, bytes, sizeof(bytes));
    for (round = 0; round < 500; round++) {
        size_t len = prng_below(&p, sizeof(bytes) + 1);
        struct digest whole = {0};
        struct digest pieces = {0};
        char a[DIGEST_TEXT_SIZE];
        char b[DIGEST_TEXT_SIZE];
        size_t at = 0;
        digest_add(&whole, bytes, len);
        while (at < len) {
            size_t take = prng_below(&p, 40);
            if (take > len - at)
                take = len - at;
            digest_add(&pieces, bytes + at, take);
            at += take;
        }
        CHECK_TEXT(digest_text(&pieces, a), digest_text(&whole, b));
    }
}

TEST(one_bit_changes_the_digest)
{
    unsigned char bytes[40] = {0};
    char first[DIGEST_TEXT_SIZE];
    char other[DIGEST_TEXT_SIZE];
    struct digest d = {0};
    size_t bit;

    digest_add(&d, bytes, sizeof(bytes));
    digest_text(&d, first);
    for (bit = 0; bit < sizeof(bytes) * 8; bit++) {
        struct digest changed = {0};
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        digest_add(&changed, bytes, sizeof(bytes));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        CHECK(strcmp(digest_text(&changed, other), first) != 0);
    }
}
