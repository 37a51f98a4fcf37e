#include "flags.h"

#include "err.h"
#include "test.h"

#include <stdio.h>

enum { NUMBER, QUIET };

static const struct flag table[] = {
    {"node-count", 'n', "N", "so many nodes"},
    {"quiet", 'q', NULL, "say nothing"},
    {NULL, 0, NULL, NULL},
};

/* Reads words into a text such as "node-count=3 word:x quiet" or the sentence of the failure. */
static const char *read_all(char *const *argv)
{
    static char said[512];
    struct flags f;
    struct err err = {.text = ""};
    const char *value;
    int got;

    said[0] = '\0';
    flags_init(&f, table, argv);
    while ((got = flags_next(&f, &value, &err)) != FLAGS_END) {
        size_t len = strlen(said);
        if (got == FLAGS_WORD)
            snprintf(said + len, sizeof(said) - len, "word:%s ", value);
        else if (got >= 0)
            snprintf(said + len, sizeof(said) - len, "%s%s%s ", table[got].name,
                     value != NULL ? "=" : "", value != NULL ? value : "");
        else
            return memcpy(said, err.text, strlen(err.text) + 1);
    }
    return said;
}

#define READ(...) read_all((char *[]){__VA_ARGS__, NULL})

TEST(a_value_comes_with_a_sign_or_as_the_next_word)
{
    CHECK_TEXT(READ("--node-count", "3"), "node-count=3 ");
    CHECK_TEXT(READ("--node-count=3"), "node-count=3 ");
    CHECK_TEXT(READ("--node-count="), "node-count= ");
    CHECK_TEXT(READ("--node-count=a=b"), "node-count=a=b ");
    CHECK_TEXT(READ("-n", "3"), "node-count=3 ");
    CHECK_TEXT(READ("-n3"), "node-count=3 ");
    CHECK_TEXT(READ("--node-count", "--quiet"), "node-count=--quiet ");
}

TEST(words_stand_anywhere_and_after_two_dashes_all_are_words)
{
    CHECK_TEXT(READ("a", "--quiet", "b"), "word:a quiet word:b ");
    CHECK_TEXT(READ("a", "--", "--quiet", "-n", "--"), "word:a word:--quiet word:-n word:-- ");
    CHECK_TEXT(READ("-"), "word:- ");
    CHECK_TEXT(READ(""), "word: ");
    CHECK_TEXT(READ("--"), "");
}

TEST(a_missing_or_superfluous_value_is_named)
{
    CHECK_TEXT(READ("--node-count"), "--node-count needs a value: N");
    CHECK_TEXT(READ("-n"), "--node-count needs a value: N");
    CHECK_TEXT(READ("--quiet=yes"), "--quiet takes no value");
    CHECK_TEXT(READ("-qq"), "--quiet takes no value");
}

TEST(a_slip_is_met_with_the_nearest_option)
{
    CHECK_HAS(READ("--node-cuont", "3"),
              "there is no option --node-cuont; did you mean --node-count?");
    CHECK_HAS(READ("--quite"), "did you mean --quiet?");
    CHECK_HAS(READ("--node-cuont=3"), "there is no option --node-cuont; did you");
}

TEST(what_is_far_from_any_option_is_sent_to_the_help)
{
    CHECK_HAS(READ("--completely-else"), "there is no option --completely-else; --help lists all");
    CHECK_HAS(READ("-z"), "there is no option -z; --help lists all");
    CHECK_HAS(
        READ("--a-name-of-more-than-sixty-four-letters-is-not-compared-with-any-option-of-ours"),
        "--help lists all");
}
