#include "command.h"

#include "course_story.h"

#include <errno.h>
#include <signal.h>

enum { SECOND = 1000000000 };

static struct command_result run(const char *shell, int64_t limit_ns, size_t max)
{
    struct command c = {.shell = shell, .limit_ns = limit_ns, .output_max = max};
    struct command_result r = {0};
    struct err err = {.text = ""};

    CHECK_INT(command_run(&c, &r, &err), 0);
    return r;
}

TEST(output_and_status_come_back)
{
    struct command_result r = run("echo out; echo err >&2; exit 3", 60 * (int64_t)SECOND, 1000);

    CHECK_INT(r.code, 3);
    CHECK_INT(r.signal, 0);
    CHECK(!r.timed_out && !r.cut);
    CHECK_TEXT(r.output.data, "out\nerr\n");
    command_result_release(&r);
    r = run("kill -SEGV $$", 60 * (int64_t)SECOND, 1000);
    CHECK_INT(r.code, -1);
    CHECK_INT(r.signal, SIGSEGV);
    command_result_release(&r);
}

TEST(standard_input_is_empty)
{
    struct command_result r = run("cat; echo over", 60 * (int64_t)SECOND, 1000);

    CHECK_TEXT(r.output.data, "over\n");
    command_result_release(&r);
}

TEST(output_is_cut_and_a_flood_does_no_harm)
{
    struct command_result r =
        run("head -c 3000000 /dev/zero | tr '\\0' x", 60 * (int64_t)SECOND, 100);

    CHECK_INT(r.code, 0);
    CHECK(r.cut);
    CHECK_INT(r.output.len, 100);
    command_result_release(&r);
}

TEST(a_command_without_end_is_killed)
{
    int64_t limit_ns = SECOND / 5;
    struct command_result r = run("echo begun; while :; do :; done", limit_ns, 1000);

    /* on a busy machine it may not have come to its first word by then */
    while (r.output.len == 0 && (limit_ns *= 4) < 100 * (int64_t)SECOND) {
        command_result_release(&r);
        r = run("echo begun; while :; do :; done", limit_ns, 1000);
    }
    CHECK(r.timed_out);
    CHECK_INT(r.signal, SIGKILL);
    CHECK_TEXT(r.output.data, "begun\n");
    command_result_release(&r);
}

/* What stays behind holds the pipe and must neither keep us waiting nor live on. */
TEST(what_it_leaves_running_is_killed)
{
    struct command_result r = run("sleep 1000 & echo $!", 900 * (int64_t)SECOND, 1000);
    int i;
    pid_t left;

    CHECK_INT(r.code, 0);
    CHECK(r.took_ns < 800 * (int64_t)SECOND);
    left = (pid_t)atoi(r.output.data);
    CHECK(left > 1);
    /* it is init's now, who reaps it when it can: what counts is that it is dead */
    for (i = 0; i < 1000000 && kill(left, 0) == 0; i++) {
        char path[64], state = '?';
        FILE *f;
        snprintf(path, sizeof(path), "/proc/%d/stat", (int)left);
        f = fopen(path, "r");
        if (f == NULL)
            break;
        if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
            state = 'Z';
        fclose(f);
        if (state == 'Z')
            break;
    }
    CHECK(i < 1000000);
    command_result_release(&r);
}

TEST(a_folder_that_is_not_there_is_said_by_the_status)
{
    struct command c = {
        .shell = "true", .dir = "/no/such/folder", .limit_ns = SECOND, .output_max = 10};
    struct command_result r = {0};
    struct err err = {.text = ""};

    CHECK_INT(command_run(&c, &r, &err), 0);
    CHECK_INT(r.code, 127);
    command_result_release(&r);
}
