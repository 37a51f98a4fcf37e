#include "edn.h"

#include "../base/err.h"
#include "../base/test.h"

#include <stdio.h>

/* The forms of text as JSON, one a line; or the sentence about the fault. */
static const char *json_of(struct str text)
{
    static struct buf out;
    struct edn_reader r;
    struct err err = {.text = ""};

    buf_reset(&out);
    buf_add_text(&out, "");
    edn_reader_init(&r, text);
    while (edn_next(&r) != EDN_END && r.kind != EDN_ERROR) {
        if (out.len > 0)
            buf_add_char(&out, '\n');
        edn_json(&r, &out);
    }
    if (r.kind != EDN_ERROR)
        return buf_str(&out).len > 0 ? out.data : "";
    CHECK(r.at <= text.len);
    CHECK_INT(edn_explain(&r, &err), ERR_INPUT);
    CHECK(edn_next(&r) == EDN_ERROR);
    buf_reset(&out);
    buf_add_text(&out, err.text);
    return out.data;
}

static const char *json_of_text(const char *text)
{
    return json_of(str_of(text));
}

#define READS(edn, json) CHECK_TEXT(json_of_text(edn), json)
#define REFUSES(edn, part) CHECK_HAS(json_of_text(edn), part)

TEST(scalars_become_json)
{
    READS("nil true false", "null\ntrue\nfalse");
    READS("0 -0 +7 -12 42N", "0\n0\n7\n-12\n42");
    READS("123456789012345678901234567890N", "123456789012345678901234567890");
    READS("0x1F -0x10", "31\n-16");
    READS("1.5 1.50M 1e3 -2.5E-1 1. 5M", "1.5\n1.5\n1000.0\n-0.25\n1.0\n5.0");
    READS("1/3 ##Inf ##-Inf ##NaN", "\"1/3\"\n\"Inf\"\n\"-Inf\"\n\"NaN\"");
    READS(":a :a.b/c ::d sym a/b + - -x",
          "\"a\"\n\"a.b/c\"\n\"d\"\n\"sym\"\n\"a/b\"\n\"+\"\n\"-\"\n\"-x\"");
}

TEST(strings_and_characters_become_json)
{
    READS("\"\" \"a\" \"\xc3\xa4\"", "\"\"\n\"a\"\n\"\xc3\xa4\"");
    READS("\"a\\tb\\\\c\\\"d\"", "\"a\\tb\\\\c\\\"d\"");
    READS("\"two\nlines\"", "\"two\\nlines\"");
    READS("\"\\u00e4\\101\\0\\377\"", "\"\xc3\xa4"
                                      "A\\u0000\xc3\xbf\"");
    READS("\\a \\newline \\space \\u00e4 \\o101 \\\" \\\\ \\( \\u",
          "\"a\"\n\"\\n\"\n\" \"\n\"\xc3\xa4\"\n\"A\"\n"
          "\"\\\"\"\n\"\\\\\"\n\"(\"\n\"u\"");
    READS("#\"a.*b\"", "\"a.*b\"");
}

TEST(containers_become_json)
{
    READS("[] () {} #{}", "[]\n[]\n{}\n[]");
    READS("[1 2,3 (4 [5])]", "[1,2,3,[4,[5]]]");
    READS("{:b 1, :a 2}", "{\"a\":2,\"b\":1}");
    READS("{:a 1 :a 2}", "{\"a\":2}");
    READS("{1 [[0 5]], nil 2, [3] 4}", "{\"1\":[[0,5]],\"[3]\":4,\"null\":2}");
    READS("#{3 1 2} #{:b :a}", "[1,2,3]\n[\"a\",\"b\"]");
    READS("{:x {:y {:z 1.0}}}", "{\"x\":{\"y\":{\"z\":1.0}}}");
}

TEST(equal_sets_and_maps_are_equal_texts)
{
    char first[64];

    snprintf(first, sizeof(first), "%s", json_of_text("#{[1 2] 7 \"x\" {:a 1 :b 2}}"));
    READS("#{ {:b 2 :a 1} \"x\" 7 [1 2]}", first);
}

TEST(tags_comments_and_discards_leave_the_value)
{
    READS("#inst \"2020-01-01\" #uuid \"x\" #a/b #c 1", "\"2020-01-01\"\n\"x\"\n1");
    READS("#jepsen.history.Op{:index 0}", "{\"index\":0}");
    READS("#jepsen.independent.Tuple{:value 2, :key \"k\"}", "[\"k\",2]");
    READS("#jepsen.independent.Tuple [1 2]", "[1,2]");
    READS("; words\n1 ; more\n", "1");
    READS("[1 #_2 3 #_[4 {5 6}] #_#_7 8 9]", "[1,3,9]");
    READS("{:a #_:b 1 #_2}", "{\"a\":1}");
    READS("#_{:a 1}", "");
}

TEST(broken_text_is_refused_with_line_column_and_what_was_expected)
{
    REFUSES("[1 2", "line 1, column 5: the text ends where a form or \"]\" was expected; the \"[\" "
                    "in line 1, column 1 is still open");
    REFUSES("{:a\n  [1 }", "line 2, column 6: expected a form or \"]\", but found \"}\"");
    REFUSES("]", "line 1, column 1: expected a form or the end; nothing is open here");
    REFUSES("{:a 1 :b}", "column 9: expected the value of the map's last key");
    REFUSES("\"abc", "closing quote");
    REFUSES("\"abc\\", "closing quote");
    REFUSES("\"a\\qb\"", "column 3: expected one of the escapes");
    REFUSES("\"\\u12\"", "one of the escapes");
    REFUSES("\\nosuch", "a character: \\a, \\newline");
    REFUSES("\\", "column 2: the text ends where a character was expected");
    REFUSES("007", "a number that does not begin with 0");
    REFUSES("12ab", "column 3: expected the end of the number");
    REFUSES("1e", "a digit");
    REFUSES("1/x", "a digit");
    REFUSES("0xzz", "hexadecimal");
    REFUSES(":", "the name of the keyword");
    REFUSES("#", "a tag");
    REFUSES("[#a]", "the form that belongs to the tag or #_ before");
    REFUSES("#_", "the form that belongs to the tag or #_ before");
    REFUSES("##Maybe", "##Inf");
    REFUSES("@x", "expected a letter, digit");
    REFUSES("\xc3\xa4 \x01", "line 1, column 3: expected a letter, digit");
    REFUSES("\"\xff\"", "column 2: expected valid UTF-8, but found byte 0xff");
    REFUSES("a\xc3", "valid UTF-8");
}

/* Goal: the cap on nesting holds for containers, discards and tags, and text at it is read. */
TEST(nesting_is_capped)
{
    struct buf text = {0};
    int i;

    for (i = 0; i < EDN_DEPTH_MAX; i++)
        buf_add_text(&text, i % 2 == 0 ? "[" : "{1 ");
    buf_add_text(&text, "2");
    for (i = EDN_DEPTH_MAX; i-- > 0;)
        buf_add_char(&text, i % 2 == 0 ? ']' : '}');
    CHECK_HAS(json_of(buf_str(&text)), "[{\"1\":[{\"1\":");
    buf_reset(&text);
    for (i = 0; i <= EDN_DEPTH_MAX; i++)
        buf_add_char(&text, '(');
    CHECK_HAS(json_of(buf_str(&text)), "column 65: expected nothing nested deeper than 64");
    buf_reset(&text);
    for (i = 0; i <= EDN_DEPTH_MAX; i++)
        buf_add_text(&text, "#_");
    CHECK_HAS(json_of(buf_str(&text)), "nothing nested deeper than 64");
    buf_reset(&text);
    for (i = 0; i < 100000; i++)
        buf_add_text(&text, "#a ");
    buf_add_char(&text, '1');
    CHECK_TEXT(json_of(buf_str(&text)), "1");
    buf_release(&text);
}

/* Keys within keys double their quotes at every level; without a cap 60 levels would fill memory.
 */
TEST(keys_that_are_maps_are_capped)
{
    struct buf text = {0};
    int i;

    for (i = 0; i < 60; i++)
        buf_add_char(&text, '{');
    buf_add_text(&text, "\"k\" 1");
    for (i = 0; i < 59; i++)
        buf_add_text(&text, "} 1");
    buf_add_char(&text, '}');
    CHECK_HAS(json_of(buf_str(&text)), "a key whose JSON text is at most 4096 bytes long");
    READS("{{:a 1} 2}", "{\"{\\\"a\\\":1}\":2}");
    buf_release(&text);
}

TEST(a_failure_leaves_the_output_as_it_was)
{
    struct buf out = {0};
    struct edn_reader r;

    buf_add_text(&out, "before");
    edn_reader_init(&r, STR_LIT("[1 #{2 {3}} 4]"));
    edn_next(&r);
    CHECK(!edn_json(&r, &out));
    CHECK_TEXT(out.data, "before");
    buf_release(&out);
}

TEST(places_count_characters)
{
    struct text_place p = text_place(STR_LIT("a\n\xc3\xa4\xe2\x82\xac"
                                             "b"),
                                     7);

    CHECK_INT(p.line, 2);
    CHECK_INT(p.column, 3);
}
