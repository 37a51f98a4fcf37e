/* Keeps busy without end, in the way that its argument names; first says that it begins. */
#include "measure.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile unsigned long counter;

static void *tick(void *unused)
{
    for (int i = 1;; i++) {
        sleep(1);
        say("tick", i);
    }
    return unused;
}

static void look_for_ever(void)
{
    while (now_ns(CLOCK_MONOTONIC) != 0)
        ;
}

static void wait_for_nothing(void)
{
    struct timespec none = {0, 0};

    for (;;)
        nanosleep(&none, NULL);
}

static void write_much(void)
{
    static char line[1000];
    int i;

    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (i = 0; i < 5000; i++)
        (void)!write(1, line, sizeof(line));
    say("written", i);
}

static void sync_file(void)
{
    int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

    begin();
    fsync(fd);
    end("fsync");
    begin();
    fdatasync(fd);
    end("fdatasync");
}

static void connect_somewhere(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    say("connect", connect(fd, (struct sockaddr *)&at, sizeof(at)));
    connect(fd, (struct sockaddr *)&at, sizeof(at));
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    pthread_t thread;

    if (argc > 2)
        pthread_create(&thread, NULL, tick, NULL);
    if (strcmp(how, "clock") == 0)
        look_for_ever();
    else if (strcmp(how, "nothing") == 0)
        wait_for_nothing();
    else if (strcmp(how, "cpu") == 0)
        for (;;)
            counter++;
    else if (strcmp(how, "yield") == 0)
        for (;;)
            sched_yield();
    else if (strcmp(how, "write") == 0)
        write_much();
    else if (strcmp(how, "sync") == 0)
        sync_file();
    else if (strcmp(how, "connect") == 0)
        connect_somewhere();
    return 0;
}
