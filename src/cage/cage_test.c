/* The promises of cage.h, with real programs. Nothing here waits for a time to pass: each test
 * waits for a report, an end of file or the end of a process; an alarm ends a test that hangs. */
#include "cage.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NODES = 3, ALARM_S = 60 };

struct seen {
    struct cage *cage;
    struct buf text[NODES]; /* lines of stdout, each ended by '|' */
    struct buf log[NODES];
    size_t lines;
    size_t line_bytes;
    size_t overlong;
    size_t head_len;
    size_t exits;
    struct cage_exit how[NODES];
};

static void on_line(void *owner, uint32_t node, struct str line)
{
    struct seen *s = owner;

    s->lines++;
    s->line_bytes += line.len;
    if (s->text[node].len + line.len < 4096) {
        buf_add_str(&s->text[node], line);
        buf_add_char(&s->text[node], '|');
    }
}

static void on_overlong(void *owner, uint32_t node, struct str head)
{
    struct seen *s = owner;

    (void)node;
    s->overlong++;
    s->head_len = head.len;
}

static void on_log(void *owner, uint32_t node, struct str line)
{
    struct seen *s = owner;

    buf_add_str(&s->log[node], line);
    buf_add_char(&s->log[node], '|');
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    struct seen *s = owner;

    s->exits++;
    s->how[node] = how;
}

static struct seen *open_cage(void)
{
    struct seen *s = mem_zalloc(sizeof(*s));
    struct cage_config config = {
        .node_count = NODES,
        .events = {s, on_line, on_overlong, on_log, on_exited},
    };
    struct err err = {.text = ""};

    alarm(ALARM_S);
    if (cage_open(&config, &s->cage, &err) < 0)
        fail_msg("%s", err.text);
    return s;
}

static void close_cage(struct seen *s)
{
    int i;

    cage_close(s->cage);
    for (i = 0; i < NODES; i++) {
        buf_release(&s->text[i]);
        buf_release(&s->log[i]);
    }
    mem_free(s);
    alarm(0);
}

static void start(struct seen *s, uint32_t node, const char *script)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    struct cage_program program = {.path = "/bin/sh", .argv = argv};
    struct err err = {.text = ""};

    if (cage_start(s->cage, node, &program, &err) < 0)
        fail_msg("%s", err.text);
}

static void wait_once(struct seen *s)
{
    struct err err = {.text = ""};

    if (cage_wait(s->cage, INT64_MAX, &err) < 0)
        fail_msg("%s", err.text);
}

static void wait_exits(struct seen *s, size_t count)
{
    while (s->exits < count)
        wait_once(s);
}

TEST(what_is_written_comes_back_through_cat)
{
    struct seen *s = open_cage();

    start(s, 0, "exec cat");
    CHECK(cage_running(s->cage, 0));
    CHECK(cage_pid(s->cage, 0) > 0);
    CHECK_INT(cage_write(s->cage, 0, str_of("one\ntwo\n")), 0);
    CHECK_INT(cage_write(s->cage, 0, str_of("three\n")), 0);
    while (s->lines < 3)
        wait_once(s);
    CHECK_TEXT(s->text[0].data, "one|two|three|");
    cage_kill(s->cage, 0);
    CHECK(!cage_running(s->cage, 0));
    CHECK_INT(s->exits, 0);
    close_cage(s);
}

TEST(an_exit_is_reported_after_all_output)
{
    struct seen *s = open_cage();

    start(s, 0, "echo a; echo problem >&2; printf b; exit 7");
    start(s, 1, "kill -SEGV $$");
    wait_exits(s, 2);
    CHECK_TEXT(s->text[0].data, "a|b|");
    CHECK_TEXT(s->log[0].data, "problem|");
    CHECK_INT(s->how[0].code, 7);
    CHECK_INT(s->how[0].signal, 0);
    CHECK_INT(s->how[1].code, -1);
    CHECK_INT(s->how[1].signal, SIGSEGV);
    close_cage(s);
}

TEST(a_kill_takes_children_and_grandchildren_in_other_sessions)
{
    struct seen *s = open_cage();

    start(s, 0, "setsid sh -c 'setsid sleep 1000 & echo up; exec sleep 1000' & exec sleep 1000");
    while (s->lines < 1)
        wait_once(s);
    cage_kill(s->cage, 0);
    CHECK(!cage_running(s->cage, 0));
    close_cage(s);
}
