#include "err.h"
#include "test.h"

#include <errno.h>

TEST(a_sentence_gets_words_in_front)
{
    struct err err = {""};

    CHECK_INT(err_set(&err, ERR_INPUT, "line %d is empty", 3), ERR_INPUT);
    CHECK_TEXT(err.text, "line 3 is empty");
    err_wrap(&err, "history %s", "h.jsonl");
    CHECK_TEXT(err.text, "history h.jsonl: line 3 is empty");
}

TEST(the_machine_gives_its_reason)
{
    struct err err = {""};

    errno = ENOENT;
    CHECK_INT(err_set_errno(&err, ERR_MACHINE, "cannot open %s", "x"), ERR_MACHINE);
    CHECK_TEXT(err.text, "cannot open x: No such file or directory");
}

TEST(long_sentences_are_cut)
{
    struct err err = {""};
    char longer[2 * ERR_TEXT_MAX];

    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    err_set(&err, ERR_INPUT, "%s", longer);
    CHECK_INT(strlen(err.text), ERR_TEXT_MAX - 1);
    err_wrap(&err, "in front");
    CHECK_INT(strlen(err.text), ERR_TEXT_MAX - 1);
    CHECK_HAS(err.text, "in front: xxx");
    errno = ENOENT;
    err_set_errno(&err, ERR_INPUT, "%s", longer);
    CHECK_INT(strlen(err.text), ERR_TEXT_MAX - 1);
    err_wrap(&err, "%s", longer);
    CHECK_INT(strlen(err.text), ERR_TEXT_MAX - 1);
}
