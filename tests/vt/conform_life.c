/* The lives of processes and threads: ways to begin, to stop and to end that are seldom seen. */
#include "measure.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static const char *self;

static void *sleep_20(void *unused)
{
    usleep(20000);
    return unused;
}

static void *exec_again(void *unused)
{
    usleep(10000);
    execl(self, self, "child", (char *)NULL);
    return unused;
}

static void *leave_20(void *unused)
{
    usleep(20000);
    exit(7);
    return unused;
}

static void *abort_20(void *unused)
{
    usleep(20000);
    abort();
    return unused;
}

/* What the child does; each takes 20 ms or says so. */
static void exec_in_thread(void)
{
    pthread_t t;

    pthread_create(&t, NULL, sleep_20, NULL);
    pthread_create(&t, NULL, exec_again, NULL);
    pause();
}

static void main_thread_ends(void)
{
    pthread_t t;

    pthread_create(&t, NULL, leave_20, NULL);
    pthread_exit(NULL);
}

static void thread_aborts(void)
{
    pthread_t t;

    pthread_create(&t, NULL, sleep_20, NULL);
    pthread_create(&t, NULL, abort_20, NULL);
    pause();
}

static void exit_with_threads(void)
{
    pthread_t t;
    int i;

    for (i = 0; i < 100; i++)
        pthread_create(&t, NULL, sleep_20, NULL);
    usleep(10000);
    _exit(8);
}

static void stops_itself(void)
{
    raise(SIGSTOP);
    usleep(5000);
    _exit(9);
}

static void alarm_kills(void)
{
    alarm(1);
    for (;;)
        pause();
}

static void says(const char *name, int status)
{
    if (WIFSIGNALED(status))
        printf("%s: signal %d\n", name, WTERMSIG(status));
    else
        printf("%s: exit %d\n", name, WEXITSTATUS(status));
}

static void try(const char *name, void (*body)(void))
{
    int status = 0;
    pid_t child;

    fflush(stdout);
    begin();
    child = fork();
    if (child == 0) {
        body();
        _exit(99);
    }
    waitpid(child, &status, 0);
    says(name, status);
    end(name);
}

static void stopped_child(void)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0)
        stops_itself();
    waitpid(child, &status, WUNTRACED);
    say("stopped by", WIFSTOPPED(status) ? WSTOPSIG(status) : -1);
    begin();
    usleep(30000);
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    end("stopped for 30 ms, then 5 more");
    says("a child that was stopped", status);
}

static void spawned(void)
{
    char *argv[] = {"sleep", "0.05", NULL};
    int status;
    pid_t child;

    begin();
    posix_spawnp(&child, "sleep", NULL, NULL, argv, environ);
    waitpid(child, &status, 0);
    end("posix_spawn");
    child = vfork();
    if (child == 0) {
        execlp("sleep", "sleep", "0.06", (char *)NULL);
        _exit(1);
    }
    waitpid(child, &status, 0);
    end("vfork after it");
}

static void many(void)
{
    pthread_t threads[200];
    int i, status, sum = 0;

    begin();
    for (i = 0; i < 200; i++)
        pthread_create(&threads[i], NULL, sleep_20, NULL);
    for (i = 0; i < 200; i++)
        pthread_join(threads[i], NULL);
    end("200 threads");
    begin();
    for (i = 0; i < 50; i++)
        if (fork() == 0) {
            usleep(1000 * (unsigned)i);
            _exit(i);
        }
    while (wait(&status) > 0)
        sum += WEXITSTATUS(status);
    end("50 children");
    say("their sum", sum);
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc > 1) {
        usleep(10000);
        return 6;
    }
    try("exec in a thread", exec_in_thread);
    try("the main thread ends first", main_thread_ends);
    try("a thread aborts", thread_aborts);
    try("exit with 100 threads", exit_with_threads);
    try("an alarm kills", alarm_kills);
    stopped_child();
    spawned();
    many();
    return 0;
}
