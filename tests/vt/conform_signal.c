/* Timers that signal, waits that a signal ends, and child processes. */
#include "measure.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int signals;
static pthread_t main_thread;

static void count(int signal)
{
    (void)signal;
    signals++;
}

static void handle(int signal, int flags)
{
    struct sigaction action = {.sa_handler = count, .sa_flags = flags};

    sigaction(signal, &action, NULL);
}

static void alarms(void)
{
    struct itimerval once = {{0, 0}, {0, 15000}}, thrice = {{0, 10000}, {0, 10000}}, off = {0};
    struct epoll_event event;
    struct timespec t = for_ms(1000), rest;
    int ep = epoll_create1(0), got;

    handle(SIGALRM, 0);
    begin();
    alarm(3);
    pause();
    end("alarm and pause");
    setitimer(ITIMER_REAL, &once, NULL);
    begin();
    got = nanosleep(&t, &rest);
    end("setitimer ends nanosleep");
    say("nanosleep says EINTR", got == -1 && errno == EINTR);
    say("nanosleep rest ms", rest.tv_nsec / 1000000);
    alarm(1);
    begin();
    got = epoll_wait(ep, &event, 1, 5000);
    end("alarm ends epoll_wait");
    say("epoll_wait says EINTR", got == -1 && errno == EINTR);
    setitimer(ITIMER_REAL, &thrice, NULL);
    signals = 0;
    begin();
    while (signals < 3)
        pause();
    end("three ticks");
    setitimer(ITIMER_REAL, &off, NULL);
    alarm(7);
    usleep(1500000);
    say("alarm left s", alarm(0));
}

static void posix_timers(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
    struct itimerspec set = {{0, 0}, {0, 29000000}}, left;
    timer_t timer;

    handle(SIGUSR2, 0);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    begin();
    timer_settime(timer, 0, &set, NULL);
    timer_gettime(timer, &left);
    pause();
    end("timer_create");
    say("timer_gettime us", left.it_value.tv_nsec / 1000);
    timer_delete(timer);
}

static pthread_mutex_t done = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done_cond = PTHREAD_COND_INITIALIZER;
static int thread_timer_fired;

static void in_thread(union sigval value)
{
    pthread_mutex_lock(&done);
    thread_timer_fired = value.sival_int;
    pthread_cond_signal(&done_cond);
    pthread_mutex_unlock(&done);
}

static void thread_timers(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = in_thread};
    struct itimerspec set = {{0, 0}, {0, 31000000}};
    timer_t timer;

    event.sigev_value.sival_int = 42;
    timer_create(CLOCK_REALTIME, &event, &timer);
    begin();
    timer_settime(timer, 0, &set, NULL);
    pthread_mutex_lock(&done);
    while (thread_timer_fired == 0)
        pthread_cond_wait(&done_cond, &done);
    pthread_mutex_unlock(&done);
    end("timer that starts a thread");
    say("its value", thread_timer_fired);
}

static void *kill_main_20(void *flags)
{
    usleep(20000);
    pthread_kill(main_thread, SIGUSR1);
    usleep(20000);
    return flags;
}

static int ends[2];

static void *write_40(void *unused)
{
    usleep(40000);
    (void)!write(ends[1], "x", 1);
    return unused;
}

/* A read is restarted or not, as the handler was installed. */
static void interrupted_reads(void)
{
    pthread_t killer, writer;
    char byte;
    ssize_t got;

    main_thread = pthread_self();
    (void)!pipe(ends);
    handle(SIGUSR1, 0);
    pthread_create(&killer, NULL, kill_main_20, NULL);
    begin();
    got = read(ends[0], &byte, 1);
    end("a signal ends read");
    say("read says EINTR", got == -1 && errno == EINTR);
    pthread_join(killer, NULL);
    handle(SIGUSR1, SA_RESTART);
    pthread_create(&killer, NULL, kill_main_20, NULL);
    pthread_create(&writer, NULL, write_40, NULL);
    begin();
    got = read(ends[0], &byte, 1);
    end("read restarts after the signal");
    say("read result", got);
    pthread_join(killer, NULL);
    pthread_join(writer, NULL);
}

/* ppoll and pselect unblock a signal only while they wait. */
static void swapped_masks(void)
{
    struct timespec t = for_ms(500);
    sigset_t blocked, none;
    pthread_t killer;
    int got;

    handle(SIGUSR1, 0);
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_create(&killer, NULL, kill_main_20, NULL);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    begin();
    usleep(30000);
    end("a blocked signal does not end usleep");
    signals = 0;
    begin();
    got = ppoll(NULL, 0, &t, &none);
    end("a pending signal ends ppoll");
    say("ppoll says EINTR", got == -1 && errno == EINTR && signals == 1);
    pthread_join(killer, NULL);
    t = for_ms(28);
    begin();
    say("sigtimedwait", sigtimedwait(&blocked, NULL, &t) == -1 && errno == EAGAIN);
    end("sigtimedwait");
    pthread_create(&killer, NULL, kill_main_20, NULL);
    t = for_ms(500);
    begin();
    say("sigtimedwait gets it", sigtimedwait(&blocked, NULL, &t) == SIGUSR1);
    end("sigtimedwait gets it");
    pthread_join(killer, NULL);
    pthread_sigmask(SIG_UNBLOCK, &blocked, NULL);
}

static void children(void)
{
    char text[100] = "";
    int status = 0;
    pid_t child;
    FILE *from;

    begin();
    child = fork();
    if (child == 0) {
        usleep(60000);
        _exit(3);
    }
    waitpid(child, &status, 0);
    end("fork and wait");
    say("exit status", WEXITSTATUS(status));
    begin();
    say("system", system("sleep 1.5; date +%s > /dev/null"));
    end("system(sleep 1.5)");
    begin();
    from = popen("sleep 0.25; date -u +%Y-%m-%dT%H:%M:%S", "r");
    (void)!fgets(text, sizeof(text), from);
    pclose(from);
    end("popen(sleep 0.25; date)");
    printf("date %s", text);
    handle(SIGCHLD, 0);
    signals = 0;
    child = fork();
    if (child == 0) {
        usleep(70000);
        _exit(0);
    }
    begin();
    poll(NULL, 0, 5000);
    end("the death of a child ends poll");
    waitpid(child, &status, 0);
    say("SIGCHLD", signals);
    signal(SIGCHLD, SIG_DFL);
    child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    usleep(1000);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    say("killed by", WTERMSIG(status));
}

/* Parent and child hand a shared word to and fro. */
static void shared_memory(void)
{
    pthread_mutexattr_t attr;
    struct shared {
        pthread_mutex_t mutex;
        int value;
    } *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&shared->mutex, &attr);
    begin();
    child = fork();
    if (child == 0) {
        pthread_mutex_lock(&shared->mutex);
        usleep(45000);
        shared->value = 5;
        pthread_mutex_unlock(&shared->mutex);
        _exit(0);
    }
    usleep(1000);
    pthread_mutex_lock(&shared->mutex);
    end("a lock shared with a child");
    say("its value", shared->value);
    waitpid(child, NULL, 0);
}

int main(void)
{
    alarms();
    posix_timers();
    thread_timers();
    interrupted_reads();
    swapped_masks();
    children();
    shared_memory();
    return 0;
}
