/* Goal: a command in a sandbox sees and reaches what the spec says and nothing else, its limits end
 * it with the right name and figure, and nothing of it is left.
 * Method: real programs (sh, cc, small loops) at every level that this machine offers. What a
 * hostile program tries is in tests/hostile/. */
#include "sandbox.h"

#include "sandbox_parts.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t second = INT64_C(1000000000);
static const int64_t mib = INT64_C(1) << 20;

static struct sandbox_spec spec_of(enum sandbox_level level)
{
    return (struct sandbox_spec){.level = level,
                                 .profile = SANDBOX_COMPILE,
                                 .limits = {.memory_bytes = 256 * mib,
                                            .task_count = 64,
                                            .cpu_ns = 10 * second,
                                            .wall_ns = 20 * second,
                                            .file_bytes = 64 * mib,
                                            .scratch_bytes = 64 * mib,
                                            .scratch_files = 1000,
                                            .output_bytes = mib}};
}

static int run_script(const struct sandbox_spec *spec, const char *script, const char *out_dir,
                      struct sandbox_outcome *ret_outcome)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct sandbox_command command = {.path = "/bin/sh", .argv = argv, .out_dir = out_dir};
    struct err err = {.text = ""};
    int status = sandbox_run(spec, &command, ret_outcome, &err);

    if (status < 0)
        fail_msg("level %s: %s", sandbox_level_name(spec->level), err.text);
    return status;
}

static const char *out_text(const struct sandbox_outcome *o)
{
    return o->out.len > 0 ? o->out.data : "";
}

static void make_folder(char path[64])
{
    snprintf(path, 64, "/tmp/sandbox-test-XXXXXX");
    CHECK(mkdtemp(path) != NULL && chmod(path, 0755) == 0);
}

static void remove_folder(const char *path)
{
    struct err err;

    CHECK_INT(file_remove_tree(path, &err), 0);
}

#define EACH_LEVEL(level)                                                                          \
    for (enum sandbox_level level = sandbox_level(); level > SANDBOX_OFF; level--)

TEST(every_level_runs_a_command_and_says_how_it_ended)
{
    EACH_LEVEL(level)
    {
        struct sandbox_spec spec = spec_of(level);
        struct sandbox_outcome o;

        run_script(&spec, "echo out; echo err >&2; exit 7", NULL, &o);
        CHECK_INT(o.code, 7);
        CHECK_INT(o.signal, 0);
        CHECK_INT(o.stop.limit, SANDBOX_LIMIT_NONE);
        CHECK_TEXT(out_text(&o), "out\n");
        CHECK_TEXT(o.err.data, "err\n");
        CHECK(o.wall_ns > 0 && o.cpu_ns >= 0 && o.memory_peak_bytes > 0);
        sandbox_outcome_release(&o);
        run_script(&spec, "kill -SEGV $$", NULL, &o);
        CHECK_INT(o.code, -1);
        CHECK_INT(o.signal, SIGSEGV);
        sandbox_outcome_release(&o);
    }
}

TEST(input_arrives_and_ends)
{
    EACH_LEVEL(level)
    {
        struct sandbox_spec spec = spec_of(level);
        const char *const argv[] = {"cat", NULL};
        struct sandbox_command command = {
            .path = "/bin/cat", .argv = argv, .input = STR_LIT("one\ntwo\n")};
        struct sandbox_outcome o;
        struct err err = {.text = ""};

        CHECK_INT(sandbox_run(&spec, &command, &o, &err), 0);
        CHECK_TEXT(out_text(&o), "one\ntwo\n");
        sandbox_outcome_release(&o);
    }
}

TEST(a_compiler_works_and_its_files_come_out)
{
    EACH_LEVEL(level)
    {
        struct sandbox_spec spec = spec_of(level);
        char folder[64], script[256], path[128];
        struct sandbox_outcome o;
        struct stat s;

        make_folder(folder);
        snprintf(
            script, sizeof(script),
            "mkdir sub && printf 'int main(void){return 3;}' > sub/a.c && cc -o prog sub/a.c && "
            "ln -s /etc/passwd link && (mkfifo fifo 2>/dev/null || ln -s a fifo); ln prog twice; "
            "rm -f twice; pwd");
        run_script(&spec, script, folder, &o);
        CHECK_TEXT(o.err.len > 0 ? o.err.data : "", "");
        CHECK_INT(o.code, 0);
        CHECK_HAS(out_text(&o), folder);
        snprintf(path, sizeof(path), "%s/prog", folder);
        CHECK(stat(path, &s) == 0 && S_ISREG(s.st_mode) && (s.st_mode & 0100) != 0);
        snprintf(path, sizeof(path), "%s/sub/a.c", folder);
        CHECK_INT(access(path, F_OK), 0);
        snprintf(path, sizeof(path), "%s/link", folder);
        CHECK(lstat(path, &s) < 0);
        snprintf(path, sizeof(path), "%s/fifo", folder);
        CHECK(lstat(path, &s) < 0);
        CHECK_HAS(o.refused.data, "link was not kept: it is not a regular file");
        CHECK_HAS(o.refused.data, "fifo was not kept: it is not a regular file");
        sandbox_outcome_release(&o);
        remove_folder(folder);
    }
}

TEST(what_is_named_readable_is_read_and_nothing_else)
{
    char folder[64], script[256];
    struct err err;

    make_folder(folder);
    snprintf(script, sizeof(script), "%s/note", folder);
    CHECK_INT(file_write(script, str_of("hello"), &err), 0);
    EACH_LEVEL(level)
    {
        const char *const readable[] = {folder, "/nowhere/at/all", NULL};
        struct sandbox_spec spec = spec_of(level);
        struct sandbox_outcome o;

        if (level == SANDBOX_D)
            continue; /* hides nothing */
        snprintf(script, sizeof(script), "cat %s/note", folder);
        run_script(&spec, script, NULL, &o);
        CHECK(o.code != 0);
        sandbox_outcome_release(&o);
        spec.readable = readable;
        run_script(&spec, script, NULL, &o);
        CHECK_TEXT(out_text(&o), "hello");
        sandbox_outcome_release(&o);
        snprintf(script, sizeof(script), "echo x > %s/note || echo x > %s/more", folder, folder);
        run_script(&spec, script, NULL, &o);
        CHECK(o.code != 0);
        sandbox_outcome_release(&o);
    }
    remove_folder(folder);
}

/* Goal: where a program sees the machine's folders and is a user of its own, one that is closed
 * above what it needs is named, and what to type. */
TEST(a_closed_folder_above_is_named)
{
    char folder[64], below[80], said[200];
    struct err err;

    make_folder(folder);
    snprintf(below, sizeof(below), "%s/below", folder);
    CHECK_INT(mkdir(below, 0755), 0);
    CHECK_INT(chmod(folder, 0700), 0);
    snprintf(said, sizeof(said), "%s is closed to other users", folder);
    EACH_LEVEL(level)
    {
        const char *const paths[] = {below, NULL};
        const char *const argv[] = {"true", NULL};
        struct sandbox_command command = {.path = "/bin/true", .argv = argv};
        struct sandbox_spec spec = spec_of(level), open = spec;
        struct sandbox_outcome o;
        bool is_met = geteuid() == 0 && level < SANDBOX_B;
        int status;

        spec.readable = paths;
        open.writable = paths;
        status = sandbox_run(&spec, &command, &o, &err);
        CHECK_INT(status, is_met ? ERR_INPUT : 0);
        if (is_met)
            CHECK_HAS(err.text, said);
        else
            sandbox_outcome_release(&o);
        CHECK_INT(sandbox_run(&open, &command, &o, &err), status);
        if (!is_met)
            sandbox_outcome_release(&o);
    }
    remove_folder(folder);
}

static void check_stop(const struct sandbox_outcome *o, enum sandbox_limit limit, const char *words)
{
    struct buf text = {0};

    sandbox_stop_text(&o->stop, &text);
    if (o->stop.limit != limit)
        fail_msg("%s instead of %s: %s", sandbox_limit_name(o->stop.limit),
                 sandbox_limit_name(limit), text.len > 0 ? text.data : "");
    CHECK_HAS(text.data, words);
    CHECK_HAS(text.data, " after ");
    buf_release(&text);
}

TEST(limits_end_it_and_are_named)
{
    EACH_LEVEL(level)
    {
        struct sandbox_spec spec = spec_of(level);
        struct sandbox_outcome o;

        spec.limits.wall_ns = second / 4;
        run_script(&spec, "sleep 100 & sleep 100", NULL, &o);
        check_stop(&o, SANDBOX_LIMIT_TIME, "of 0.25 s time");
        sandbox_outcome_release(&o);

        spec = spec_of(level);
        spec.limits.idle_ns = second / 5;
        run_script(&spec, "sleep 100 & sleep 100", NULL, &o);
        check_stop(&o, SANDBOX_LIMIT_IDLE, "of 0.20 s waiting without computing");
        sandbox_outcome_release(&o);

        spec = spec_of(level);
        spec.limits.cpu_ns = second / 5;
        spec.limits.idle_ns = second / 5;  /* it is not idle */
        spec.limits.wall_ns = 30 * second; /* the bug that knows no cpu limit shall end as well */
        run_script(&spec, "while :; do :; done", NULL, &o);
        check_stop(&o, SANDBOX_LIMIT_CPU, "of 0.20 s processor time");
        sandbox_outcome_release(&o);

        spec = spec_of(level);
        spec.limits.output_bytes = 1000;
        run_script(&spec, "while :; do echo 0123456789; done", NULL, &o);
        check_stop(&o, SANDBOX_LIMIT_OUTPUT, "of 1000 bytes output");
        CHECK_INT(o.out.len, 1000);
        sandbox_outcome_release(&o);

        spec = spec_of(level);
        spec.limits.memory_bytes = 32 * mib;
        run_script(&spec, "exec tail /dev/zero", NULL, &o);
        check_stop(&o, SANDBOX_LIMIT_MEMORY, "of 32 MiB memory");
        sandbox_outcome_release(&o);
    }
}

TEST(a_file_that_grows_too_long_is_a_limit_of_the_disk)
{
    EACH_LEVEL(level)
    {
        struct sandbox_spec spec = spec_of(level);
        struct sandbox_outcome o;
        char folder[64];

        make_folder(folder);
        spec.limits.file_bytes = mib;
        run_script(&spec, "exec dd if=/dev/zero of=long bs=65536 status=none", folder, &o);
        check_stop(&o, SANDBOX_LIMIT_DISK, "1 MiB of 1 MiB file space");
        sandbox_outcome_release(&o);
        remove_folder(folder);
    }
}

TEST(a_daemon_that_keeps_the_pipes_does_not_keep_us)
{
    char script[100], look[100];
    int mine = (int)getpid(); /* another test may be doing the same */

    snprintf(script, sizeof(script),
             "setsid sh -c 'setsid sleep 1000.%d & sleep 1000.%d' & echo gone", mine, mine);
    snprintf(look, sizeof(look), "pgrep -x -f 'sleep 1000.%d' > /dev/null", mine);
    EACH_LEVEL(level)
    {
        struct sandbox_spec spec = spec_of(level);
        struct sandbox_outcome o;

        run_script(&spec, script, NULL, &o);
        CHECK_INT(o.code, 0);
        CHECK_INT(o.stop.limit, SANDBOX_LIMIT_NONE);
        CHECK(o.wall_ns < 900 * second);
        sandbox_outcome_release(&o);
    }
    CHECK_INT(system(look) >> 8, 1);
}

/* Several walls stand behind each other, so that an attack which fails says little about one of
 * them. Here each is looked at by itself. */
TEST(each_wall_stands)
{
    static const char script[] =
        "echo pid $$; id -u; grep -c '^Cap[A-Z][a-z]*:.0*$' /proc/self/status; "
        "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status; wc -l < /proc/self/net/unix; "
        "grep -E ' (/|/usr) ro,' /proc/self/mountinfo | wc -l; ls /proc/self/fd | wc -l; ulimit -c";
    EACH_LEVEL(level)
    {
        struct sandbox_spec spec = spec_of(level);
        struct sandbox_outcome o;
        int pid = 0, uid = 0, empty_sets = 0, no_new = 0, filter = 0, sockets = 0, read_only = 0,
            descriptors = 0, core = -1;

        spec.profile = level < SANDBOX_B ? SANDBOX_COMPILE : SANDBOX_RUN;
        CHECK(dup2(STDERR_FILENO, 77) == 77); /* a descriptor that somebody forgot */
        run_script(&spec, script, NULL, &o);
        close(77);
        if (sscanf(out_text(&o), "pid %d %d %d NoNewPrivs: %d Seccomp: %d %d %d %d %d", &pid, &uid,
                   &empty_sets, &no_new, &filter, &sockets, &read_only, &descriptors, &core) < 5)
            fail_msg("level %s: %s", sandbox_level_name(level), out_text(&o));
        CHECK_INT(no_new, 1);
        CHECK_INT(filter, level >= SANDBOX_C ? 2 : 0);
        CHECK_INT(empty_sets, 5);
        CHECK(uid != 0);
        if (level >= SANDBOX_B) {
            CHECK(pid > 0 && pid < 10);
            CHECK_INT(uid, 1000);
            CHECK_INT(sockets, 1); /* the heading alone */
            CHECK_INT(read_only, 2);
            CHECK_INT(descriptors, 4); /* 0, 1, 2 and that of ls */
            CHECK(core <= 1);
        }
        sandbox_outcome_release(&o);
    }
}

TEST(what_cannot_be_executed_is_the_callers_input)
{
    EACH_LEVEL(level)
    {
        struct sandbox_spec spec = spec_of(level);
        const char *const argv[] = {"x", NULL};
        struct sandbox_command command = {.path = "/usr/bin/there-is-no-such-program",
                                          .argv = argv};
        struct sandbox_outcome o;
        struct err err = {.text = ""};

        CHECK_INT(sandbox_run(&spec, &command, &o, &err), ERR_INPUT);
        CHECK_HAS(err.text, "cannot be executed");
    }
}

TEST(words_for_levels)
{
    enum sandbox_level level;

    CHECK(sandbox_level_parse("b", &level) && level == SANDBOX_B);
    CHECK(sandbox_level_parse("off", &level) && level == SANDBOX_OFF);
    CHECK(sandbox_level_parse("auto", &level) && level == sandbox_level());
    CHECK(!sandbox_level_parse("E", &level) && !sandbox_level_parse("", &level));
    CHECK_TEXT(sandbox_level_name(SANDBOX_A), "A");
    CHECK(SANDBOX_A > SANDBOX_B && SANDBOX_B > SANDBOX_C && SANDBOX_C > SANDBOX_D);
}
