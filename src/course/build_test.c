#include "build.h"

#include "course_story.h"
#include "language.h"

static const struct language shell_language = {
    .name = "sh",
    .title = "Shell",
    .tools = "sh",
    .package = "dash",
    .version = "true",
    .main = "main.sh",
    .prepare = "",
    .build = "cp main.sh {out} && chmod +x {out}",
};

static struct build_result build(const struct story *s, const struct language *l)
{
    struct build_result r = {0};
    struct err err = {.text = ""};
    char out[256];
    struct build b = {.language = l, .dir = s->dir, .out = out};

    snprintf(out, sizeof(out), "%s/node", s->dir);
    CHECK_INT(build_run(&b, &r, &err), 0);
    return r;
}

TEST(a_program_is_built)
{
    struct story s;
    struct build_result r;

    story_open(&s);
    story_write(&s, "main.sh", "#!/bin/sh\n");
    r = build(&s, &shell_language);
    CHECK(r.built);
    CHECK_TEXT(r.text, "");
    CHECK_INT(access(story_path(&s, "node"), X_OK), 0);
    build_result_release(&r);
    story_close(&s);
}

/* The program of an earlier build must not be taken for this one's. */
TEST(a_failed_build_leaves_no_old_program)
{
    struct story s;
    struct build_result r;

    story_open(&s);
    story_write(&s, "main.sh", "#!/bin/sh\n");
    r = build(&s, &shell_language);
    build_result_release(&r);
    CHECK_INT(unlink(story_path(&s, "main.sh")), 0);
    r = build(&s, &shell_language);
    CHECK(!r.built);
    CHECK_HAS(r.text, "main.sh");
    CHECK(access(story_path(&s, "node"), F_OK) != 0);
    build_result_release(&r);
    story_close(&s);
}

TEST(builds_that_make_nothing_or_say_nothing_are_explained)
{
    struct language l = shell_language;
    struct build_result r;
    struct story s;

    story_open(&s);
    l.build = "true";
    r = build(&s, &l);
    CHECK(!r.built);
    CHECK_HAS(r.text, "The build succeeded, but there is no program node");
    build_result_release(&r);
    l.build = "exit 7";
    r = build(&s, &l);
    CHECK(!r.built);
    CHECK_HAS(r.text, "ended with status 7 and said nothing");
    build_result_release(&r);
    l.build = "mkdir {out}";
    r = build(&s, &l);
    CHECK(!r.built);
    build_result_release(&r);
    story_close(&s);
}

static void check_note(const char *main_file, const char *wanted)
{
    struct build_result r;
    struct story s;

    story_open(&s);
    story_write(&s, "main.sh", main_file);
    story_write(&s, "node/x", "");
    r = build(&s, &shell_language);
    CHECK(!r.built);
    CHECK_HAS(r.text, "a folder here has this name");
    if (wanted != NULL)
        CHECK_HAS(r.text, wanted);
    else
        CHECK(strstr(r.text, "save it") == NULL);
    build_result_release(&r);
    story_close(&s);
}

TEST(what_a_compiler_does_not_say_is_noted)
{
    check_note("\xff\xfe#", "main.sh is saved as UTF-16; save it as UTF-8.\n");
    check_note("\xfe\xff", "main.sh is saved as UTF-16");
    check_note("\xef\xbb\xbf#!/bin/sh\n", "main.sh begins with a byte order mark");
    check_note("#!/bin/sh\n", NULL);
    check_note("\xff", NULL);
    check_note("", NULL);
}

TEST(a_tool_that_does_not_run_is_no_fault_of_the_program)
{
    struct language l = shell_language;
    struct build_result r = {0};
    struct err err = {.text = ""};
    struct story s;
    char out[256];
    struct build b = {.language = &l, .out = out};

    story_open(&s);
    b.dir = s.dir;
    snprintf(out, sizeof(out), "%s/node", s.dir);
    l.build = "echo main.sh:1: error: no version of sh is chosen; false";
    l.version = "echo some words; echo 'error: choose a version'; echo more; exit 1";
    CHECK_INT(build_run(&b, &r, &err), ERR_INPUT);
    CHECK_HAS(err.text, "Shell cannot be used here: `echo some words; ");
    CHECK_HAS(err.text, "` fails: error: choose a version");
    l.version = "exit 2";
    CHECK_INT(build_run(&b, &r, &err), ERR_INPUT);
    CHECK_TEXT(err.text, "Shell cannot be used here: `exit 2` fails");
    CHECK(r.text == NULL);
    l.version = "true";
    CHECK_INT(build_run(&b, &r, &err), 0);
    CHECK_HAS(r.text, "no version of sh is chosen");
    build_result_release(&r);
    story_close(&s);
}

TEST(prepare_runs_before_the_first_build_and_its_failure_is_told)
{
    struct language l = shell_language;
    struct build_result r;
    struct story s;

    story_open(&s);
    l.prepare = "echo '#!/bin/sh' > main.sh && echo once >> log";
    r = build(&s, &l);
    CHECK(r.built);
    build_result_release(&r);
    r = build(&s, &l);
    build_result_release(&r);
    {
        struct buf log = {0};
        struct err err = {.text = ""};
        CHECK_INT(file_read(story_path(&s, "log"), 100, &log, &err), 0);
        CHECK_TEXT(log.data, "once\n");
        buf_release(&log);
    }
    CHECK_INT(unlink(story_path(&s, "node")), 0);
    l.prepare = "echo no network; exit 1";
    r = build(&s, &l);
    CHECK(!r.built);
    CHECK_TEXT(r.text, "no network\n");
    build_result_release(&r);
    story_close(&s);
}

static void words(const char *output, struct buf *out)
{
    buf_reset(out);
    build_words(str_of(output), "/home/me/m", out);
}

TEST(the_first_error_comes_first_and_paths_are_short)
{
    struct buf out = {0};

    words("In file included from /home/me/m/a.h:1:\n/home/me/m/main.c:3:5: warning: unused\n"
          "/home/me/m/main.c:9:1: error: expected ';'\n    9 | x\n/home/me/more/x.c: note\n",
          &out);
    CHECK_TEXT(out.data, "main.c:9:1: error: expected ';'\n    9 | x\n/home/me/more/x.c: note\n");
    words("Listing '.'...\n*** Error compiling './main.py'...\n  File \"./main.py\", line 3\n    x "
          "= (\n"
          "SyntaxError: '(' was never closed\n",
          &out);
    CHECK_HAS(out.data, "line 3");
    CHECK_HAS(out.data, "SyntaxError");
    words("/home/me/m/main.js:2\nlet let\n    ^\n\nSyntaxError: let is disallowed\n", &out);
    CHECK_HAS(out.data, "main.js:2\nlet let\n");
    buf_reset(&out);
    words("a note\n/usr/bin/ld: cannot open output file node: Permission denied\n"
          "collect2: error: ld returned 1 exit status\n",
          &out);
    CHECK(strncmp(out.data, "/usr/bin/ld: cannot open", 24) == 0);
    buf_reset(&out);
    words("something else\n", &out);
    CHECK_TEXT(out.data, "something else\n");
    buf_release(&out);
}

TEST(long_outputs_are_cut_and_control_characters_left_out)
{
    struct buf text = {0};
    struct buf out = {0};
    int i;

    for (i = 0; i < 100; i++)
        buf_addf(&text, "main.c:%d: error: \033[31mno\033[0m\a\n", i);
    words(text.data, &out);
    CHECK_HAS(out.data, "main.c:0: error: [31mno[0m\n");
    CHECK_HAS(out.data, "main.c:29:");
    CHECK(strstr(out.data, "main.c:30:") == NULL);
    CHECK_HAS(out.data, "... and 70 more lines\n");
    buf_reset(&text);
    for (i = 0; i < 1000; i++)
        buf_add_char(&text, 'x');
    words(text.data, &out);
    CHECK(out.len < 300);
    buf_release(&text);
    buf_release(&out);
}

TEST(a_reference_is_copied_with_the_kit_files_that_it_lists)
{
    struct languages l = {0};
    struct err err = {.text = ""};
    struct story s;

    story_open(&s);
    story_write(&s, "kits/c/json.c", "json");
    story_write(&s, "ref/main.c", "main");
    story_write(&s, "ref/notes.txt", "no");
    story_write(&s, "ref/kit", "json.c\n\n");
    l.kits = (char *)story_path(&s, "kits");
    CHECK_INT(build_copy_reference(story_path(&s, "ref"), &l, story_path(&s, "to"), &err), 0);
    CHECK_INT(access(story_path(&s, "to/main.c"), R_OK), 0);
    CHECK_INT(access(story_path(&s, "to/kit/json.c"), R_OK), 0);
    CHECK(access(story_path(&s, "to/notes.txt"), R_OK) != 0);
    l.kits = (char *)story_path(&s, "kits");
    story_write(&s, "ref/kit", "../../etc/passwd\n");
    CHECK_INT(build_copy_reference(story_path(&s, "ref"), &l, story_path(&s, "to2"), &err),
              ERR_INPUT);
    CHECK_HAS(err.text, "is no name of a file of kits/c");
    l.kits = (char *)story_path(&s, "kits");
    story_write(&s, "ref/kit", "nothing.c\n");
    CHECK_INT(build_copy_reference(story_path(&s, "ref"), &l, story_path(&s, "to3"), &err),
              ERR_INPUT);
    CHECK_INT(build_copy_reference(story_path(&s, "none"), &l, story_path(&s, "to4"), &err),
              ERR_INPUT);
    story_close(&s);
}
