/* loop.c - wait, run what is due, read, handle, flush; and again.
 *
 *         +--------------------------------------------------+
 *         v                                                  |
 *     ppoll(stdin, until the next timer) -> due timers -> lines -> flush
 *
 * One flush a round is enough: whoever waits for an answer cannot tell whether it left at once or
 * after the other lines of the same read, and under load one write() takes hundreds of answers. The
 * clock is read once a round, so that everything in a round happens at one time.
 *
 * At the end of the input the node stops listening, but it still owes the answers that wait for a
 * timer. It ends when there are none. */
#include "loop.h"

#include "input.h"
#include "json.h"
#include "timers.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

static int64_t now_ns;
static struct json_text out;

static void clock_read(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    now_ns = (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t loop_now_ns(void)
{
    return now_ns;
}

void loop_after(struct timer *t, int64_t after_ms)
{
    timer_start(t, now_ns + after_ms * NS_PER_MS);
}

void loop_print(const char *bytes, size_t len)
{
    json_append(&out, bytes, len);
}

static void flush(void)
{
    size_t done = 0;

    while (done < out.len) {
        ssize_t n = write(STDOUT_FILENO, out.bytes + done, out.len - done);

        if (n < 0 && errno != EINTR)
            exit(1); /* nobody reads us any more */
        if (n > 0)
            done += (size_t)n;
    }
    out.len = 0;
}

/* Sleeps until there is input or a timer is due. True if there is input. */
static bool wait_for_input(bool open)
{
    struct pollfd in = {.fd = open ? STDIN_FILENO : -1, .events = POLLIN};
    struct timespec rest = {0}, *until = NULL;
    int64_t due_ns;

    if (timers_next(&due_ns)) {
        int64_t rest_ns = due_ns > now_ns ? due_ns - now_ns : 0;

        rest = (struct timespec){.tv_sec = rest_ns / NS_PER_S, .tv_nsec = rest_ns % NS_PER_S};
        until = &rest;
    }
    return ppoll(&in, 1, until, NULL) > 0;
}

void loop_run(void (*on_line)(char *line, size_t len))
{
    bool open = true;
    int64_t due_ns;

    clock_read();
    while (open || timers_next(&due_ns)) {
        bool ready = wait_for_input(open);
        char *line;
        size_t len;

        clock_read();
        timers_run(now_ns);
        if (ready)
            open = input_read(STDIN_FILENO);
        while ((line = input_line(&len)) != NULL) {
            on_line(line, len);
            json_reset();
        }
        flush();
    }
}
