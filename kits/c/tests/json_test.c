/* json_test.c - what the kit takes for JSON, what it makes of it, and what it refuses. */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

#define CHECK(condition)                                                                           \
    ((condition) ? (void)0                                                                         \
                 : (void)(failures++, printf("json_test.c:%d: %s\n", __LINE__, #condition)))

static struct json *parse(const char *text)
{
    size_t len = strlen(text);
    char *copy = json_scratch(len + 1);

    memcpy(copy, text, len);
    return json_parse(copy, len);
}

static int prints_as(const char *text, const char *want)
{
    struct json *v = parse(text);

    if (v == NULL || strcmp(json_show(v), want) != 0) {
        printf("%s became %s, not %s\n", text, v == NULL ? "nothing" : json_show(v), want);
        return 0;
    }
    return 1;
}

static void test_round_trips(void)
{
    static const char *const same[] = {
        "null",
        "true",
        "false",
        "0",
        "-1",
        "9007199254740993",
        "-999999999999999999",
        "123456789012345678901234567890",
        "1.0",
        "-0.5e+10",
        "1E400",
        "\"\"",
        "\"a \\\"b\\\" \\\\\"",
        "[]",
        "{}",
        "[[[]],{\"a\":[1,2,{\"b\":null}]}]",
        "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"",
    };

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        CHECK(prints_as(same[i], same[i]));
    CHECK(prints_as(" [ 1 ,\t{ \"a\" : 2 } ]\r\n", "[1,{\"a\":2}]"));
    CHECK(prints_as("\"\\u00e9\\u20AC\\ud83d\\ude00\"", same[16]));
    CHECK(prints_as("\"\\ud800\"", "\"\xEF\xBF\xBD\""));
    CHECK(prints_as("\"\\n\\t\\/\\u0001\"", "\"\\n\\t/\\u0001\""));
    CHECK(prints_as("{\"a\\u0000b\":\"\\u0000\"}", "{\"a\\u0000b\":\"\\u0000\"}"));
    CHECK(prints_as("\"\\u0000x\"", "\"\\u0000x\""));
    CHECK(prints_as("-0", "-0"));
}

static void test_refuses(void)
{
    static const char *const bad[] = {
        "",      " ",          "nul",  "truex",  "01",      "-",         "1.",     ".5",
        "1e",    "+1",         "\"",   "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\n\"", "[",
        "[1",    "[1,]",       "[,1]", "[1 2]",  "{",       "{\"a\"}",   "{a:1}",  "{\"a\":}",
        "{1:2}", "{\"a\":1,}", "1 2",  "]",      "'a'",     "NaN",       "[1}",    "\"\\u\"",
    };
    char deep[2 * JSON_DEPTH_MAX + 3];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct json *v = parse(bad[i]);

        if (v != NULL)
            printf("accepted: %s\n", bad[i]);
        CHECK(v == NULL);
    }
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(deep, '[', (size_t)depth);
        memset(deep + depth, ']', (size_t)depth);
        deep[2 * depth] = '\0';
        CHECK((parse(deep) != NULL) == (depth == JSON_DEPTH_MAX));
    }
}

/* What may look like UTF-8, and what must not pass. */
static void test_utf8(void)
{
    static const char *const good[] = {"\x7F",         "\xC2\x80",         "\xDF\xBF",
                                       "\xE0\xA0\x80", "\xED\x9F\xBF",     "\xEE\x80\x80",
                                       "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC2",
                                      "\xC2x",
                                      "\xE0\x9F\xBF",
                                      "\xE2\x82",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF8\x88\x80\x80\x80",
                                      "\xFE",
                                      "\xFF",
                                      "\xE2\x82\xAC\x80"};
    char text[64];

    for (int before = 0; before < 17; before++) { /* bytes are looked at by eights where they can */
        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
            snprintf(text, sizeof(text), "\"%*s%s\"", before, "", good[i]);
            CHECK(parse(text) != NULL);
        }
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
            snprintf(text, sizeof(text), "\"%*s%s\"", before, "", bad[i]);
            CHECK(parse(text) == NULL);
        }
    }
}

static void test_looks_safely(void)
{
    struct json *v = parse("{\"a\":1,\"b\":[2],\"a\":3,\"s\":\"x\"}");

    CHECK(json_int_of(json_get(v, "a"), 0) == 3); /* the last of equal keys */
    CHECK(json_get(v, "none") == NULL && json_get(NULL, "a") == NULL);
    CHECK(json_int_of(json_get(v, "s"), 7) == 7);
    CHECK(json_int_of(parse("9223372036854775807"), 0) == INT64_MAX);
    CHECK(json_int_of(parse("-9223372036854775808"), 0) == INT64_MIN);
    CHECK(json_int_of(parse("9223372036854775808"), 7) == 7); /* no 64-bit integer: its text is kept */
    CHECK(prints_as("-9223372036854775809", "-9223372036854775809"));
    CHECK(json_text_of(json_get(v, "a")) == NULL);
    CHECK(json_at(json_get(v, "b"), 1) == NULL && json_at(v, 0) == NULL);
    CHECK(json_is_null(NULL) && json_is_null(json_null()) && !json_is_null(v));
}

static void test_equal(void)
{
    CHECK(json_equal(parse("{\"a\":1,\"b\":[1,2]}"), parse("{\"b\":[1,2],\"a\":1}")));
    CHECK(!json_equal(parse("{\"a\":1}"), parse("{\"b\":1}")));
    CHECK(!json_equal(parse("{\"a\":null}"), parse("{\"b\":null}")));
    CHECK(!json_equal(parse("{\"a\\u0000b\":1}"), parse("{\"a\":1}")));
    CHECK(!json_equal(parse("[1,2]"), parse("[2,1]")));
    CHECK(!json_equal(parse("1"), parse("1.0")));
    CHECK(!json_equal(parse("1"), parse("\"1\"")));
    CHECK(json_equal(NULL, parse("null")));
}

/* A kept value must not lean on scratch memory. */
static void test_keep(void)
{
    struct json *v = parse("{\"a\":[1,\"two\",3.5,{\"b\":null}],\"empty\":[],\"t\\u0000\":true}");
    struct json *kept = json_keep(v), *again;

    json_reset();
    memset(json_scratch(60000), 0xAA, 60000); /* where v stood */
    CHECK(strcmp(json_show(kept),
                 "{\"a\":[1,\"two\",3.5,{\"b\":null}],\"empty\":[],\"t\\u0000\":true}") == 0);
    again = json_keep(kept);
    CHECK(json_equal(kept, again));
    json_free(kept);
    json_free(again);
    json_free(NULL);
}

static void test_build(void)
{
    struct json *object = json_object(), *list = json_array();

    for (int i = 0; i < 1000; i++)
        json_push(list, json_int(i));
    json_set(object, "list", list);
    json_set(object, "x", json_string("old"));
    json_set(object, "x", json_string("new"));
    json_set(object, "nothing", NULL);
    CHECK(json_len(json_get(object, "list")) == 1000 && json_len(object) == 3);
    CHECK(json_int_of(json_at(list, 999), 0) == 999);
    CHECK(strcmp(json_text_of(json_get(object, "x")), "new") == 0);
}

int main(void)
{
    test_round_trips();
    test_refuses();
    test_utf8();
    test_looks_safely();
    test_equal();
    test_keep();
    test_build();
    printf("%s\n", failures == 0 ? "json_test: all well" : "json_test: failed");
    return failures != 0;
}
