/* What the cage costs a message: lines to /bin/cat and back, in batches, and our own user time for
 * them apart from the kernel's. Also what it costs to start and kill a node.
 *
 *     make build/bench/cage_echo && build/bench/cage_echo [messages in a batch] */
#include "base/err.h"
#include "cage/cage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { MESSAGES = 2000000, STARTS = 100 };

static size_t lines;

static void on_line(void *owner, uint32_t node, struct str line)
{
    (void)owner, (void)node, (void)line;
    lines++;
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    (void)owner, (void)node, (void)how;
}

static double user_ns(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return 1e9 * (double)used.ru_utime.tv_sec + 1e3 * (double)used.ru_utime.tv_usec;
}

static double system_ns(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return 1e9 * (double)used.ru_stime.tv_sec + 1e3 * (double)used.ru_stime.tv_usec;
}

static void must(int status, const struct err *err)
{
    if (status >= 0)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(3);
}

int main(int argc, char **argv)
{
    static const char message[] =
        "{\"src\":\"n1\",\"dest\":\"n2\",\"body\":{\"type\":\"gossip\",\"msg_id\":1234567,"
        "\"values\":[1,2,3,4]}}\n";
    const char *cat_argv[] = {"cat", NULL};
    struct cage_program cat = {.path = "cat", .argv = cat_argv};
    struct cage_config config = {
        .node_count = 1,
        .events = {.line = on_line, .overlong = on_line, .log = on_line, .exited = on_exited},
    };
    size_t batch = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    struct err err = {.text = ""};
    struct cage *c;
    double user;
    double kernel;
    int64_t began;
    size_t sent;
    size_t i;

    if (batch == 0 || batch > 100000)
        return 3;
    must(cage_open(&config, &c, &err), &err);
    must(cage_start(c, 0, &cat, &err), &err);
    user = user_ns();
    kernel = system_ns();
    began = cage_now(c);
    for (sent = 0; sent < MESSAGES;) {
        for (i = 0; i < batch; i++)
            cage_write(c, 0, STR_LIT(message));
        sent += batch;
        while (lines < sent)
            must(cage_wait(c, INT64_MAX, &err), &err);
    }
    printf("%zu messages of %zu bytes to cat and back, %zu in a batch: a message costs us %.0f ns "
           "user, %.0f ns kernel, %.0f ns wall\n",
           sent, sizeof(message) - 1, batch, (user_ns() - user) / (double)sent,
           (system_ns() - kernel) / (double)sent, (double)(cage_now(c) - began) / (double)sent);
    cage_kill(c, 0);
    began = cage_now(c);
    for (i = 0; i < STARTS; i++) {
        must(cage_start(c, 0, &cat, &err), &err);
        cage_kill(c, 0);
    }
    printf("a start and a kill: %.0f us wall\n", (double)(cage_now(c) - began) / STARTS / 1e3);
    cage_close(c);
    return 0;
}
