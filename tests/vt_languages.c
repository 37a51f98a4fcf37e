/* vt_languages - programs in many languages under the virtual clock.
 *
 * usage: vt_languages [NAME...]     from the root of the repository; without names: all
 *
 * Each program in tests/vt/lang waits in the ways that are usual in its language and prints how
 * long each wait took by its own clock. It runs twice with one seed. Both runs must say the same at
 * the same virtual times, and their lines must be those of NAME.expected; lines that begin with "~"
 * are random or dates and only compared between the two runs. A language whose tools are not here
 * is skipped. Prints "ok", "skip" or "FAIL" for each; exit status 1 if one failed. */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cage/cage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGV_MAX = 8, SECONDS_MAX = 1200 };

struct language {
    const char *name;
    const char *tool;           /* to look for in PATH */
    const char *build;          /* shell command, "" for none; $OUT is a folder for its results */
    const char *argv[ARGV_MAX]; /* "$OUT" at the start of a text is replaced */
    const char *expected;
};

#define LANG "tests/vt/lang/"

static const struct language languages[] = {
    {"c++", "g++", "g++ -O1 -o $OUT/wait_cc " LANG "wait.cc -lpthread", {"$OUT/wait_cc"}, "cc"},
    {"c++ static",
     "g++",
     "g++ -O1 -static -o $OUT/wait_ccs " LANG "wait.cc -lpthread",
     {"$OUT/wait_ccs"},
     "cc"},
    {"rust", "rustc", "rustc -O -o $OUT/wait_rs " LANG "wait.rs", {"$OUT/wait_rs"}, "rs"},
    {"go", "go", "go build -o $OUT/wait_go " LANG "wait.go", {"$OUT/wait_go"}, "go"},
    {"python", "python3", "", {"python3", LANG "wait.py"}, "py"},
    {"javascript", "node", "", {"node", LANG "wait.js"}, "js"},
    {"java", "javac", "javac -d $OUT " LANG "Wait.java", {"java", "-cp", "$OUT", "Wait"}, "java"},
    {"ruby", "ruby", "", {"ruby", LANG "wait.rb"}, "rb"},
    {"erlang",
     "erlc",
     "erlc -o $OUT " LANG "wait.erl",
     {"erl", "-noshell", "-pa", "$OUT", "-s", "wait", "main"},
     "erl"},
    {"bash", "bash", "", {"bash", LANG "wait.sh"}, "sh"},
};

/* What one run said. */
struct outcome {
    struct cage *cage;
    struct buf trace; /* with times */
    struct buf lines; /* without, and without those that begin with "~" */
    bool ended;
};

static char folder[] = "/tmp/eddy-languages-XXXXXX";

static void on_line(void *owner, uint32_t node, struct str line)
{
    struct outcome *o = owner;

    (void)node;
    buf_addf(&o->trace, "%lld %.*s\n", (long long)cage_now(o->cage), STR_ARG(line));
    if (line.len > 0 && line.data[0] == '~')
        return;
    buf_add_str(&o->lines, line);
    buf_add_char(&o->lines, '\n');
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    struct outcome *o = owner;

    (void)node;
    o->ended = true;
    if (how.code != 0)
        buf_addf(&o->lines, "exit status %d, signal %d\n", how.code, how.signal);
}

static void on_stuck(void *owner, uint32_t node, struct str sentence)
{
    struct outcome *o = owner;

    (void)node;
    buf_addf(&o->lines, "stuck: %.*s\n", STR_ARG(sentence));
}

static char *with_folder(const char *text)
{
    struct buf b = {0};

    if (strncmp(text, "$OUT", 4) == 0)
        buf_addf(&b, "%s%s", folder, text + 4);
    else
        buf_add_text(&b, text);
    return buf_take(&b);
}

static int run(const struct language *l, struct outcome *o, struct err *err)
{
    struct cage_config config = {
        .node_count = 1,
        .clock = CAGE_CLOCK_VIRTUAL,
        .seed = 11,
        .events = {o, on_line, on_line, on_line, on_exited, on_stuck, NULL, NULL},
    };
    char *argv[ARGV_MAX + 1] = {NULL};
    struct cage_program program;
    int status, i;

    *o = (struct outcome){0};
    for (i = 0; i < ARGV_MAX && l->argv[i] != NULL; i++)
        argv[i] = with_folder(l->argv[i]);
    program = (struct cage_program){.path = argv[0], .argv = (const char *const *)argv};
    status = cage_open(&config, &o->cage, err);
    if (status == 0)
        status = cage_start(o->cage, 0, &program, err);
    while (status == 0 && !o->ended)
        status = cage_wait(o->cage, INT64_MAX, err);
    if (status == CAGE_ASLEEP)
        status = err_set(err, ERR_INPUT, "it waits for ever; it said so far:\n%s",
                         o->lines.data != NULL ? o->lines.data : "");
    cage_close(o->cage);
    for (i = 0; argv[i] != NULL; i++)
        mem_free(argv[i]);
    return status;
}

/* The first line in which two texts differ, for the reader of a failure. */
static const char *difference(struct str got, struct str wanted)
{
    static char text[512];
    size_t at = 0, begin, i;

    while (at < got.len && at < wanted.len && got.data[at] == wanted.data[at])
        at++;
    for (begin = at; begin > 0 && got.data[begin - 1] != '\n'; begin--)
        ;
    i = begin;
    while (i < got.len && got.data[i] != '\n')
        i++;
    at = begin;
    while (at < wanted.len && wanted.data[at] != '\n')
        at++;
    snprintf(text, sizeof(text), "\"%.*s\" instead of \"%.*s\"", (int)(i - begin), got.data + begin,
             (int)(at - begin), wanted.data + begin);
    return text;
}

static bool check(const struct language *l)
{
    struct outcome once, again;
    struct err err = {.text = ""};
    struct buf expected = {0};
    char path[256];
    bool fine = false;

    snprintf(path, sizeof(path), LANG "%s.expected", l->expected);
    if (run(l, &once, &err) < 0 || run(l, &again, &err) < 0 ||
        file_read(path, 1 << 20, &expected, &err) < 0)
        printf("FAIL languages: %s: %s\n", l->name, err.text);
    else if (!str_eq(buf_str(&once.trace), buf_str(&again.trace)))
        printf("FAIL languages: %s: the second run differs: %s\n", l->name,
               difference(buf_str(&again.trace), buf_str(&once.trace)));
    else if (!str_eq(buf_str(&once.lines), buf_str(&expected)))
        printf("FAIL languages: %s: %s\n", l->name,
               difference(buf_str(&once.lines), buf_str(&expected)));
    else
        fine = printf("ok languages: %s\n", l->name) > 0;
    buf_release(&once.trace);
    buf_release(&once.lines);
    buf_release(&again.trace);
    buf_release(&again.lines);
    buf_release(&expected);
    return fine;
}

static bool is_here(const char *tool)
{
    char command[256];

    snprintf(command, sizeof(command), "command -v %s > /dev/null", tool);
    return system(command) == 0;
}

static bool is_wanted(const char *name, int argc, char **argv)
{
    int i;

    for (i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 1;
}

int main(int argc, char **argv)
{
    struct err err;
    bool fine = true;
    size_t i;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (mkdtemp(folder) == NULL || setenv("OUT", folder, 1) < 0)
        return 2;
    for (i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
        const struct language *l = &languages[i];

        if (!is_wanted(l->name, argc, argv))
            continue;
        alarm(SECONDS_MAX);
        if (!is_here(l->tool))
            printf("skip languages: %s: %s is not installed\n", l->name, l->tool);
        else if (l->build[0] != '\0' && system(l->build) != 0) {
            printf("FAIL languages: %s: it does not build: %s\n", l->name, l->build);
            fine = false;
        } else {
            fine = check(l) && fine;
        }
    }
    file_remove_tree(folder, &err);
    return fine ? 0 : 1;
}
