#include "submission.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/test.h"

#include <stdio.h>

enum { FILENAME_TEST_LEN = 200 };

#define HEAD "{\"track\":\"messenger\",\"task\":\"echo\",\"language\":\"c\","
#define FILE_ "{\"name\":\"main.c\",\"text\":\"int x;\"}"

static void add(struct submission *s, const char *name, const char *text)
{
    struct err err = {.text = ""};

    CHECK_INT(submission_add(s, str_of(name), str_of(text), &err), 0);
}

TEST(a_submission_survives_its_text)
{
    struct submission s = {0}, again = {0};
    struct err err = {.text = ""};
    struct buf text = {0}, text_again = {0};

    CHECK_INT(submission_word("track", str_of("messenger"), &s.track, &err), 0);
    CHECK_INT(submission_word("task", str_of("03-echo"), &s.task, &err), 0);
    CHECK_INT(submission_word("language", str_of("c++"), &s.language, &err), 0);
    s.seed = 42;
    add(&s, "main.cpp", "// \"quotes\" \\ \n\t\x01 \xf0\x9f\x8c\x8a\n");
    add(&s, "kit/node.cpp", "");
    add(&s, "a.cpp", "x");
    submission_text(&s, &text);
    CHECK_INT(submission_parse(buf_str(&text), &again, &err), 0);
    CHECK_INT(again.file_count, 3);
    CHECK_TEXT(again.files[0].name, "a.cpp");
    CHECK_TEXT(submission_file(&again, "main.cpp")->data, submission_file(&s, "main.cpp")->data);
    CHECK(submission_file(&again, "none") == NULL);
    CHECK_INT(again.seed, 42);
    submission_text(&again, &text_again);
    CHECK_TEXT(text_again.data, text.data);
    submission_release(&s);
    submission_release(&again);
    buf_release(&text);
    buf_release(&text_again);
}

TEST(broken_texts_say_what_is_wrong)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "JSON"},
        {"[]", "a submission is a JSON object"},
        {"{\"track\":1}", "\"track\" must be there"},
        {HEAD "\"files\":[" FILE_ "],\"shell\":\"x\"}", "a submission has no \"shell\""},
        {HEAD "\"files\":[" FILE_ "],\"\x1b[31m\":1}", "this is"},
        {HEAD "\"files\":[]}", "one at least"},
        {HEAD "\"files\":{}}", "must be a list"},
        {HEAD "\"files\":[1]}", "file 1 must have"},
        {HEAD "\"files\":[{\"name\":\"a\",\"text\":\"\",\"mode\":\"0777\"}]}", "nothing else"},
        {HEAD "\"files\":[" FILE_ "," FILE_ "]}", "it is there twice"},
        {HEAD "\"files\":[" FILE_ ",{\"name\":\"main.c/x\",\"text\":\"\"}]}",
         "of the other's name"},
        {HEAD "\"files\":[{\"name\":\"../x\",\"text\":\"\"}]}", "leads out of the folder"},
        {HEAD "\"files\":[{\"name\":\"a\",\"text\":\"\\u0000\"}]}", "byte 0 is zero"},
        {HEAD "\"seed\":-1,\"files\":[" FILE_ "]}", "\"seed\" must be"},
        {HEAD "\"seed\":1.5,\"files\":[" FILE_ "]}", "\"seed\" must be"},
        {HEAD "\"seed\":1e99,\"files\":[" FILE_ "]}", "\"seed\" must be"},
        {HEAD "\"seed\":99999999999999999999,\"files\":[" FILE_ "]}", ""},
        {HEAD "\"task\":\"x\",\"files\":[" FILE_ "]}", "a key stands there twice"},
        {"{\"track\":\"../x\",\"task\":\"e\",\"language\":\"c\",\"files\":[" FILE_ "]}",
         "the track must be a word"},
        {"{\"track\":\"m\",\"task\":\"\",\"language\":\"c\",\"files\":[" FILE_ "]}",
         "the task must be a word"},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct submission s = {.seed = 7};
        struct err err = {.text = ""};
        CHECK_INT(submission_parse(str_of(cases[i].text), &s, &err), ERR_INPUT);
        if (cases[i].text[0] == '{' && strchr(cases[i].text, '\x1b') == NULL)
            CHECK_HAS(err.text, cases[i].why);
        CHECK(err.text[0] != '\0');
        CHECK(s.seed == 7 && s.files == NULL);
    }
}

TEST(only_text_is_a_file)
{
    static const struct {
        const char *data;
        size_t len, at;
    } cases[] = {
        {"a\0b", 3, 1},         {"\xff", 1, 0},
        {"ok\xc3", 3, 2},       {"\xc0\xaf", 2, 0},
        {"\xed\xa0\x80", 3, 0}, {"\xf4\x90\x80\x80", 4, 0},
        {"\xe0\x80\x80", 3, 0}, {"\xf0\x80\x80\x80", 4, 0},
    };
    struct submission s = {0};
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = {.text = ""};
        char wanted[64];
        CHECK_INT(submission_add(&s, str_of("x"), (struct str){cases[i].data, cases[i].len}, &err),
                  ERR_INPUT);
        snprintf(wanted, sizeof(wanted), "byte %zu is", cases[i].at);
        CHECK_HAS(err.text, wanted);
    }
    add(&s, "x", "\xf4\x8f\xbf\xbf\xee\x80\x80\xc2\x80");
    submission_release(&s);
}

TEST(caps_hold_and_nothing_is_taken_beyond_them)
{
    struct submission s = {0};
    struct err err = {.text = ""};
    char *big = mem_zalloc(SUBMISSION_FILE_MAX + 1);
    char name[32];
    int i;

    memset(big, 'x', SUBMISSION_FILE_MAX + 1);
    CHECK_INT(submission_add(&s, str_of("big"), (struct str){big, SUBMISSION_FILE_MAX + 1}, &err),
              ERR_INPUT);
    CHECK_HAS(err.text, "a file may have 262144 at most");
    CHECK_INT(submission_add(&s, str_of("big"), (struct str){big, SUBMISSION_FILE_MAX}, &err), 0);
    CHECK_INT(submission_add(&s, str_of("two"), (struct str){big, SUBMISSION_FILE_MAX}, &err), 0);
    CHECK_INT(submission_add(&s, str_of("three"), (struct str){big, SUBMISSION_FILE_MAX}, &err),
              ERR_FULL);
    CHECK_HAS(err.text, "bytes together");
    CHECK_INT(s.file_count, 2);
    for (i = 2; i < SUBMISSION_FILES_MAX; i++) {
        snprintf(name, sizeof(name), "f%d", i);
        add(&s, name, "");
    }
    CHECK_INT(submission_add(&s, str_of("more"), str_of(""), &err), ERR_FULL);
    CHECK_HAS(err.text, "more than 200 files");
    submission_release(&s);
    mem_free(big);
}

/* Any submission has room in a job, also one of control characters alone. */
TEST(the_longest_text_is_within_the_cap)
{
    struct submission s = {0}, again = {0};
    struct err err = {.text = ""};
    char *big = mem_zalloc(SUBMISSION_FILE_MAX);
    struct buf text = {0};
    size_t left = SUBMISSION_BYTES_MAX;
    char name[FILENAME_TEST_LEN + 1];
    int i;

    memset(big, 1, SUBMISSION_FILE_MAX);
    memset(name, 'n', sizeof(name));
    name[100] = '/';
    name[FILENAME_TEST_LEN] = '\0';
    submission_word("track", str_of("t"), &s.track, &err);
    submission_word("task", str_of("t"), &s.task, &err);
    submission_word("language", str_of("t"), &s.language, &err);
    for (i = 0; i < SUBMISSION_FILES_MAX; i++) {
        size_t len = left < SUBMISSION_FILE_MAX ? left : SUBMISSION_FILE_MAX;
        for (int digit = 1, rest = i; digit <= 3; digit++, rest /= 10)
            name[FILENAME_TEST_LEN - digit] = (char)('0' + rest % 10);
        CHECK_INT(submission_add(&s, str_of(name), (struct str){big, len}, &err), 0);
        left -= len;
    }
    submission_text(&s, &text);
    CHECK(text.len <= SUBMISSION_TEXT_MAX);
    CHECK_INT(submission_parse(buf_str(&text), &again, &err), 0);
    submission_release(&s);
    submission_release(&again);
    buf_release(&text);
    mem_free(big);
}
