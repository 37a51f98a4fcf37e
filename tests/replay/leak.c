/* leak.c - echo nodes that let something in from outside of the run, one source for each mode, and
 * say on stderr what they saw; replay must find the line. */
#include "node.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void read_file(const char *path, unsigned char *into, size_t size)
{
    int fd = open(path, O_RDONLY);

    if (fd < 0 || read(fd, into, size) < 0)
        exit(1);
    close(fd);
}

/* What only the seed decides. */
static void leak_nothing(void)
{
    struct timespec wall;

    clock_gettime(CLOCK_REALTIME, &wall);
    node_log("nothing: %ld.%09ld %llu", (long)wall.tv_sec, wall.tv_nsec,
             (unsigned long long)node_random());
}

/* How long the machine is up. */
static void leak_uptime(void)
{
    unsigned char text[64] = {0};

    read_file("/proc/uptime", text, sizeof(text) - 1);
    node_log("uptime: %s", text);
}

/* When the kernel says that our file was written. */
static void leak_mtime(void)
{
    char path[4096];
    struct stat st;
    int fd;

    if (snprintf(path, sizeof(path), "%s/stamp", getenv("EDDY_DATA")) >= (int)sizeof(path))
        exit(1);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, "x", 1) != 1 || fstat(fd, &st) < 0)
        exit(1);
    close(fd);
    node_log("mtime: %ld.%09ld", (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

/* The instruction that draws from the processor, which nobody can trap. */
static void leak_rdrand(void)
{
    unsigned long long drawn = 0;
    unsigned char fine = 0;
    int tries;

    for (tries = 0; tries < 100 && !fine; tries++)
        __asm__ volatile("rdrand %0; setc %1" : "=r"(drawn), "=qm"(fine));
    node_log("rdrand: %llx", drawn);
}

static void leak_urandom(void)
{
    unsigned char bytes[8];

    read_file("/dev/urandom", bytes, sizeof(bytes));
    node_log("urandom: %02x%02x%02x%02x%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3],
             bytes[4], bytes[5], bytes[6], bytes[7]);
}

static void leak_pid(void)
{
    node_log("pid: %d", (int)getpid());
}

/* Two threads that only compute take turns by processor time, and that is never the same twice. */
static volatile unsigned long long counted[2];
static volatile int over;

static void *count(void *which)
{
    volatile unsigned long long *mine = which;

    while (!over) {
        (*mine)++;
        if (mine == &counted[0] && *mine > 400000000ull)
            over = 1;
    }
    return NULL;
}

static void leak_race(void)
{
    static int once;
    pthread_t threads[2];
    int i;

    if (once++ > 0)
        return;
    for (i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, count, (void *)&counted[i]);
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    node_log("race: %llu", counted[1]);
}

static const struct leak {
    const char *name;
    void (*leak)(void);
} leaks[] = {
    {"nothing", leak_nothing}, {"uptime", leak_uptime},   {"mtime", leak_mtime},
    {"rdrand", leak_rdrand},   {"urandom", leak_urandom}, {"pid", leak_pid},
    {"race", leak_race},       {NULL, NULL},
};

static const struct leak *chosen;

static void on_echo(const struct message *m)
{
    chosen->leak();
    node_reply(m, "echo_ok", "echo", json_get(m->body, "echo"), NULL);
}

int main(int argc, char **argv)
{
    for (chosen = leaks; chosen->name != NULL; chosen++)
        if (argc == 2 && strcmp(argv[1], chosen->name) == 0)
            break;
    if (chosen->name == NULL)
        return 2;
    node_on("echo", on_echo);
    return node_run();
}
