#include "filename.h"

#include "../base/err.h"
#include "../base/test.h"

#include <stdio.h>

TEST(plain_names_are_taken)
{
    static const char *const names[] = {
        "main.c", "kit/node.c", "a/b/c/d/e/f/g/h.rs", "Makefile", "go.mod", "x-1_2+3.py",
        "a..b",   "con",        "kit/node",
    };
    struct err err = {.text = ""};
    size_t i;

    for (i = 0; i + 1 < sizeof(names) / sizeof(names[0]); i++)
        CHECK_INT(filename_check(str_of(names[i]), &err), 0);
    CHECK_INT(filename_check(str_of(names[i]), &err), ERR_INPUT); /* a program in the kit's place */
}

TEST(hostile_names_are_refused_with_a_sentence)
{
    static const struct {
        const char *name, *why;
    } cases[] = {
        {"", "is empty"},
        {"/etc/passwd", "is absolute"},
        {"../main.c", "leads out of the folder"},
        {"a/../../b", "leads out of the folder"},
        {"a/..", "leads out of the folder"},
        {"..", "leads out of the folder"},
        {".", "is hidden"},
        {"./main.c", "is hidden"},
        {".eddy", "is hidden"},
        {"kit/.git/config", "is hidden"},
        {"a//b", "has an empty part"},
        {"a/", "has an empty part"},
        {"-o", "taken for an option"},
        {"kit/-Wl,x", "not allowed"},
        {"kit/-fplugin", "taken for an option"},
        {"a b.c", "not allowed"},
        {"a\nb.c", "not allowed"},
        {"a;rm.c", "not allowed"},
        {"$(id).c", "not allowed"},
        {"`id`.c", "not allowed"},
        {"*.c", "not allowed"},
        {"a\\b.c", "not allowed"},
        {"C:x", "not allowed"},
        {"@file", "not allowed"},
        {"\xc3\xbc.c", "not allowed"},
        {"\xe2\x80\xae"
         "c.niam",
         "not allowed"},
        {"\x1b[2J.c", "not allowed"},
        {"node", "is what a build makes"},
        {"node.d/x.c", "is what a build makes"},
        {"node_modules/evil/index.js", "is what a build makes"},
        {"__pycache__/main.pyc", "is what a build makes"},
        {"1/2/3/4/5/6/7/8/9.c", "more than 8 folders deep"},
    };
    size_t i, k;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = {.text = ""};
        CHECK_INT(filename_check(str_of(cases[i].name), &err), ERR_INPUT);
        CHECK_HAS(err.text, cases[i].why);
        for (k = 0; err.text[k] != '\0'; k++) /* it can be shown as it is */
            CHECK(err.text[k] >= 0x20 && err.text[k] < 0x7f);
    }
    {
        struct err err = {.text = ""};
        CHECK_INT(filename_check((struct str){"a\0b", 3}, &err), ERR_INPUT);
        CHECK_HAS(err.text, "a\\x00b");
    }
}

TEST(lengths_end_where_the_header_says)
{
    struct err err = {.text = ""};
    char name[FILENAME_LEN_MAX + 2];

    memset(name, 'a', sizeof(name));
    CHECK_INT(filename_check((struct str){name, FILENAME_WORD_MAX}, &err), 0);
    CHECK_INT(filename_check((struct str){name, FILENAME_WORD_MAX + 1}, &err), ERR_INPUT);
    name[FILENAME_WORD_MAX - 1] = '/';
    CHECK_INT(filename_check((struct str){name, FILENAME_LEN_MAX - 1}, &err), 0);
    CHECK_INT(filename_check((struct str){name, FILENAME_LEN_MAX + 1}, &err), ERR_INPUT);
    CHECK_HAS(err.text, "longer than 200 bytes");
}

TEST(a_file_and_a_folder_of_one_name_clash)
{
    CHECK(filename_clash(str_of("a"), str_of("a")));
    CHECK(filename_clash(str_of("a"), str_of("a/b")));
    CHECK(filename_clash(str_of("a/b/c"), str_of("a/b")));
    CHECK(!filename_clash(str_of("a"), str_of("ab")));
    CHECK(!filename_clash(str_of("a/b"), str_of("a/c")));
}

TEST(debris_is_what_lies_about)
{
    CHECK(filename_is_debris(str_of(".eddy")));
    CHECK(filename_is_debris(str_of("kit/__pycache__/x.pyc")));
    CHECK(filename_is_debris(str_of("node")));
    CHECK(filename_is_debris(str_of("eddy-report/01/report.html")));
    CHECK(!filename_is_debris(str_of("main.c")));
    CHECK(!filename_is_debris(str_of("../main.c")));
    CHECK(!filename_is_debris(str_of("")));
}
