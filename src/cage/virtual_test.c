/* The promises of the virtual clock, with the small C programs in tests/vt. Each test compares what
 * a program says, to the microsecond of its own clock. Nothing depends on real time; an alarm ends
 * a test that hangs. Run from the root of the repository. */
#include "cage.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "program_story.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NODES = 3, ALARM_S = 1200 };

static const int64_t MS = 1000000, SECOND = 1000000000;

struct seen {
    struct cage *cage;
    struct buf text[NODES];  /* lines of stdout */
    struct buf trace;        /* all that happened: time, node, what */
    struct buf stuck, notes; /* sentences */
    size_t lines, exits;
    struct cage_exit how[NODES];
};

/* ---- hearing ---- */

static void add(struct seen *s, uint32_t node, const char *what, struct str text)
{
    buf_addf(&s->trace, "%lld n%u %s %.*s\n", (long long)cage_now(s->cage), node, what,
             STR_ARG(text));
}

static void on_line(void *owner, uint32_t node, struct str line)
{
    struct seen *s = owner;

    s->lines++;
    buf_add_str(&s->text[node], line);
    buf_add_char(&s->text[node], '\n');
    add(s, node, "says", line);
}

static void on_log(void *owner, uint32_t node, struct str line)
{
    add(owner, node, "logs", line);
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    struct seen *s = owner;

    s->exits++;
    s->how[node] = how;
    add(s, node, "exits", STR_LIT(""));
}

static void on_stuck(void *owner, uint32_t node, struct str sentence)
{
    struct seen *s = owner;

    buf_addf(&s->stuck, "n%u %.*s\n", node, STR_ARG(sentence));
}

static void on_note(void *owner, uint32_t node, struct str sentence)
{
    struct seen *s = owner;

    buf_addf(&s->notes, "n%u %.*s\n", node, STR_ARG(sentence));
}

static const struct cage_config plain = {.seed = 1};

static struct seen *open_cage(struct cage_config config)
{
    struct seen *s = mem_zalloc(sizeof(*s));
    struct err err = {.text = ""};
    int i;

    alarm(ALARM_S);
    config.node_count = NODES;
    config.clock = CAGE_CLOCK_VIRTUAL;
    config.events =
        (struct cage_events){s, on_line, on_line, on_log, on_exited, on_stuck, on_note, NULL};
    if (cage_open(&config, &s->cage, &err) < 0) {
        print_message("SKIPPED: %s\n", err.text);
        mem_free(s);
        skip();
    }
    for (i = 0; i < NODES; i++)
        buf_reserve(&s->text[i], 1);
    buf_reserve(&s->stuck, 1);
    buf_reserve(&s->notes, 1);
    return s;
}

static void close_cage(struct seen *s)
{
    int i;

    cage_close(s->cage);
    for (i = 0; i < NODES; i++)
        buf_release(&s->text[i]);
    buf_release(&s->trace);
    buf_release(&s->stuck);
    buf_release(&s->notes);
    mem_free(s);
    alarm(0);
}

static void start(struct seen *s, uint32_t node, const char *const argv[])
{
    struct cage_program p = {.path = argv[0], .argv = argv};
    struct err err = {.text = ""};

    if (cage_start(s->cage, node, &p, &err) < 0)
        fail_msg("%s", err.text);
}

static void start_one(struct seen *s, uint32_t node, const char *path, const char *argument)
{
    start(s, node, (const char *[]){path, argument, NULL});
}

static void run_until(struct seen *s, int64_t until_ns)
{
    struct err err = {.text = ""};

    while (cage_now(s->cage) < until_ns)
        if (cage_wait(s->cage, until_ns, &err) < 0)
            fail_msg("%s", err.text);
}

static void run_to_exit(struct seen *s)
{
    struct err err = {.text = ""};
    size_t before = s->exits;

    while (s->exits == before)
        if (cage_wait(s->cage, INT64_MAX, &err) != 0)
            fail_msg("no exit: %s; so far:\n%s", err.text, s->text[0].data);
}

/* ---- the conformance programs ---- */

static void conform(const char *name, const char *options, const char *expected_path)
{
    struct seen *s = open_cage(plain);
    struct buf expected = {0};
    struct err err = {.text = ""};

    if (file_read(expected_path, 1 << 20, &expected, &err) < 0)
        fail_msg("%s", err.text);
    start_one(s, 0, program_built(name, options), NULL);
    run_to_exit(s);
    CHECK_TEXT(s->text[0].data, expected.data);
    CHECK_INT(s->how[0].code, 0);
    CHECK_TEXT(s->stuck.data, "");
    buf_release(&expected);
    close_cage(s);
}

TEST(sleeps_and_waits_for_descriptors_take_their_time)
{
    conform("conform_wait", "", "tests/vt/conform_wait.expected");
}

TEST(a_static_program_is_no_exception)
{
    conform("conform_wait", "-static", "tests/vt/conform_wait.expected");
}

TEST(threads_wait_for_each_other)
{
    conform("conform_thread", "", "tests/vt/conform_thread.expected");
}

TEST(timers_signals_and_children)
{
    conform("conform_signal", "", "tests/vt/conform_signal.expected");
}

TEST(processes_and_threads_begin_stop_and_end)
{
    conform("conform_life", "", "tests/vt/conform_life.expected");
}

/* ---- repeatability ---- */

static char *trace_of(const char *name, struct cage_config config)
{
    struct seen *s = open_cage(config);
    char *trace;

    start_one(s, 0, program_built(name, ""), NULL);
    start_one(s, 1, program_built(name, ""), NULL);
    while (s->exits < 2)
        run_to_exit(s);
    trace = buf_take(&s->trace);
    close_cage(s);
    return trace;
}

TEST(twenty_runs_with_one_seed_are_equal)
{
    static const char *const names[] = {"chance", "conform_thread", "conform_signal"};
    size_t i;
    int run;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *first = trace_of(names[i], plain);

        for (run = 1; run < (i == 0 ? 20 : 3); run++) {
            char *again = trace_of(names[i], plain);

            CHECK_TEXT(again, first);
            mem_free(again);
        }
        mem_free(first);
    }
}

/* Lua 5.4 seeds its tables from an address on its stack, which lies below the environment. */
TEST(addresses_do_not_depend_on_the_length_of_the_environment)
{
    static const int lengths[] = {1, 7, 8, 9, 300, 3000};
    static char *const names[] = {"EDDY_TEST_A", "EDDY_TEST_B"};
    char text[3001], *first = trace_of("chance", plain);
    size_t i;

    for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        char *again;

        snprintf(text, sizeof(text), "%0*d", lengths[i], 0);
        setenv(names[i / 3], text, 1);
        again = trace_of("chance", plain);
        CHECK_TEXT(again, first);
        mem_free(again);
    }
    mem_free(first);
    unsetenv(names[0]);
    unsetenv(names[1]);
}

static const char *value_of(const char *text, const char *name, char into[64])
{
    const char *at = strstr(text, name);

    into[0] = '\0';
    if (at != NULL && sscanf(at + strlen(name), "%63s", into) != 1)
        into[0] = '\0';
    return into;
}

/* The lines of chance.c that must differ between seeds, nodes and starts. */
static void check_differs(const char *a, const char *b)
{
    static const char *const names[] = {"getrandom ", "urandom ", "random_device ", "auxv "};
    char value_a[64], value_b[64];
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        CHECK(strcmp(value_of(a, names[i], value_a), value_of(b, names[i], value_b)) != 0);
}

TEST(seeds_nodes_and_starts_have_chance_of_their_own)
{
    struct seen *s = open_cage(plain);
    struct cage_config other = {.seed = 2};
    char *first, *second;

    start_one(s, 0, program_built("chance", ""), NULL);
    start_one(s, 1, program_built("chance", ""), NULL);
    while (s->exits < 2)
        run_to_exit(s);
    check_differs(s->text[0].data, s->text[1].data);
    first = buf_take(&s->text[0]);
    start_one(s, 0, program_built("chance", ""), NULL);
    run_to_exit(s);
    check_differs(first, s->text[0].data);
    close_cage(s);
    s = open_cage(other);
    start_one(s, 0, program_built("chance", ""), NULL);
    run_to_exit(s);
    second = buf_take(&s->text[0]);
    check_differs(first, second);
    close_cage(s);
    mem_free(first);
    mem_free(second);
}

TEST(real_entropy_differs_from_run_to_run)
{
    struct cage_config real = {.seed = 1, .entropy_real = true};
    char *a = trace_of("chance", real), *b = trace_of("chance", real);

    check_differs(a, b);
    mem_free(a);
    mem_free(b);
}

static char *order_with(struct cage_config config)
{
    struct seen *s = open_cage(config);
    char *order;

    start_one(s, 0, program_built("order", ""), NULL);
    run_to_exit(s);
    order = buf_take(&s->text[0]);
    close_cage(s);
    return order;
}

TEST(a_seeded_schedule_has_an_order_for_each_seed)
{
    char *first_come = order_with(plain);
    int different = 0;
    uint64_t seed;

    for (seed = 1; seed <= 4; seed++) {
        struct cage_config config = {.seed = seed, .schedule_seeded = true};
        char *once = order_with(config), *again = order_with(config);

        CHECK_TEXT(again, once);
        CHECK_INT(strlen(once), 9);
        different += strcmp(once, first_come) != 0;
        mem_free(once);
        mem_free(again);
    }
    CHECK(different >= 3); /* by mere chance all eight stand in line once in 40,320 */
    mem_free(first_come);
}

/* ---- clocks, pauses, crashes ---- */

TEST(time_jumps_and_input_comes_at_its_moment)
{
    struct seen *s = open_cage(plain);

    start_one(s, 0, program_built("clockwatch", ""), NULL);
    run_until(s, 1500 * MS);
    CHECK_INT(cage_write(s->cage, 0, str_of("hello\n")), 0);
    run_until(s, 2500 * MS);
    CHECK_TEXT(s->text[0].data, "1000 1000\nheard hello\n1500 1500\n2000 2000\n");
    CHECK_INT(cage_now(s->cage), 2500 * MS);
    close_cage(s);
}

TEST(a_day_passes_in_a_moment)
{
    struct seen *s = open_cage(plain);

    start_one(s, 0, "sleep", "86400");
    run_to_exit(s);
    CHECK_INT(cage_now(s->cage) / SECOND, 86400);
    close_cage(s);
}

TEST(a_paused_node_sees_its_clock_jump)
{
    struct seen *s = open_cage(plain);

    start_one(s, 0, program_built("clockwatch", ""), NULL);
    start_one(s, 1, program_built("clockwatch", ""), NULL);
    run_until(s, 1500 * MS);
    cage_pause(s->cage, 0);
    cage_write(s->cage, 0, str_of("meanwhile\n"));
    run_until(s, 4500 * MS);
    CHECK_TEXT(s->text[0].data, "1000 1000\n");
    CHECK_TEXT(s->text[1].data, "1000 1000\n2000 2000\n3000 3000\n4000 4000\n");
    cage_resume(s->cage, 0);
    run_until(s, 4600 * MS);
    CHECK_HAS(s->text[0].data, "heard meanwhile\n4500 4500\n");
    close_cage(s);
}

TEST(a_killed_node_starts_again_later)
{
    struct seen *s = open_cage(plain);

    start_one(s, 0, program_built("clockwatch", ""), NULL);
    run_until(s, 1500 * MS);
    cage_kill(s->cage, 0);
    CHECK(!cage_running(s->cage, 0));
    run_until(s, 10 * SECOND);
    CHECK_TEXT(s->text[0].data, "1000 1000\n");
    start_one(s, 0, program_built("clockwatch", ""), NULL);
    run_until(s, 11500 * MS);
    CHECK_TEXT(s->text[0].data, "1000 1000\n1000 1000\n");
    CHECK_INT(s->exits, 0);
    close_cage(s);
}

TEST(drift_and_offset_are_the_nodes_own)
{
    struct seen *s = open_cage(plain);

    start_one(s, 0, program_built("clockwatch", ""), NULL);
    start_one(s, 1, program_built("clockwatch", ""), NULL);
    run_until(s, 500 * MS);
    cage_clock_set(s->cage, 0, 5 * SECOND, 0);
    cage_clock_set(s->cage, 1, 0, 100000); /* its second is over after 1/1.1 s */
    run_until(s, 2200 * MS);
    CHECK_TEXT(s->text[0].data, "1000 6000\n2000 7000\n");
    CHECK_TEXT(s->text[1].data, "1000 1000\n2000 2000\n");
    CHECK_HAS(s->trace.data, "954545456 n1 says"); /* 500 + 500 / 1.1 ms and the late ns */
    close_cage(s);
}

TEST(a_wait_until_a_wall_clock_time_moves_with_a_jump)
{
    struct seen *s = open_cage(plain);

    start_one(s, 0, program_built("clockwatch", ""), "until");
    start_one(s, 1, program_built("clockwatch", ""), "until");
    run_until(s, 3 * SECOND);
    cage_clock_set(s->cage, 0, 4 * SECOND, 0);
    cage_clock_set(s->cage, 1, -4 * SECOND, 0);
    run_until(s, 20 * SECOND);
    CHECK_TEXT(s->text[0].data, "woken after ms 6000\n");
    CHECK_TEXT(s->text[1].data, "woken after ms 14000\n");
    close_cage(s);
}

TEST(nothing_can_happen_any_more)
{
    struct seen *s = open_cage(plain);
    struct err err = {.text = ""};

    start_one(s, 0, "cat", NULL);
    CHECK_INT(cage_wait(s->cage, INT64_MAX, &err), CAGE_ASLEEP);
    cage_write(s->cage, 0, str_of("one\n"));
    CHECK_INT(cage_wait(s->cage, INT64_MAX, &err), 0);
    CHECK_TEXT(s->text[0].data, "one\n");
    CHECK_INT(cage_wait(s->cage, INT64_MAX, &err), CAGE_ASLEEP);
    CHECK_INT(cage_now(s->cage), 0);
    close_cage(s);
}

/* ---- busy programs ---- */

static void check_busy(const char *how, const char *sentence, int64_t until_ns)
{
    struct cage_config config = {.seed = 1, .busy_max_ns = SECOND};
    struct seen *s = open_cage(config);

    start(s, 0, (const char *[]){program_built("busy", ""), how, "tick", NULL});
    start_one(s, 1, program_built("clockwatch", ""), NULL);
    cage_write(s->cage, 0, STR_LIT("unread\n"));
    run_until(s, until_ns);
    CHECK_HAS(s->stuck.data, "n0 thread \"busy\" (number 0) ");
    CHECK_HAS(s->stuck.data, sentence);
    CHECK(strchr(s->stuck.data, '\n') == strrchr(s->stuck.data, '\n')); /* once */
    CHECK_HAS(s->text[0].data, "tick 1\ntick 2\n");                     /* its other thread lives */
    CHECK_HAS(s->text[1].data, "1000 1000\n2000 2000\n");
    close_cage(s);
}

TEST(a_program_that_looks_at_the_clock_for_ever_is_reported)
{
    check_busy("clock", "reads the clock over and over", 5 * SECOND);
}

TEST(a_program_that_yields_for_ever_is_reported)
{
    check_busy("yield", "yields the processor", 5 * SECOND);
    check_busy("nothing", "yields the processor", 5 * SECOND);
}

TEST(a_program_that_computes_for_ever_is_reported)
{
    struct cage_config config = {.seed = 1, .busy_max_ns = 20 * MS};
    struct seen *s = open_cage(config);

    start_one(s, 0, program_built("busy", ""), "cpu");
    cage_write(s->cage, 0, STR_LIT("unread\n"));
    run_until(s, 40 * MS);
    CHECK_HAS(s->stuck.data, "n0 thread \"busy\" (number 0) computes without ever waiting");
    close_cage(s);
}

/* One after the other on the processor they would take as long as all of them. */
TEST(nodes_that_all_compute_for_ever_are_reported_together_and_end_the_wait)
{
    struct cage_config config = {.seed = 1, .busy_max_ns = SECOND};
    struct seen *s = open_cage(config);
    struct err err = {.text = ""};
    uint32_t i;

    for (i = 0; i < 3; i++) {
        start_one(s, i, program_built("busy", ""), "cpu");
        cage_write(s->cage, i, STR_LIT("unread\n"));
    }
    while (buf_str(&s->stuck).len == 0 && cage_now(s->cage) < 60 * SECOND)
        CHECK_INT(cage_wait(s->cage, 60 * SECOND, &err), 0);
    CHECK_HAS(s->stuck.data, "computes without ever waiting");
    CHECK(cage_now(s->cage) < SECOND);
    close_cage(s);
}

/* ---- the rest of the contract ---- */

TEST(a_flood_passes_through_a_full_pipe)
{
    struct seen *s = open_cage(plain);

    start_one(s, 0, program_built("busy", ""), "write");
    run_to_exit(s);
    CHECK_INT(s->lines, 5001);
    CHECK_INT(cage_now(s->cage), 0);
    close_cage(s);
}

TEST(much_input_passes_through_cat)
{
    struct seen *s = open_cage(plain);
    struct err err = {.text = ""};
    struct buf line = {0};
    int i;

    for (i = 0; i < 999; i++)
        buf_add_char(&line, 'x');
    buf_add_char(&line, '\n');
    start_one(s, 0, "cat", NULL);
    for (i = 0; i < 5000; i++)
        CHECK_INT(cage_write(s->cage, 0, buf_str(&line)), 0);
    while (s->lines < 5000)
        CHECK_INT(cage_wait(s->cage, INT64_MAX, &err), 0);
    CHECK_INT(cage_inbox_bytes(s->cage, 0), 0);
    buf_release(&line);
    close_cage(s);
}

TEST(a_node_reads_everything_before_the_end_of_its_input)
{
    struct seen *s = open_cage(plain);
    struct buf line = {0};
    int i;

    for (i = 0; i < 999; i++)
        buf_add_char(&line, 'x');
    buf_add_char(&line, '\n');
    start(s, 0, (const char *[]){"sh", "-c", "cat; sleep 2; echo over; exit 5", NULL});
    for (i = 0; i < 5000; i++)
        CHECK_INT(cage_write(s->cage, 0, buf_str(&line)), 0);
    cage_end_input(s->cage, 0);
    run_to_exit(s);
    CHECK_INT(s->lines, 5001);
    CHECK_INT(cage_now(s->cage) / SECOND, 2);
    buf_release(&line);
    close_cage(s);
}

/* It waits for input when the end comes. */
TEST(the_end_of_input_comes_at_its_moment)
{
    struct seen *s = open_cage(plain);

    start(s, 0, (const char *[]){"sh", "-c", "read x; echo over", NULL});
    run_until(s, 1500 * MS);
    CHECK_INT(s->exits, 0);
    cage_end_input(s->cage, 0);
    run_to_exit(s);
    CHECK_TEXT(s->text[0].data, "over\n");
    CHECK_INT(cage_now(s->cage), 1500 * MS);
    close_cage(s);
}

TEST(held_output_waits)
{
    struct seen *s = open_cage(plain);

    start_one(s, 0, program_built("clockwatch", ""), NULL);
    cage_hold_output(s->cage, true);
    run_until(s, 2500 * MS);
    CHECK_INT(s->lines, 0);
    cage_hold_output(s->cage, false);
    run_until(s, 2600 * MS);
    CHECK_INT(s->lines, 2);
    close_cage(s);
}

TEST(syncing_a_file_costs_what_the_disk_costs)
{
    struct cage_config slow = {.seed = 1, .disk_latency_ns = 4 * MS};
    struct seen *s = open_cage(slow);

    start_one(s, 0, program_built("busy", ""), "sync");
    run_to_exit(s);
    CHECK_TEXT(s->text[0].data, "fsync 4.000 ms\nfdatasync 4.000 ms\n");
    close_cage(s);
    s = open_cage(plain);
    start_one(s, 0, program_built("busy", ""), "sync");
    run_to_exit(s);
    CHECK_TEXT(s->text[0].data, "fsync 0.000 ms\nfdatasync 0.000 ms\n");
    close_cage(s);
}

TEST(internet_sockets_are_noted_once)
{
    struct seen *s = open_cage(plain);

    start_one(s, 0, program_built("busy", ""), "connect");
    run_to_exit(s);
    CHECK_HAS(s->notes.data, "n0 uses internet sockets");
    CHECK(strchr(s->notes.data, '\n') == strrchr(s->notes.data, '\n'));
    close_cage(s);
}

TEST(nodes_may_talk_over_sockets_of_the_machine)
{
    struct seen *s = open_cage(plain);
    char port[64];

    start_one(s, 0, program_built("talk", ""), NULL);
    run_until(s, MS);
    start_one(s, 1, program_built("talk", ""), value_of(s->text[0].data, "port ", port));
    while (s->exits < 2)
        run_to_exit(s);
    CHECK_TEXT(s->text[1].data, "connect 0\n10 round trips 300.000 ms\n");
    close_cage(s);
}

/* The smallest 32-bit program: it calls exit(0). */
static const char *write_32_bit(void)
{
    static const unsigned char image[] = {
        0x7f, 'E',  'L', 'F', 1,    1, 1, 0, 0,    0,    0,    0,    0,    0,    0,    0,
        2,    0,    3,   0,   1,    0, 0, 0, 0x54, 0x80, 4,    8,    0x34, 0,    0,    0,
        0,    0,    0,   0,   0,    0, 0, 0, 0x34, 0,    0x20, 0,    1,    0,    0x28, 0,
        0,    0,    0,   0,   1,    0, 0, 0, 0,    0,    0,    0,    0,    0x80, 4,    8,
        0,    0x80, 4,   8,   0x5d, 0, 0, 0, 0x5d, 0,    0,    0,    5,    0,    0,    0,
        0,    0x10, 0,   0,   0xb8, 1, 0, 0, 0,    0x31, 0xdb, 0xcd, 0x80};
    static char path[256];
    int fd;

    program_built("busy", ""); /* so that the folder is there */
    snprintf(path, sizeof(path), "%s/old", program_folder);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    CHECK_INT(write(fd, image, sizeof(image)), sizeof(image));
    close(fd);
    return path;
}

TEST(a_32_bit_program_is_refused)
{
    struct seen *s = open_cage(plain);
    const char *path = write_32_bit();
    const char *argv[] = {path, NULL};
    struct cage_program p = {.path = path, .argv = argv};
    struct err err = {.text = ""};
    int status = cage_start(s->cage, 0, &p, &err);

    CHECK(status < 0);
    CHECK(!cage_running(s->cage, 0));
    if (strstr(err.text, "processor") == NULL) /* a kernel without 32-bit support says this */
        CHECK_HAS(err.text, "is a 32-bit program");
    close_cage(s);
}

TEST(a_program_that_cannot_start_says_why)
{
    struct seen *s = open_cage(plain);
    const char *argv[] = {"/nowhere/x", NULL};
    struct cage_program p = {.path = "/nowhere/x", .argv = argv};
    struct err err = {.text = ""};

    CHECK_INT(cage_start(s->cage, 0, &p, &err), ERR_INPUT);
    CHECK_HAS(err.text, "there is no program at /nowhere/x");
    CHECK(!cage_running(s->cage, 0));
    start_one(s, 0, program_built("chance", ""), NULL); /* the node is as good as new */
    run_to_exit(s);
    CHECK_INT(s->how[0].code, 0);
    close_cage(s);
}

TEST(how_a_program_ended_is_told)
{
    struct seen *s = open_cage(plain);
    const char *argv[] = {"sh", "-c", "(sleep 100; echo late) & sleep 1; echo last; kill -9 $$",
                          NULL};

    start(s, 0, argv);
    run_to_exit(s);
    CHECK_TEXT(s->text[0].data, "last\n");
    CHECK_INT(s->how[0].code, -1);
    CHECK_INT(s->how[0].signal, SIGKILL);
    CHECK_INT(cage_now(s->cage) / MS, 1000);
    CHECK(!cage_running(s->cage, 0));
    close_cage(s);
}

/* Goal: whoever kills us kills the nodes. Method: a process of ours opens a cage, tells us the pid
 * of its node and is killed; the pidfd of the node becomes readable when the node is gone. */
TEST(nodes_die_with_us)
{
    struct pollfd gone = {.events = POLLIN};
    int ends[2];
    pid_t child, node = 0;

    CHECK_INT(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        struct seen *s = open_cage(plain);

        start_one(s, 0, program_built("busy", ""), "cpu");
        node = cage_pid(s->cage, 0);
        (void)!write(ends[1], &node, sizeof(node));
        run_until(s, 3600 * SECOND);
        _exit(0);
    }
    CHECK_INT(read(ends[0], &node, sizeof(node)), sizeof(node));
    gone.fd = (int)syscall(SYS_pidfd_open, node, 0);
    CHECK(gone.fd >= 0);
    CHECK_INT(poll(&gone, 1, 0), 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CHECK_INT(poll(&gone, 1, ALARM_S * 1000), 1);
    close(gone.fd);
    close(ends[0]);
    close(ends[1]);
}
