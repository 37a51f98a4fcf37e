#include "language.h"

#include "course_story.h"

#define JUDGED                                                                                     \
    "config:\nplaces:\nshared:\ncompile:\n  for x in 1 2; do\n    echo $x\n  done\n"               \
    "compiling: 60 1024 64\nnode: 256 64\n"

static const char good[] =
    "# a comment\n"
    "language: c\naliases:\ntitle: C\nextension: c\ntools: cc\npackage: gcc\n"
    "version: cc --version\nlibrary: a.c a.h\nstarter: main.c\nmain: main.c\n"
    "prepare:\nbuild: cc -o {out} *.c\nrun: {out}\n" JUDGED "\n"
    "language: go\naliases: golang g\ntitle: Go\nextension: go\ntools: no-such-tool\n"
    "package: golang-go\nversion: go version\nlibrary: node.go\nstarter: main.go\n"
    "main: main.go\nprepare:\nbuild: cd {dir} && go build -o {out}\nrun: {out}\n" JUDGED;

static int open_text(const struct story *s, const char *text, struct languages **l, struct err *err)
{
    story_write(s, "kits/languages.txt", text);
    return languages_open(s->dir, l, err);
}

TEST(languages_are_found_by_name_and_alias)
{
    const struct language *found = NULL;
    struct err err = {.text = ""};
    struct languages *l = NULL;
    struct story s;

    story_open(&s);
    CHECK_INT(open_text(&s, good, &l, &err), 0);
    CHECK_INT(l->count, 2);
    CHECK_INT(languages_find(l, "golang", &found, &err), 0);
    CHECK_TEXT(found->title, "Go");
    CHECK_INT(languages_find(l, "c", &found, &err), 0);
    CHECK_TEXT(found->library, "a.c a.h");
    CHECK_TEXT(found->prepare, "");
    CHECK_TEXT(found->compile, " for x in 1 2; do\n   echo $x\n done");
    CHECK_INT(languages_find(l, "cobol", &found, &err), ERR_INPUT);
    CHECK_TEXT(err.text, "there is no language \"cobol\"; there are c, go");
    languages_close(l);
    story_close(&s);
}

TEST(a_missing_tool_is_named_with_its_package)
{
    struct err err = {.text = ""};
    struct languages *l = NULL;
    struct story s;

    story_open(&s);
    CHECK_INT(open_text(&s, good, &l, &err), 0);
    CHECK_INT(language_check_tools(&l->list[0], &err), 0);
    CHECK_INT(language_check_tools(&l->list[1], &err), ERR_INPUT);
    CHECK_HAS(err.text, "Go needs the command no-such-tool");
    CHECK_HAS(err.text, "apt install golang-go");
    languages_close(l);
    story_close(&s);
}

TEST(commands_quote_the_folders)
{
    struct buf out = {0};

    language_command("cc -o {out} {dir}/x {other} {lib} {kit}",
                     &(struct language_names){.dir = "/a b", .out = "/it's", .kit = "own"}, &out);
    CHECK_TEXT(out.data, "cc -o '/it'\\''s' '/a b'/x {other} {lib} 'own'");
    buf_release(&out);
}

TEST(broken_tables_name_the_line)
{
    static const struct {
        const char *from, *to, *wanted;
    } cases[] = {
        {"aliases:\n", "", "line 3: expected aliases: VALUE"},
        {"title: C\n", "title:\n", "line 4: \"title:\" is empty"},
        {"build: cc", "make: cc", "line 13: expected build: VALUE"},
        {"node: 256 64\n\n", "node: 256 64\nmore: x\n\n", "line 24: expected an empty line"},
        {"node: 256 64\n\n", "\n", "line 23: the stanza ends before \"node:\""},
        {"run: {out}\n", "run: python3 {out}\n", "run must be {out}"},
        {"compile:\n  for x in 1 2; do\n    echo $x\n  done\n", "compile:\n",
         "line 18: \"compile:\" is empty"},
        {"node: 256 64\n", "node: 256\n", "node must be two whole numbers"},
        {"compiling: 60 1024", "compiling: 60 none", "compiling must be three whole numbers"},
        {"language: c\n", "\n", "line 3: expected language: VALUE"},
    };
    struct err err = {.text = ""};
    struct languages *l = NULL;
    struct story s;
    size_t i;

    story_open(&s);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *at = strstr(good, cases[i].from);
        struct buf text = {0};
        buf_add(&text, good, (size_t)(at - good));
        buf_addf(&text, "%s%s", cases[i].to, at + strlen(cases[i].from));
        CHECK_INT(open_text(&s, text.data, &l, &err), ERR_INPUT);
        CHECK_HAS(err.text, cases[i].wanted);
        buf_release(&text);
    }
    CHECK_INT(open_text(&s, "# nothing\n", &l, &err), ERR_INPUT);
    CHECK_HAS(err.text, "there is no language in it");
    CHECK(l == NULL);
    story_close(&s);
}

/* The table that learners get. */
TEST(the_table_of_kits_is_good_and_its_files_are_there)
{
    struct err err = {.text = ""};
    struct languages *l = NULL;
    uint32_t i;

    CHECK_INT(languages_open(".", &l, &err), 0);
    CHECK(l->count >= 1);
    for (i = 0; i < l->count; i++)
        CHECK(strstr(l->list[i].starter, l->list[i].main) != NULL);
    languages_close(l);
}
