#include "verdict.h"

#include "../base/test.h"

#include <stdlib.h>

TEST(a_conjunction_takes_the_graver)
{
    CHECK_INT(valid_and(VALID_TRUE, VALID_UNKNOWN), VALID_UNKNOWN);
    CHECK_INT(valid_and(VALID_FALSE, VALID_UNKNOWN), VALID_FALSE);
    CHECK_INT(valid_and(VALID_TRUE, VALID_TRUE), VALID_TRUE);
}

TEST(the_first_of_the_gravest_reasons_stays)
{
    struct verdict v;

    verdict_init(&v);
    verdict_blame(&v, VALID_UNKNOWN, "who knows");
    verdict_blame(&v, VALID_FALSE, "bad %d", 1);
    verdict_blame(&v, VALID_FALSE, "bad %d", 2);
    verdict_blame(&v, VALID_UNKNOWN, "who knows");
    verdict_finish(&v);
    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_TEXT(v.sentence, "bad 1");
    CHECK(json_is_false(json_object_get(v.details, "valid?")));
    CHECK_TEXT(json_string_value(json_object_get(v.details, "sentence")), "bad 1");
    verdict_release(&v);
}

TEST(lists_are_cut)
{
    json_t *list = json_array();
    int i;

    for (i = 0; i < VERDICT_LIST_MAX; i++)
        CHECK(verdict_list_add(list, json_integer(i)));
    CHECK(!verdict_list_add(list, json_integer(i)));
    CHECK_INT(json_array_size(list), VERDICT_LIST_MAX);
    json_decref(list);
}

TEST(long_values_are_cut_between_characters)
{
    struct buf text = {0};
    char word[VERDICT_WORD_SIZE];
    json_t *value;
    int i;

    CHECK_TEXT(verdict_word(STR_LIT("[1,2]"), word), "[1,2]");
    buf_add_text(&text, "\"a");
    while (text.len < 1000)
        buf_add_text(&text, "\xc3\xa9");
    buf_add_char(&text, '"');
    verdict_word(buf_str(&text), word);
    CHECK_INT(strlen(word), VERDICT_WORD_MAX + 3);
    value = verdict_value(buf_str(&text));
    CHECK(json_is_string(value));
    CHECK_INT(json_string_length(value), VERDICT_TEXT_MAX + 3);
    json_decref(value);

    /* neither JSON nor UTF-8 is an answer of ours to have */
    value = verdict_value(STR_LIT("[1,"));
    CHECK_TEXT(json_string_value(value), "[1,");
    json_decref(value);
    value = verdict_value(STR_LIT("\xff"));
    CHECK(json_is_string(value));
    json_decref(value);
    for (i = 0; i < 3; i++) {
        json_t *valid = valid_json((enum valid)i);
        CHECK(i == VALID_UNKNOWN ? json_is_string(valid) : json_is_boolean(valid));
        json_decref(valid);
    }
    buf_release(&text);
}
