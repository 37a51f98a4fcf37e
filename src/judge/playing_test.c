#include "playing.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/test.h"
#include "play.h"
#include "workshop.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A language of one shell, as in judging_test.c: what is tried is the way, not the compilers. */
static const char table[] =
    "language: sh\naliases:\ntitle: Shell\nextension: sh\ntools: sh\npackage: dash\n"
    "version: echo shell 1\nlibrary: kit.sh\nstarter: main.sh\nmain: main.sh\nprepare:\n"
    "build: true\nrun: {out}\nconfig:\nplaces:\nshared:\n"
    "compile: sh -n main.sh && { echo '#!/bin/sh'; cat main.sh; } >{out} && chmod +x {out}\n"
    "compiling: 20 256 32\nnode: 128 32\n";

/* $text is what the client wants back; the body says what to do with it. */
#define NODE(body)                                                                                 \
    "while read -r line; do\n"                                                                     \
    "    src=${line#*\\\"src\\\":\\\"}; src=${src%%\\\"*}\n"                                       \
    "    me=${line#*\\\"dest\\\":\\\"}; me=${me%%\\\"*}\n"                                         \
    "    id=${line#*\\\"msg_id\\\":}; id=${id%%[!0-9]*}\n"                                         \
    "    text=${line#*\\\"echo\\\":\\\"}; text=${text%%\\\"*}\n"                                   \
    "    case $line in\n"                                                                          \
    "    *'\"type\":\"init\"'*) body='\"type\":\"init_ok\"' ;;\n"                                  \
    "    *) body=\"\\\"type\\\":\\\"echo_ok\\\",\\\"echo\\\":\\\"" body "\\\"\" ;;\n"              \
    "    esac\n"                                                                                   \
    "    printf '{\"src\":\"%s\",\"dest\":\"%s\",\"body\":{\"in_reply_to\":%s,%s}}\\n' $me $src "  \
    "$id \"$body\"\n"                                                                              \
    "done\n"

static const char right[] = NODE("$text");
static const char wrong[] = NODE("no");

struct world {
    char dir[64];
    struct workshop *workshop;
    struct play play;
    struct buf events;
    json_t *result;
    struct err err;
    int run_count;
};

static void put_text(const struct world *w, const char *name, const char *text)
{
    struct err err = {.text = ""};
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", w->dir, name);
    *strrchr(path, '/') = '\0';
    CHECK_INT(file_mkdirs(path, &err), 0);
    snprintf(path, sizeof(path), "%s/%s", w->dir, name);
    CHECK_INT(file_write(path, str_of(text), &err), 0);
}

static void world_open(struct world *w)
{
    char folder[128];
    struct workshop_config config = {.folder = folder, .level = sandbox_level()};

    *w = (struct world){.dir = "/tmp/eddy-playing-XXXXXX"};
    CHECK(mkdtemp(w->dir) != NULL && chmod(w->dir, 0755) == 0);
    put_text(w, "kits/languages.txt", table);
    put_text(w, "kits/sh/kit.sh", "");
    put_text(w, "kits/sh/starter/main.sh", right);
    put_text(w, "course/01-ping/track.md", "# Ping\n");
    put_text(w, "course/01-ping/01-ping.md", "# Ping\n");
    put_text(w, "course/01-ping/01-ping.lua", "return task {}");
    snprintf(folder, sizeof(folder), "%s/work", w->dir);
    config.home = w->dir;
    if (workshop_open(&config, &w->workshop, &w->err) < 0)
        fail_msg("%s", w->err.text);
}

static void world_close(struct world *w)
{
    struct err err = {.text = ""};

    play_release(&w->play);
    buf_release(&w->events);
    json_decref(w->result);
    workshop_close(w->workshop);
    CHECK_INT(file_remove_tree(w->dir, &err), 0);
}

static void hear(void *owner, struct str event)
{
    struct world *w = owner;

    buf_add_str(&w->events, event);
    buf_add_char(&w->events, '\n');
}

/* Two nodes for two seconds; the status. w->result is the result, or NULL. */
static int run_within(struct world *w, const char *language, const char *main,
                      uint64_t messages_max, int64_t real_ms_max)
{
    char folder[128];
    json_t *text = json_pack("{s:s, s:{s:s, s:s, s:s}, s:s, s:[{s:s, s:s}]}", "workload", "echo",
                             "options", "node-count", "2", "time-limit", "2", "seed", "7",
                             "language", language, "files", "name", "main.sh", "text", main);
    char *dump = json_dumps(text, 0);
    struct playing p = {.workshop = w->workshop,
                        .play = &w->play,
                        .folder = folder,
                        .messages_max = messages_max,
                        .real_ms_max = real_ms_max,
                        .owner = w,
                        .voice = hear};

    play_release(&w->play);
    if (play_parse(str_of(dump), &w->play, &w->err) < 0)
        fail_msg("%s", w->err.text);
    free(dump);
    json_decref(text);
    snprintf(folder, sizeof(folder), "%s/job-%d", w->dir, w->run_count++);
    CHECK_INT(mkdir(folder, 0755), 0);
    buf_reset(&w->events);
    json_decref(w->result);
    w->result = NULL;
    return play_judge(&p, &w->result, &w->err);
}

static int run_some(struct world *w, const char *language, const char *main, uint64_t messages_max)
{
    return run_within(w, language, main, messages_max, 0);
}

static void must_be(struct world *w, const char *main, const char *verdict)
{
    const json_t *got;

    if (run_some(w, "sh", main, 0) < 0)
        fail_msg("%s", w->err.text);
    got = json_object_get(w->result, "verdict");
    if (strcmp(json_string_value(got), verdict) != 0)
        fail_msg("expected %s: %s", verdict, json_dumps(w->result, 0));
}

static const char *text_of(const struct world *w, const char *key)
{
    const char *text = json_string_value(json_object_get(w->result, key));

    return text != NULL ? text : "";
}

TEST(a_run_comes_to_a_verdict_with_its_statistics_and_its_report)
{
    struct world w;
    json_t *first;
    struct stat st;
    char page[128];

    world_open(&w);
    must_be(&w, right, "passed");
    CHECK_TEXT(text_of(&w, "sentence"), "");
    CHECK(json_is_true(json_object_get(w.result, "valid")));
    CHECK_INT(json_integer_value(json_object_get(w.result, "seed")), 7);
    CHECK_TEXT(text_of(&w, "tools"), "shell 1");
    CHECK_HAS(text_of(&w, "command"), "eddy test -w echo --seed 7 --node-count 2");
    CHECK_HAS(text_of(&w, "command"), "--bin ./node");
    CHECK_TEXT(
        json_string_value(json_object_get(json_object_get(w.result, "options"), "concurrency")),
        "2n");
    CHECK_HAS(w.events.data, "{\"event\":\"building\"}\n{\"event\":\"built\"");
    CHECK_HAS(w.events.data, "{\"event\":\"running\",\"virtual-ns\":0,\"of-ns\":2000000000,");
    CHECK_HAS(w.events.data, "{\"event\":\"verdict\",\"verdict\":\"passed\"}\n");
    snprintf(page, sizeof(page), "%s/job-0/run/report.html", w.dir);
    CHECK_INT(stat(page, &st), 0);

    /* The same seed is the same run. */
    first = json_incref(json_object_get(w.result, "statistics"));
    CHECK(json_integer_value(json_object_get(json_object_get(first, "operations"), "count")) > 20);
    must_be(&w, right, "passed");
    CHECK(json_equal(first, json_object_get(w.result, "statistics")));
    json_decref(first);
    world_close(&w);
}

TEST(a_wrong_program_fails_with_evidence)
{
    struct world w;

    world_open(&w);
    must_be(&w, wrong, "failed");
    CHECK(json_is_false(json_object_get(w.result, "valid")));
    CHECK(strlen(text_of(&w, "sentence")) > 20);
    CHECK(json_array_size(json_object_get(w.result, "evidence")) > 0);
    CHECK_HAS(w.events.data, "{\"event\":\"verdict\",\"verdict\":\"failed\"}\n");
    world_close(&w);
}

TEST(a_program_that_does_not_build_has_no_run)
{
    struct world w;

    world_open(&w);
    must_be(&w, "while read (\n", "failed");
    CHECK_HAS(text_of(&w, "sentence"), "the program does not build: ");
    CHECK(strstr(text_of(&w, "sentence"), w.dir) == NULL);
    CHECK(json_object_get(w.result, "valid") == NULL);
    CHECK(strstr(w.events.data, "running") == NULL);
    world_close(&w);
}

TEST(a_run_that_takes_too_much_is_stopped_and_says_so)
{
    struct world w;

    world_open(&w);
    CHECK_INT(run_some(&w, "sh", right, 20), 0);
    CHECK_TEXT(text_of(&w, "verdict"), "not judged");
    CHECK_TEXT(text_of(&w, "valid"), "unknown");
    CHECK_HAS(text_of(&w, "sentence"), "the run was stopped at ");
    CHECK_HAS(text_of(&w, "sentence"), "messages, as much as a run may here");
    world_close(&w);
}

/* Goal: a node that computes without end is stopped in real time.
 * Method: in a process of its own, as the worker has it, since the stop is for good there. */
TEST(a_run_that_takes_its_time_is_stopped_and_says_so)
{
    struct world w;
    int status = 0;
    pid_t pid;

    world_open(&w);
    pid = fork();
    if (pid == 0) {
        status = run_within(&w, "sh", "while :; do :; done\n", 0, 1500);
        _exit(status == 0 && strcmp(text_of(&w, "verdict"), "not judged") == 0 &&
                      strstr(text_of(&w, "sentence"), "1.5 s of real time") != NULL
                  ? 0
                  : 1);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    world_close(&w);
}

TEST(what_nobody_can_run_is_a_result_that_says_so)
{
    struct world w;

    world_open(&w);
    CHECK_INT(run_some(&w, "cobol", right, 0), 0);
    CHECK_TEXT(text_of(&w, "verdict"), "not judged");
    CHECK_HAS(text_of(&w, "sentence"), "cobol");
    world_close(&w);
}

/* The machine's fault is a status and never a verdict. */
TEST(a_machine_that_refuses_gives_no_verdict)
{
    struct world w;
    char name[64];

    world_open(&w);
    CHECK_INT(run_some(&w, "sh", right, 0), 0);
    json_decref(w.result);
    w.result = NULL;
    {
        char folder[128];
        struct playing p = {.workshop = w.workshop, .play = &w.play, .folder = folder};
        snprintf(name, sizeof(name), "taken/out");
        put_text(&w, name, "a file where a folder must be");
        snprintf(folder, sizeof(folder), "%s/taken", w.dir);
        CHECK_INT(play_judge(&p, &w.result, &w.err), ERR_MACHINE);
    }
    CHECK(w.result == NULL && w.err.text[0] != '\0');
    world_close(&w);
}
