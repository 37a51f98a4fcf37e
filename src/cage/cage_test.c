/* The promises of cage.h, with real programs. Nothing here waits for a time to pass: each test
 * waits for a report, an end of file or the end of a process; an alarm ends a test that hangs. */
#include "cage.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/test.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NODES = 3, ALARM_S = 600 };

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
    bool kill_on_line; /* kill a node from inside its own line */
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
    if (s->kill_on_line)
        cage_kill(s->cage, node);
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
        .events = {s, on_line, on_overlong, on_log, on_exited, NULL, NULL, NULL},
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

/* The end of a FIFO in which the processes of a node hold the other end: it is at its end when the
 * last of them is gone, however they were forked. */
struct holders {
    char path[64];
    char script[512]; /* opens the FIFO as descriptor 9 */
    int fd;
};

static void open_holders(struct holders *h)
{
    snprintf(h->path, sizeof(h->path), "/tmp/cage-test-XXXXXX");
    CHECK(mkdtemp(h->path) != NULL);
    chmod(h->path, 0755);
    strcat(h->path, "/fifo");
    CHECK_INT(mkfifo(h->path, 0), 0);
    chmod(h->path, 0666);
    h->fd = open(h->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    CHECK(h->fd >= 0);
    fcntl(h->fd, F_SETFL, 0);
    /* up is said by the last of three processes: all hold the FIFO by then. */
    snprintf(h->script, sizeof(h->script),
             "exec 9>%s; setsid sh -c 'setsid sh -c \"echo up; exec sleep 1000\" & exec sleep 1000'"
             " & exec sleep 1000",
             h->path);
}

static void close_holders(struct holders *h)
{
    close(h->fd);
    unlink(h->path);
    *strrchr(h->path, '/') = '\0';
    rmdir(h->path);
}

/* True if nobody holds the FIFO any more, without waiting. */
static bool nobody_holds(struct holders *h)
{
    char c;
    bool gone;

    fcntl(h->fd, F_SETFL, O_NONBLOCK);
    gone = read(h->fd, &c, 1) == 0;
    fcntl(h->fd, F_SETFL, 0);
    return gone;
}

static void wait_until_nobody_holds(struct holders *h)
{
    char c;

    CHECK_INT(read(h->fd, &c, 1), 0);
}

static void wait_lines(struct seen *s, size_t count)
{
    while (s->lines < count)
        wait_once(s);
}

TEST(a_kill_takes_grandchildren_in_other_sessions_before_it_returns)
{
    struct seen *s = open_cage();
    struct holders h;

    open_holders(&h);
    start(s, 0, h.script);
    wait_lines(s, 1);
    CHECK(!nobody_holds(&h));
    cage_kill(s->cage, 0);
    CHECK(nobody_holds(&h));
    CHECK(!cage_running(s->cage, 0));
    start(s, 0, h.script); /* and it can be started again */
    wait_lines(s, 2);
    close_cage(s);
    CHECK(nobody_holds(&h));
    close_holders(&h);
}

TEST(a_grandchild_that_holds_stdout_delays_neither_exit_nor_close)
{
    struct seen *s = open_cage();
    struct holders h;

    open_holders(&h);
    h.script[strlen(h.script) - strlen("exec sleep 1000")] = '\0';
    strcat(h.script, "read line; exit 3");
    start(s, 0, h.script);
    wait_lines(s, 1);
    CHECK_INT(cage_write(s->cage, 0, str_of("go\n")), 0);
    wait_exits(s, 1);
    CHECK_INT(s->how[0].code, 3);
    CHECK(nobody_holds(&h));
    close_cage(s);
    close_holders(&h);
}

/* A process that owns a cage with such a node; says one byte on fd when all are up. */
_Noreturn static void own_a_cage(struct holders *h, int fd)
{
    struct seen *s;
    struct err err = {.text = ""};

    signal(SIGINT, SIG_DFL); /* a job in the background has it ignored, and that would stay so */
    cage_stop_signals();
    s = open_cage();
    start(s, 0, h->script);
    wait_lines(s, 1);
    (void)!write(fd, "", 1);
    while (cage_wait(s->cage, INT64_MAX, &err) == 0)
        ;
    close_cage(s);
    _exit(strstr(err.text, "stopped") != NULL ? 42 : 1);
}

static int end_owner(int signal_number)
{
    struct holders h;
    int fd[2];
    char c;
    int status;
    pid_t owner;

    alarm(ALARM_S);
    open_holders(&h);
    CHECK_INT(pipe(fd), 0);
    owner = fork();
    if (owner == 0)
        own_a_cage(&h, fd[1]);
    close(fd[1]);
    CHECK_INT(read(fd[0], &c, 1), 1);
    kill(owner, signal_number);
    wait_until_nobody_holds(&h);
    CHECK_INT(waitpid(owner, &status, 0), owner);
    close(fd[0]);
    close_holders(&h);
    alarm(0);
    return status;
}

TEST(kill_9_of_the_owner_leaves_nothing)
{
    CHECK_INT(WTERMSIG(end_owner(SIGKILL)), SIGKILL);
}

TEST(ctrl_c_ends_the_wait_and_the_close_leaves_nothing)
{
    int status = end_owner(SIGINT);

    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 42);
}

/* The parent of a process, as /proc says. */
static pid_t parent_of(pid_t pid)
{
    char path[64];
    char text[256] = "";
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    f = fopen(path, "r");
    CHECK(f != NULL);
    CHECK(fgets(text, sizeof(text), f) != NULL);
    fclose(f);
    return atoi(strrchr(text, ')') + 4);
}

TEST(a_keeper_that_is_killed_takes_its_node_along)
{
    struct seen *s = open_cage();
    struct holders h;

    open_holders(&h);
    start(s, 0, h.script);
    start(s, 1, "exec cat");
    wait_lines(s, 1);
    kill(parent_of(cage_pid(s->cage, 0)), SIGKILL);
    wait_until_nobody_holds(&h);
    wait_exits(s, 1);
    CHECK_INT(s->how[0].signal, SIGKILL);
    cage_write(s->cage, 1, str_of("still here\n"));
    wait_lines(s, 2);
    close_cage(s);
    close_holders(&h);
}

TEST(a_warden_that_is_killed_leaves_nodes_that_can_be_killed)
{
    struct seen *s = open_cage();
    struct holders h;
    const char *argv[] = {"true", NULL};
    struct cage_program program = {.path = "true", .argv = argv};
    struct err err = {.text = ""};
    pid_t warden;

    open_holders(&h);
    start(s, 0, h.script);
    wait_lines(s, 1);
    warden = parent_of(parent_of(cage_pid(s->cage, 0)));
    kill(warden, SIGKILL);
    CHECK_INT(waitid(P_PID, (id_t)warden, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
    CHECK_INT(cage_start(s->cage, 1, &program, &err), ERR_MACHINE);
    CHECK_HAS(err.text, "warden");
    cage_kill(s->cage, 0);
    CHECK(nobody_holds(&h));
    close_cage(s);
    close_holders(&h);
}

TEST(a_flood_of_100_MB_arrives_whole)
{
    struct seen *s = open_cage();

    start(s, 0, "yes 012345678 | head -c 100000000");
    wait_exits(s, 1);
    CHECK_INT(s->lines, 10000000);
    CHECK_INT(s->line_bytes, 90000000);
    close_cage(s);
}

TEST(a_line_of_one_MiB_is_whole_and_one_byte_more_is_overlong_once)
{
    struct seen *s = open_cage();

    start(s, 0,
          "head -c 1048576 /dev/zero | tr '\\0' x; echo;"
          "head -c 1048577 /dev/zero | tr '\\0' x; echo;"
          "head -c 5000000 /dev/zero | tr '\\0' x; echo; echo end");
    wait_exits(s, 1);
    CHECK_INT(s->lines, 2);
    CHECK_INT(s->line_bytes, CAGE_LINE_MAX + 3);
    CHECK_INT(s->overlong, 2);
    CHECK_INT(s->head_len, CAGE_LINE_MAX);
    CHECK_TEXT(s->text[0].data, "end|");
    close_cage(s);
}

TEST(a_node_that_does_not_read_fills_its_inbox_and_disturbs_nobody)
{
    enum { PIECE = 1 << 20 };
    struct seen *s = open_cage();
    char *piece = mem_zalloc(PIECE);
    struct err err;
    size_t taken = 0;

    start(s, 0, "exec sleep 1000");
    start(s, 1, "exec cat");
    while (cage_write(s->cage, 0, (struct str){piece, PIECE}) == 0) {
        taken++;
        CHECK_INT(cage_wait(s->cage, 0, &err), 0);
        CHECK(taken < 100);
    }
    CHECK_INT(cage_write(s->cage, 0, (struct str){piece, PIECE}), ERR_FULL);
    CHECK(cage_inbox_bytes(s->cage, 0) <= CAGE_INBOX_MAX);
    CHECK(cage_inbox_bytes(s->cage, 0) > CAGE_INBOX_MAX - PIECE);
    cage_write(s->cage, 1, str_of("still here\n"));
    wait_lines(s, 1);
    CHECK_TEXT(s->text[1].data, "still here|");
    mem_free(piece);
    close_cage(s);
}

TEST(a_large_inbox_reaches_a_slow_reader_whole)
{
    enum { LINES = 200000 };
    struct seen *s = open_cage();
    struct buf text = {0};
    int i;

    for (i = 0; i < LINES; i++)
        buf_addf(&text, "line number %d\n", i);
    start(s, 0, "exec cat");
    CHECK_INT(cage_write(s->cage, 0, buf_str(&text)), 0);
    wait_lines(s, LINES);
    CHECK_INT(s->line_bytes, text.len - LINES);
    CHECK_INT(cage_inbox_bytes(s->cage, 0), 0);
    buf_release(&text);
    close_cage(s);
}

TEST(a_node_that_closes_its_stdin_lives_on)
{
    struct seen *s = open_cage();
    struct holders h;

    open_holders(&h); /* opening it for reading and writing blocks nobody */
    snprintf(h.script, sizeof(h.script), "exec 0<&-; echo closed; exec 0<>%s; read go; echo done",
             h.path);
    start(s, 0, h.script);
    wait_lines(s, 1);
    cage_write(s->cage, 0, str_of("lost\n"));
    CHECK_INT(cage_wait(s->cage, 0, &(struct err){.text = ""}), 0);
    CHECK(cage_running(s->cage, 0));
    CHECK_INT(cage_inbox_bytes(s->cage, 0), 0);
    close_cage(s);
    close_holders(&h);
}

TEST(a_node_reads_everything_before_the_end_of_its_input)
{
    enum { LINES = 200000 };
    struct seen *s = open_cage();
    struct buf text = {0};
    int i;

    for (i = 0; i < LINES; i++)
        buf_addf(&text, "line number %d\n", i);
    start(s, 0, "cat; echo over; exit 5");
    start(s, 1, "read x; echo went on");
    cage_write(s->cage, 0, buf_str(&text));
    cage_end_input(s->cage, 0);
    cage_end_input(s->cage, 0);
    CHECK_INT(cage_write(s->cage, 0, str_of("too late\n")), 0);
    cage_end_input(s->cage, 1); /* nothing waits there */
    cage_end_input(s->cage, 2); /* not running */
    wait_exits(s, 2);
    CHECK_INT(s->lines, LINES + 2);
    CHECK_INT(s->how[0].code, 5);
    CHECK_TEXT(s->text[1].data, "went on|");
    start(s, 1, "read x; echo $x"); /* a new life, a new input */
    cage_write(s->cage, 1, str_of("hello\n"));
    wait_exits(s, 3);
    CHECK_TEXT(s->text[1].data, "went on|hello|");
    buf_release(&text);
    close_cage(s);
}

TEST(stderr_is_cut_into_lines_and_capped)
{
    struct seen *s = open_cage();

    start(s, 0,
          "{ echo one; head -c 70000 /dev/zero | tr '\\0' x; echo; } >&2;"
          "yes 0123456789abcdef | head -c 80000000 >&2; echo end");
    s->log[0].len = 0;
    wait_exits(s, 1);
    CHECK(s->log[0].len < CAGE_STDERR_MAX + 200);
    CHECK(s->log[0].len > CAGE_STDERR_MAX);
    CHECK_HAS(s->log[0].data, "one|xxxx");
    CHECK_INT(strcspn(s->log[0].data + 4, "|"), CAGE_LOG_LINE_MAX);
    CHECK_HAS(s->log[0].data + s->log[0].len - 100, "what follows is not kept)|");
    CHECK_TEXT(s->text[0].data, "end|"); /* it was not held up */
    close_cage(s);
}

static char state_of(pid_t pid)
{
    char path[64];
    char text[256] = "";
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    f = fopen(path, "r");
    CHECK(f != NULL);
    CHECK(fgets(text, sizeof(text), f) != NULL);
    fclose(f);
    return strrchr(text, ')')[2];
}

TEST(a_paused_node_stands_still_until_it_is_resumed)
{
    struct seen *s = open_cage();
    struct err err;
    size_t lines;

    start(s, 0, "yes");
    wait_lines(s, 1);
    cage_pause(s->cage, 0);
    CHECK_INT(state_of(cage_pid(s->cage, 0)), 'T');
    do { /* what it wrote before is still in the pipe */
        lines = s->lines;
        CHECK_INT(cage_wait(s->cage, 0, &err), 0);
    } while (s->lines > lines);
    CHECK_INT(state_of(cage_pid(s->cage, 0)), 'T');
    cage_resume(s->cage, 0);
    wait_lines(s, lines + 1);
    cage_pause(s->cage, 0);
    cage_kill(s->cage, 0); /* also while paused */
    CHECK(!cage_running(s->cage, 0));
    close_cage(s);
}

TEST(held_output_waits_in_the_pipe)
{
    struct seen *s = open_cage();
    struct err err;

    start(s, 0, "echo 1; echo ready >&2; exec sleep 1000");
    cage_hold_output(s->cage, true);
    while (s->log[0].len == 0)
        wait_once(s);
    CHECK_INT(cage_wait(s->cage, 0, &err), 0);
    CHECK_INT(s->lines, 0);
    cage_hold_output(s->cage, false);
    wait_lines(s, 1);
    CHECK_TEXT(s->text[0].data, "1|");
    close_cage(s);
}

TEST(a_node_killed_inside_its_own_line_says_nothing_more)
{
    struct seen *s = open_cage();

    s->kill_on_line = true;
    start(s, 0, "echo 1; echo 2; echo 3");
    wait_lines(s, 1);
    CHECK_TEXT(s->text[0].data, "1|");
    CHECK(!cage_running(s->cage, 0));
    CHECK_INT(s->exits, 0);
    close_cage(s);
}

TEST(waiting_ends_at_the_time_asked_for)
{
    struct seen *s = open_cage();
    struct err err;
    int64_t until_ns = cage_now(s->cage) + 2000000;

    start(s, 0, "exec sleep 1000");
    CHECK_INT(cage_wait(s->cage, until_ns, &err), 0);
    CHECK(cage_now(s->cage) >= until_ns);
    close_cage(s);
}

TEST(one_processor_for_all_and_the_old_ones_back_at_the_end)
{
    struct seen *s = mem_zalloc(sizeof(*s));
    struct cage_config config = {
        .node_count = NODES,
        .cpu_count = 1,
        .events = {s, on_line, on_overlong, on_log, on_exited, NULL, NULL, NULL},
    };
    struct err err;
    cpu_set_t before;
    cpu_set_t within;
    cpu_set_t after;

    alarm(ALARM_S);
    CHECK_INT(sched_getaffinity(0, sizeof(before), &before), 0);
    CHECK_INT(cage_open(&config, &s->cage, &err), 0);
    CHECK_INT(sched_getaffinity(0, sizeof(within), &within), 0);
    CHECK_INT(CPU_COUNT(&within), 1);
    start(s, 0, "nproc");
    wait_exits(s, 1);
    CHECK_TEXT(s->text[0].data, "1|");
    close_cage(s);
    CHECK_INT(sched_getaffinity(0, sizeof(after), &after), 0);
    CHECK(CPU_EQUAL(&before, &after));
}

TEST(usage_counts_all_processes_and_survives_the_node)
{
    struct seen *s = open_cage();
    struct cage_usage used;

    start(s, 0, "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; echo done; read line");
    wait_lines(s, 1);
    cage_usage(s->cage, 0, &used);
    CHECK(used.cpu_ns > 1000000);
    CHECK(used.memory_peak_bytes > 100000);
    cage_kill(s->cage, 0);
    cage_usage(s->cage, 0, &used);
    CHECK(used.cpu_ns > 1000000);
    CHECK(used.memory_peak_bytes > 100000);
    close_cage(s);
}

TEST(programs_get_their_folder_environment_and_nothing_else)
{
    struct seen *s = open_cage();
    const char *argv[] = {"sh", "-c",
                          "pwd; echo $CAGE_X; ls /proc/self/fd | tr '\\n' ' '; echo; "
                          "grep SigIgn /proc/self/status; grep SigBlk /proc/self/status",
                          NULL};
    const char *env[] = {"CAGE_X=17", NULL};
    struct cage_program program = {.path = "sh", .argv = argv, .env = env, .cwd = "/usr"};
    struct err err = {.text = ""};

    if (cage_start(s->cage, 0, &program, &err) < 0)
        fail_msg("%s", err.text);
    wait_exits(s, 1);
    CHECK_TEXT(s->text[0].data, "/usr|17|0 1 2 3 |SigIgn:\t0000000000000000|"
                                "SigBlk:\t0000000000000000|"); /* 3 is the folder that ls reads */
    close_cage(s);
}

TEST(with_env_only_nothing_of_our_environment_is_passed_on)
{
    struct seen *s = open_cage();
    const char *argv[] = {"/usr/bin/env", NULL};
    const char *env[] = {"CAGE_X=17", NULL};
    struct cage_program program = {
        .path = "/usr/bin/env", .argv = argv, .env = env, .env_only = true, .cwd = "/usr"};
    struct err err = {.text = ""};

    setenv("CAGE_Y", "18", 1);
    if (cage_start(s->cage, 0, &program, &err) < 0)
        fail_msg("%s", err.text);
    wait_exits(s, 1);
    CHECK_TEXT(s->text[0].data, "CAGE_X=17|");
    unsetenv("CAGE_Y");
    close_cage(s);
}

/* Goal: two JVMs with the same process number do not find each other's file of that number.
 * Method: nodes do what a JVM does, in its folder: `set -C` refuses a file that is there. */
TEST(nodes_of_one_process_number_have_their_own_jvm_files)
{
    static const char script[] = "f=/tmp/hsperfdata_$(id -un)/$$; mkdir -p ${f%/*}; set -C; "
                                 "echo >$f && echo made; read line; rm $f; echo gone";
    struct seen *s = open_cage();

    start(s, 0, script);
    start(s, 1, script);
    wait_lines(s, 2);
    CHECK_TEXT(s->text[0].data, "made|");
    CHECK_TEXT(s->text[1].data, "made|");
    cage_write(s->cage, 0, str_of("\n"));
    cage_write(s->cage, 1, str_of("\n"));
    wait_exits(s, 2);
    close_cage(s);
}

/* Without the right to make namespaces what needs them most must work as well. */
TEST(all_of_it_works_for_an_unprivileged_user)
{
    int status;
    pid_t pid;

    if (geteuid() != 0)
        return;
    pid = fork();
    if (pid == 0) {
        if (setgroups(0, NULL) < 0 || setgid(65534) < 0 || setuid(65534) < 0)
            _exit(2);
        a_kill_takes_grandchildren_in_other_sessions_before_it_returns(NULL);
        a_grandchild_that_holds_stdout_delays_neither_exit_nor_close(NULL);
        kill_9_of_the_owner_leaves_nothing(NULL);
        a_keeper_that_is_killed_takes_its_node_along(NULL);
        a_warden_that_is_killed_leaves_nodes_that_can_be_killed(NULL);
        ctrl_c_ends_the_wait_and_the_close_leaves_nothing(NULL);
        a_paused_node_stands_still_until_it_is_resumed(NULL);
        usage_counts_all_processes_and_survives_the_node(NULL);
        _exit(0);
    }
    CHECK_INT(waitpid(pid, &status, 0), pid);
    CHECK_INT(status, 0);
}
