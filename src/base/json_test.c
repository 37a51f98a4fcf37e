#include "err.h"
#include "json.h"
#include "test.h"

static struct json_envelope must_envelope(const char *line)
{
    struct json_envelope e;
    struct err err = {""};
    int status = json_envelope(str_of(line), &e, &err);

    if (status < 0)
        fail_msg("%s refused: %s", line, err.text);
    return e;
}

static const char *refusal(struct str line)
{
    static struct err err;
    struct json_envelope e = {.body = STR_LIT("untouched")};

    err.text[0] = '\0';
    CHECK_INT(json_envelope(line, &e, &err), ERR_INPUT);
    CHECK(str_is(e.body, "untouched"));
    return err.text;
}

TEST(envelope_finds_the_parts_of_a_message)
{
    struct json_envelope e = must_envelope(
        " {\"id\":3,\"src\":\"n1\",\"dest\":\"c2\",\"body\":{\"type\":\"echo_ok\",\"msg_id\":17,"
        "\"in_reply_to\":-4,\"echo\":{\"type\":[]}}}\r\n");

    CHECK(str_is(e.src, "n1") && e.src_is_string);
    CHECK(str_is(e.dest, "c2") && e.dest_is_string);
    CHECK(str_is(e.type, "echo_ok") && e.type_is_string);
    CHECK(str_is(e.msg_id, "17") && e.msg_id_is_integer);
    CHECK(str_is(e.in_reply_to, "-4") && e.in_reply_to_is_integer);
    CHECK(e.body_is_object);
    CHECK(str_is(e.body, "{\"type\":\"echo_ok\",\"msg_id\":17,\"in_reply_to\":-4,"
                         "\"echo\":{\"type\":[]}}"));
}

TEST(envelope_tells_absent_from_odd_parts)
{
    struct json_envelope e = must_envelope("{}");

    CHECK(e.src.data == NULL && e.dest.data == NULL && e.body.data == NULL);
    CHECK(e.type.data == NULL && e.msg_id.data == NULL && !e.body_is_object);
    e = must_envelope("{\"src\":7,\"dest\":null,\"body\":[ 1 ] }");
    CHECK(str_is(e.src, "7") && !e.src_is_string);
    CHECK(str_is(e.dest, "null") && !e.dest_is_string);
    CHECK(str_is(e.body, "[ 1 ]") && !e.body_is_object);
    e = must_envelope("{\"body\":{\"type\":{},\"msg_id\":1.5,\"in_reply_to\":\"3\"}}");
    CHECK(str_is(e.type, "{}") && !e.type_is_string);
    CHECK(str_is(e.msg_id, "1.5") && !e.msg_id_is_integer);
    CHECK(str_is(e.in_reply_to, "\"3\"") && !e.in_reply_to_is_integer);
}

TEST(envelope_knows_only_the_keys_of_its_two_levels)
{
    struct json_envelope e = must_envelope(
        "{\"type\":\"a\",\"msg_id\":1,\"body\":{\"src\":\"b\",\"x\":{\"type\":\"c\"}}}");

    CHECK(e.type.data == NULL && e.msg_id.data == NULL && e.src.data == NULL);
}

TEST(envelope_takes_the_last_of_duplicate_keys)
{
    struct json_envelope e =
        must_envelope("{\"src\":\"a\",\"src\":\"b\",\"body\":{\"type\":\"x\",\"msg_id\":1},"
                      "\"body\":{\"type\":\"y\",\"type\":\"z\"}}");

    CHECK(str_is(e.src, "b") && str_is(e.type, "z") && e.msg_id.data == NULL);
    e = must_envelope("{\"body\":{\"type\":\"x\"},\"body\":1}");
    CHECK(e.type.data == NULL && !e.body_is_object && str_is(e.body, "1"));
}

TEST(envelope_reads_escaped_keys)
{
    struct json_envelope e =
        must_envelope("{\"s\\u0072c\":\"a\",\"b\\u006fdy\":{\"in\\u005freply_to\":5}}");

    CHECK(str_is(e.src, "a") && str_is(e.in_reply_to, "5"));
}

TEST(envelope_keeps_integers_of_any_size)
{
    struct json_envelope e =
        must_envelope("{\"body\":{\"msg_id\":123456789012345678901234567890}}");

    CHECK(e.msg_id_is_integer && str_is(e.msg_id, "123456789012345678901234567890"));
}

/* The text before the "|" is the line, the rest what the learner reads. */
TEST(envelope_explains_what_is_wrong)
{
    static const char *const cases[] = {
        "|the line is empty: a message is one JSON object on one line",
        " \t|the line is blank: a message is one JSON object on one line",
        "hello|column 1: found \"h\" where \"{\" was expected: a message is one JSON object on "
        "one line",
        "  true|column 3: found a constant where \"{\" was expected: a message is one JSON object "
        "on one line",
        "[1]|column 1: found an array where \"{\" was expected: a message is one JSON object on "
        "one line",
        "\"a\"|column 1: found a string where \"{\" was expected: a message is one JSON object on "
        "one line",
        "-5|column 1: found a number where \"{\" was expected: a message is one JSON object on "
        "one line",
        "{\"src\": x}|column 9: found \"x\" where a value was expected",
        "{\"src\":tru}|column 11: found \"}\" where the rest of \"true\" was expected",
        "{\"src\" \"a\"}|column 8: found a string where \":\" was expected",
        "{src:1}|column 2: found \"s\" where a key in quotes or \"}\" was expected",
        "{'src':1}|column 2: found \"'\" where a key in quotes or \"}\" was expected: JSON strings "
        "take double quotes",
        "{\"a\":1,}|column 8: found \"}\" where a key in quotes was expected",
        "{\"a\":[1,]}|column 9: found \"]\" where a value was expected",
        "{\"a\":[,]}|column 7: found \",\" where a value or \"]\" was expected",
        "{\"a\":[1 2]}|column 9: found \"2\" where \",\" or \"]\" was expected",
        "{\"a\":1 \"b\"}|column 8: found a string where \",\" or \"}\" was expected",
        "{\"a\":01}|column 6: a number other than 0 does not begin with 0",
        "{\"a\":-x}|column 7: found \"x\" where a digit was expected",
        "{\"a\":1.}|column 8: found \"}\" where a digit was expected",
        "{\"a\":1e+}|column 9: found \"}\" where a digit was expected",
        "{\"a\":NaN}|column 6: found \"N\" where a value was expected",
        "{\"a\":\"\\x\"}|column 7: found a backslash where one of the escapes \\\" \\\\ \\/ \\b "
        "\\f "
        "\\n \\r \\t \\uXXXX was expected",
        "{\"a\":\"\\u12g4\"}|column 7: found a backslash where one of the escapes",
        "{\"a\":\"x\ty\"}|column 8: found byte 0x09 in a string: a control character must be "
        "written as an escape, \\u0009",
        "{\"a\":\x01}|column 6: found byte 0x01 where a value was expected",
        "{\"a\":\"\xff\"}|byte 0xff at column 7 is not valid UTF-8",
        "{\"a\":\"\xc3\xa4\xed\xa0\x80\"}|byte 0xed at column 8 is not valid UTF-8",
        "{\"a\":\xc3\xa4}|column 6: found \"\xc3\xa4\" where a value was expected",
        "{\"a\":\xc2\x9b}|column 6: found U+009B where a value was expected",
        "\xef\xbb\xbf{}|column 1: found U+FEFF (a byte order mark) where \"{\" was expected",
        "{\"a\":\xff}|byte 0xff at column 6 is not valid UTF-8",
        "{\"a\":|the line ends before the object that began in column 1 is closed",
        "{\"a\":tr|the line ends before the object that began in column 1 is closed",
        "{\"a\":[{}, 1|the line ends before the array that began in column 6 is closed",
        "{\"a\":\"bc|the line ends inside a string that began in column 6",
        "{\"a\":\"bc\\|the line ends inside a string that began in column 6",
        "{\"a\":\"bc\\u12|the line ends inside a string that began in column 6",
        "{} x|column 4: found \"x\" after the end of the value: a message is one JSON object on "
        "one line",
        "{}{}|column 3: found \"{\" after the end of the value: a message is one JSON object on "
        "one line",
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *bar = strchr(cases[i], '|');
        const char *said = refusal((struct str){cases[i], (size_t)(bar - cases[i])});
        if (strncmp(said, bar + 1, strlen(bar + 1)) != 0)
            fail_msg("%s\n    was said: %s", cases[i], said);
    }
}

TEST(envelope_refuses_a_zero_byte)
{
    CHECK_HAS(refusal(STR_LIT("{\"a\":\0}")), "column 6: found byte 0x00");
    CHECK_HAS(refusal(STR_LIT("{\"a\":\"\0\"}")), "must be written as an escape, \\u0000");
}

/* A message with arrays in its body, the deepest depth levels down. */
static struct str nested(int depth, struct buf *into)
{
    int i;

    buf_reset(into);
    buf_add_text(into, "{\"body\":{\"x\":");
    for (i = 2; i < depth; i++)
        buf_add_char(into, '[');
    for (i = 2; i < depth; i++)
        buf_add_char(into, ']');
    buf_add_text(into, "}}");
    return buf_str(into);
}

TEST(nesting_ends_at_64_levels)
{
    struct buf line = {0};
    struct json_envelope e;
    struct err err;
    struct buf out = {0};

    CHECK_INT(json_envelope(nested(64, &line), &e, &err), 0);
    CHECK(json_canonical(&out, nested(64, &line)));
    CHECK_TEXT(refusal(nested(65, &line)), "column 76: nested deeper than 64");
    CHECK(!json_canonical(&out, nested(65, &line)));
    buf_release(&line);
    buf_release(&out);
}

/* The tokens of a text, one letter each, with the texts of those that have one. */
static const char *walk(const char *text)
{
    static char seen[512];
    static const char letters[] = ".!ntf#s:[]{}";
    struct json_reader r;
    size_t len = 0;

    json_reader_init(&r, str_of(text));
    do {
        json_next(&r);
        seen[len++] = letters[r.kind];
        if (r.text.len > 0) {
            memcpy(seen + len, r.text.data, r.text.len);
            len += r.text.len;
        }
    } while (r.kind != JSON_AT_END && r.kind != JSON_AT_ERROR);
    CHECK_INT(json_next(&r), r.kind); /* the end stays the end */
    seen[len] = '\0';
    return seen;
}

TEST(reader_gives_every_token)
{
    CHECK_TEXT(walk(" null "), "n.");
    CHECK_TEXT(walk("{\"a\":[1,-2.5e3,{}],\"b\":\"c\\n\"}"), "{:a[#1#-2.5e3{}]:bsc\\n}.");
    CHECK_TEXT(walk("[true,false,[[]],\"\"]"), "[tf[[]]s].");
    CHECK_TEXT(walk("[1"), "[#1!");
    CHECK_TEXT(walk("[]]"), "[]!");
    CHECK_TEXT(walk("{\"a\"}"), "{!");
    CHECK_TEXT(walk("{]"), "{!");
    CHECK_TEXT(walk("[}"), "[!");
    CHECK_TEXT(walk(""), "!");
}

TEST(skip_gives_whole_values)
{
    struct json_reader r;
    struct str text;

    json_reader_init(&r, str_of("{\"a\": [1, {\"b\": 2}] ,\"c\":\"d\",\"e\":false}"));
    json_next(&r);
    CHECK_INT(json_next(&r), JSON_AT_KEY);
    CHECK_INT(json_next(&r), JSON_AT_ARRAY);
    CHECK(json_skip(&r, &text) && str_is(text, "[1, {\"b\": 2}]"));
    CHECK_INT(r.kind, JSON_AT_ARRAY_END);
    CHECK_INT(json_next(&r), JSON_AT_KEY);
    CHECK_INT(json_next(&r), JSON_AT_STRING);
    CHECK(json_skip(&r, &text) && str_is(text, "\"d\""));
    CHECK_INT(json_next(&r), JSON_AT_KEY);
    CHECK_INT(json_next(&r), JSON_AT_FALSE);
    CHECK(json_skip(&r, &text) && str_is(text, "false"));
    CHECK_INT(json_next(&r), JSON_AT_OBJECT_END);
    CHECK_INT(json_next(&r), JSON_AT_END);

    json_reader_init(&r, str_of("[ {\"a\": x} ]"));
    json_next(&r);
    json_next(&r);
    CHECK(!json_skip(&r, &text));
    CHECK_INT(r.kind, JSON_AT_ERROR);
    CHECK_INT(r.at, 8);
    CHECK_TEXT(r.error, "a value");
}

TEST(numbers_are_read_whole)
{
    int64_t value = 0;

    CHECK(json_to_i64(str_of("-9223372036854775808"), &value) && value == INT64_MIN);
    CHECK(json_to_i64(str_of("-0"), &value) && value == 0);
    CHECK(!json_to_i64(str_of("9223372036854775808"), &value));
    CHECK(!json_to_i64(str_of("1.0"), &value));
    CHECK(!json_to_i64(str_of("1e3"), &value));
    CHECK(!json_to_i64(str_of("007"), &value));
    CHECK(!json_to_i64(str_of("-"), &value));
    CHECK(json_to_double(str_of("-2.5e3")) == -2500.0);
    CHECK(json_to_double(str_of("0.1000000000000000000000000000000000000000000000000000000000000"
                                "000000000000000000")) == 0.1);
}

static const char *unescaped(const char *inside)
{
    static char text[128];
    struct buf out = {0};

    json_unescape(&out, str_of(inside));
    CHECK(out.len < sizeof(text));
    memcpy(text, buf_str(&out).data, out.len);
    text[out.len] = '\0';
    buf_release(&out);
    return text;
}

TEST(unescape_gives_utf8)
{
    struct buf out = {0};

    CHECK_TEXT(unescaped(""), "");
    CHECK_TEXT(unescaped("a\\\"\\\\\\/\\b\\f\\n\\r\\tz"), "a\"\\/\b\f\n\r\tz");
    CHECK_TEXT(unescaped("\\u0041\\u00e4\\u20AC\\ud83d\\ude00"),
               "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    CHECK_TEXT(unescaped("\\ud83dx"), "\xef\xbf\xbdx");
    CHECK_TEXT(unescaped("\\ude00\\ud83d"), "\xef\xbf\xbd\xef\xbf\xbd");
    CHECK_TEXT(unescaped("\\ud83d\\u0041"), "\xef\xbf\xbd"
                                            "A");
    json_unescape(&out, str_of("a\\u0000b"));
    CHECK(out.len == 3 && memcmp(out.data, "a\0b", 3) == 0);
    buf_release(&out);
}

TEST(strings_compare_by_meaning)
{
    CHECK(json_string_is(str_of("type"), "type"));
    CHECK(json_string_is(str_of("t\\u0079pe"), "type"));
    CHECK(!json_string_is(str_of("t\\u0079pes"), "type"));
    CHECK(!json_string_is(str_of("a\\u0000"), "a"));
    CHECK(json_string_is(str_of(""), ""));
}

TEST(a_text_in_an_object_is_found_by_its_name)
{
    CHECK(str_is(json_text_at(str_of("{\"a\":{\"type\":\"x\"},\"type\":\"y\"}"), "type"), "y"));
    CHECK(str_is(json_text_at(str_of("{\"t\\u0079pe\":\"a\\nb\"}"), "type"), "a\\nb"));
    CHECK(str_is(json_text_at(str_of("{\"type\":\"x\",\"type\":\"y\"}"), "type"), "y"));
    CHECK(str_is(json_text_at(str_of("{\"type\":7}"), "type"), ""));
    CHECK(str_is(json_text_at(str_of("[\"type\",\"x\"]"), "type"), ""));
    CHECK(str_is(json_text_at(str_of("{}"), "type"), ""));
}

TEST(quote_escapes_what_json_cannot_hold)
{
    struct buf out = {0};

    json_quote(&out, STR_LIT("a\"\\\n\x01\0\x7f\xc3\xa4\xff\xed\xa0\x80z"));
    CHECK_TEXT(out.data, "\"a\\\"\\\\\\n\\u0001\\u0000\x7f\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd"
                         "\xef\xbf\xbd\xef\xbf\xbdz\"");
    buf_reset(&out);
    json_quote(&out, (struct str){NULL, 0});
    CHECK_TEXT(out.data, "\"\"");
    buf_release(&out);
}

static const char *canonical(const char *text)
{
    static char copy[256];
    struct buf out = {0};

    buf_add_text(&out, "before ");
    if (json_canonical(&out, str_of(text))) {
        CHECK(out.len < sizeof(copy));
        memcpy(copy, out.data + 7, out.len - 6);
    } else {
        CHECK_TEXT(out.data, "before "); /* nothing was added */
        memcpy(copy, "refused", 8);
    }
    buf_release(&out);
    return copy;
}

TEST(canonical_gives_equal_values_equal_texts)
{
    CHECK_TEXT(canonical(" {\"b\" : [1, 2.50 ,{ }], \"a\":\"\\u0041\\/\"} "),
               "{\"a\":\"A/\",\"b\":[1,2.5,{}]}");
    CHECK_TEXT(canonical("{\"b\":{\"d\":1,\"c\":2},\"a\":{\"f\":3,\"e\":4},\"b\":{}}"),
               "{\"a\":{\"e\":4,\"f\":3},\"b\":{}}");
    CHECK_TEXT(canonical("{\"a\":1,\"\\u0061\":2}"), "{\"a\":2}");
    CHECK_TEXT(canonical("{\"\\u0000\":1,\"\":2}"), "{\"\":2,\"\\u0000\":1}");
    CHECK_TEXT(canonical("[-0,-0.0,0.0,1.0,1,1e2,1E400,-0e5]"),
               "[0,0.0,0.0,1.0,1,100.0,1E400,0.0]");
    CHECK_TEXT(canonical("[1e20,1e-7,0.1,1e23,5e-324,1.7976931348623157e308]"),
               "[1e+20,1e-07,0.1,1e+23,5e-324,1.7976931348623157e+308]");
    CHECK_TEXT(canonical("123456789012345678901234567890"), "123456789012345678901234567890");
    CHECK_TEXT(canonical("\"\\u001f\\t\xc3\xa4\""), "\"\\u001f\\t\xc3\xa4\"");
    CHECK_TEXT(canonical("[null,true,false]"), "[null,true,false]");
}

TEST(canonical_refuses_what_is_no_value)
{
    CHECK_TEXT(canonical(""), "refused");
    CHECK_TEXT(canonical("{\"a\":1"), "refused");
    CHECK_TEXT(canonical("1 2"), "refused");
    CHECK_TEXT(canonical("[1,]"), "refused");
}
