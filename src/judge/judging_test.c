#include "judging.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/test.h"
#include "compile.h"
#include "submission.h"
#include "workshop.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A course of one task and a language of one shell: what is judged is the way, not the compilers.
 */
static const char table[] =
    "language: sh\naliases:\ntitle: Shell\nextension: sh\ntools: sh\npackage: dash\n"
    "version: echo shell 1\nlibrary: kit.sh\nstarter: main.sh\nmain: main.sh\nprepare:\n"
    "build: true\nrun: {out}\nconfig:\nplaces:\n"
    "shared: mkdir -p {lib} && cp kit/kit.sh {lib}\n"
    "compile:\n"
    "  sh -n main.sh || exit 1\n"
    "  [ ! -f slow.sh ] || sleep 20\n"
    "  if [ {kit} = ours ]; then kit={lib}; else kit=kit; fi\n"
    "  { echo '#!/bin/sh'; cat $kit/kit.sh main.sh; } >{out} && chmod +x {out} # FLAG\n"
    "compiling: 20 256 32\nnode: 128 32\n";

static const char kit_text[] =
    "say() { printf "
    "'{\"src\":\"n0\",\"dest\":\"%s\",\"body\":{\"in_reply_to\":%s,\"type\":\"%s\"}}\\n' "
    "\"$src\" \"$id\" \"$1\"; }\n"
    "loop() {\n"
    "    while read -r line; do\n"
    "        src=${line#*\\\"src\\\":\\\"}; src=${src%%\\\"*}\n"
    "        id=${line#*\\\"msg_id\\\":}; id=${id%%[!0-9]*}\n"
    "        case $line in *'\"type\":\"init\"'*) say init_ok ;; *) ping ;; esac\n"
    "    done\n"
    "}\n";

static const char right[] = "ping() { say ping_ok; }\nloop\n";
static const char wrong[] = "ping() { say pong; }\nloop\n";

static const char scenario[] = "return task { nodes = 1, seeds = 2, run = function(w)\n"
                               "    w:step('three pings', function()\n"
                               "        local c = w:client()\n"
                               "        for _ = 1, 3 do c:ask('n0', { type = 'ping' }) end\n"
                               "    end)\n"
                               "end }\n";

struct world {
    char dir[64];
    struct workshop *workshop;
    struct submission s;
    struct buf events;
    json_t *result;
    struct err err;
    int judged; /* so far */
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

static void open_workshop(struct world *w, int64_t build_wall_ns)
{
    char folder[128];
    struct workshop_config config = {
        .home = w->dir,
        .folder = folder,
        .level = sandbox_level(),
        .build_wall_ns = build_wall_ns,
    };

    snprintf(folder, sizeof(folder), "%s/work", w->dir);
    if (workshop_open(&config, &w->workshop, &w->err) < 0)
        fail_msg("%s", w->err.text);
}

static void world_open(struct world *w)
{
    *w = (struct world){.dir = "/tmp/eddy-judging-XXXXXX"};
    CHECK(mkdtemp(w->dir) != NULL && chmod(w->dir, 0755) == 0);
    put_text(w, "kits/languages.txt", table);
    put_text(w, "kits/sh/kit.sh", kit_text);
    put_text(w, "kits/sh/starter/main.sh", right);
    put_text(w, "course/01-ping/track.md", "# Ping\n");
    put_text(w, "course/01-ping/01-ping.md", "# Ping\n");
    put_text(w, "course/01-ping/01-ping.lua", scenario);
    open_workshop(w, 0);
}

static void world_close(struct world *w)
{
    struct err err = {.text = ""};

    submission_release(&w->s);
    buf_release(&w->events);
    json_decref(w->result);
    workshop_close(w->workshop);
    CHECK_INT(file_remove_tree(w->dir, &err), 0);
}

static void hand_in(struct world *w, const char *main, const char *more, const char *text)
{
    submission_release(&w->s);
    CHECK_INT(submission_word("track", str_of("ping"), &w->s.track, &w->err), 0);
    CHECK_INT(submission_word("task", str_of("1"), &w->s.task, &w->err), 0);
    CHECK_INT(submission_word("language", str_of("sh"), &w->s.language, &w->err), 0);
    CHECK_INT(submission_add(&w->s, str_of("main.sh"), str_of(main), &w->err), 0);
    if (more != NULL)
        CHECK_INT(submission_add(&w->s, str_of(more), str_of(text), &w->err), 0);
}

static void hear(void *owner, struct str event)
{
    struct world *w = owner;

    buf_add_str(&w->events, event);
    buf_add_char(&w->events, '\n');
}

/* The status; w->result is the result, or NULL. */
static int judge(struct world *w)
{
    char folder[128], report[128];
    struct judging j = {.workshop = w->workshop,
                        .submission = &w->s,
                        .folder = folder,
                        .report = report,
                        .jobs = 1,
                        .owner = w,
                        .voice = hear};

    snprintf(folder, sizeof(folder), "%s/job-%d", w->dir, w->judged++);
    snprintf(report, sizeof(report), "%s/report", w->dir);
    CHECK_INT(mkdir(folder, 0755), 0);
    buf_reset(&w->events);
    json_decref(w->result);
    w->result = NULL;
    return submission_judge(&j, &w->result, &w->err);
}

static const char *text_of(const struct world *w, const char *key)
{
    const char *text = json_string_value(json_object_get(w->result, key));

    return text != NULL ? text : "";
}

static bool built(const struct world *w, const char *key)
{
    return json_is_true(json_object_get(json_object_get(w->result, "build"), key));
}

static void must_be(struct world *w, const char *verdict)
{
    if (judge(w) < 0)
        fail_msg("%s", w->err.text);
    if (strcmp(text_of(w, "verdict"), verdict) != 0)
        fail_msg("expected %s: %s", verdict, json_dumps(w->result, 0));
}

TEST(a_right_program_passes_and_is_not_built_twice)
{
    struct world w;

    world_open(&w);
    hand_in(&w, right, NULL, NULL);
    must_be(&w, "passed");
    CHECK_TEXT(text_of(&w, "sentence"), "");
    CHECK_TEXT(text_of(&w, "sandbox"), sandbox_level_name(sandbox_level()));
    CHECK_TEXT(text_of(&w, "tools"), "shell 1");
    CHECK(built(&w, "built") && !built(&w, "cached"));
    CHECK_HAS(w.events.data, "{\"event\":\"building\"}\n");
    CHECK_HAS(w.events.data, "\"name\":\"three pings\",\"passed\":true}\n");
    CHECK_HAS(w.events.data, "{\"event\":\"progress\",\"done\":2,\"of\":2}\n");
    CHECK_HAS(w.events.data, "{\"event\":\"verdict\",\"verdict\":\"passed\"}\n");
    must_be(&w, "passed");
    CHECK(built(&w, "cached"));
    world_close(&w);
}

TEST(a_wrong_program_fails_in_a_step_with_its_evidence)
{
    struct world w;
    struct stat st;
    char page[128];

    world_open(&w);
    hand_in(&w, wrong, NULL, NULL);
    must_be(&w, "failed");
    CHECK_TEXT(text_of(&w, "step"), "three pings");
    CHECK_HAS(text_of(&w, "sentence"), "\"three pings\" failed: ");
    CHECK(json_object_get(w.result, "report") != NULL);
    snprintf(page, sizeof(page), "%s/report/report.html", w.dir);
    CHECK_INT(stat(page, &st), 0);
    world_close(&w);
}

TEST(a_program_that_does_not_build_fails_with_the_words_of_the_tools)
{
    struct world w;

    world_open(&w);
    hand_in(&w, "ping() { say (\n", NULL, NULL);
    must_be(&w, "failed");
    CHECK(!built(&w, "built"));
    CHECK_HAS(text_of(&w, "sentence"), "the program does not build: ");
    CHECK(strstr(text_of(&w, "sentence"), w.dir) == NULL);
    must_be(&w, "failed");
    world_close(&w);
}

TEST(what_nobody_can_judge_is_a_result_that_says_so)
{
    struct world w;

    world_open(&w);
    hand_in(&w, right, NULL, NULL);
    w.s.task[0] = '9';
    must_be(&w, "not judged");
    CHECK_HAS(text_of(&w, "sentence"), "9");
    hand_in(&w, right, NULL, NULL);
    put_text(&w, "course/01-ping/01-ping.lua", "this is no Lua");
    must_be(&w, "not judged");
    world_close(&w);
}

/* The machine's fault is a status and never a verdict. */
TEST(a_machine_that_refuses_gives_no_verdict)
{
    struct world w;
    char folder[128];

    world_open(&w);
    hand_in(&w, right, NULL, NULL);
    snprintf(folder, sizeof(folder), "job-%d/src", w.judged);
    put_text(&w, folder, "a file where a folder must be");
    snprintf(folder, sizeof(folder), "%s/job-%d", w.dir, w.judged);
    {
        struct judging j = {
            .workshop = w.workshop, .submission = &w.s, .folder = folder, .jobs = 1};
        CHECK_INT(submission_judge(&j, &w.result, &w.err), ERR_MACHINE);
    }
    CHECK(w.result == NULL);
    CHECK(w.err.text[0] != '\0');
    world_close(&w);
}

TEST(a_build_that_a_busy_machine_does_not_end_is_not_the_learners_fault)
{
    struct world w;

    world_open(&w);
    workshop_close(w.workshop);
    open_workshop(&w, 700000000);
    hand_in(&w, right, "slow.sh", "");
    CHECK_INT(judge(&w), ERR_MACHINE);
    CHECK_HAS(w.err.text, "too busy");
    world_close(&w);
}

TEST(a_program_is_built_again_when_the_flags_change)
{
    struct world w;
    char other[sizeof(table)];

    world_open(&w);
    hand_in(&w, right, NULL, NULL);
    must_be(&w, "passed");
    memcpy(other, table, sizeof(table));
    memcpy(strstr(other, "FLAG"), "flag", 4);
    put_text(&w, "kits/languages.txt", other);
    workshop_close(w.workshop);
    open_workshop(&w, 0);
    must_be(&w, "passed");
    CHECK(!built(&w, "cached"));
    world_close(&w);
}

TEST(a_kit_of_ones_own_is_what_is_built)
{
    struct world w;

    world_open(&w);
    hand_in(&w, right, "kit/kit.sh", kit_text);
    must_be(&w, "passed");
    hand_in(&w, right, "kit/kit.sh", "loop() { exit 1; }\n");
    must_be(&w, "failed");
    CHECK(built(&w, "built"));
    world_close(&w);
}

TEST(a_workshop_says_what_it_offers_and_what_is_missing)
{
    const struct bench *bench = NULL;
    struct buf offers = {0};
    char other[sizeof(table) + 32];
    struct world w;

    world_open(&w);
    workshop_offers(w.workshop, &offers);
    CHECK_TEXT(offers.data, "sh");
    CHECK_INT(workshop_bench(w.workshop, "cobol", &bench, &w.err), ERR_INPUT);
    workshop_close(w.workshop);
    snprintf(other, sizeof(other), "%.*stools: no-such-tool%s",
             (int)(strstr(table, "tools: sh") - table), table, strstr(table, "tools: sh") + 9);
    put_text(&w, "kits/languages.txt", other);
    open_workshop(&w, 0);
    buf_reset(&offers);
    workshop_offers(w.workshop, &offers);
    CHECK_INT(offers.len, 0);
    CHECK_INT(workshop_bench(w.workshop, "sh", &bench, &w.err), ERR_MACHINE);
    CHECK_HAS(w.err.text, "apt install dash");
    buf_release(&offers);
    world_close(&w);
}
