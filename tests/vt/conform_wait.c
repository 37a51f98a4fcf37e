/* Sleeps, and waits for descriptors: each takes exactly as long as it says. */
#include "measure.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void sleeps(void)
{
    struct timespec t;

    begin();
    usleep(25000);
    end("usleep");
    begin();
    usleep(20);
    end("usleep of 20 us, and the slack of 50");
    begin();
    sleep(2);
    end("sleep");
    t = for_ms(12);
    begin();
    clock_nanosleep(CLOCK_REALTIME, 0, &t, NULL);
    end("clock_nanosleep relative");
    t = in_ms(CLOCK_MONOTONIC, 30);
    begin();
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    end("clock_nanosleep until, monotonic");
    t = in_ms(CLOCK_REALTIME, 31);
    begin();
    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL);
    end("clock_nanosleep until, wall");
    t = (struct timespec){0, 2000000000};
    say("a bad timespec", nanosleep(&t, NULL) == -1 && errno == EINVAL);
}

static void selects(void)
{
    struct timeval tv = {0, 40000};
    struct timespec t = for_ms(47);
    fd_set set;
    int got;

    begin();
    select(0, NULL, NULL, NULL, &tv);
    end("select nothing");
    FD_ZERO(&set);
    FD_SET(0, &set);
    tv = (struct timeval){0, 45000};
    begin();
    got = select(1, &set, NULL, NULL, &tv);
    end("select stdin");
    say("select result", got);
    say("select set left", FD_ISSET(0, &set));
    FD_SET(0, &set);
    begin();
    pselect(1, &set, NULL, NULL, &t, NULL);
    end("pselect stdin");
}

static void polls(void)
{
    struct pollfd stdin_poll = {0, POLLIN, 7};
    struct timespec t = for_ms(37);

    begin();
    poll(NULL, 0, 35);
    end("poll nothing");
    begin();
    say("poll result", poll(&stdin_poll, 1, 36));
    end("poll stdin");
    say("poll revents", stdin_poll.revents);
    begin();
    ppoll(&stdin_poll, 1, &t, NULL);
    end("ppoll stdin");
    stdin_poll.fd = 999;
    begin();
    poll(&stdin_poll, 1, 1000);
    end("poll a closed descriptor");
    say("poll says POLLNVAL", stdin_poll.revents == POLLNVAL);
}

static void epolls(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct timespec t = {0, 56500000};
    int ep = epoll_create1(0);

    epoll_ctl(ep, EPOLL_CTL_ADD, 0, &event);
    begin();
    epoll_wait(ep, &event, 1, 55);
    end("epoll_wait");
    begin();
    epoll_pwait(ep, &event, 1, 54, NULL);
    end("epoll_pwait");
    begin();
    syscall(SYS_epoll_pwait2, ep, &event, 1, &t, NULL, 8);
    end("epoll_pwait2");
    begin();
    epoll_wait(ep, &event, 1, 0);
    end("epoll_wait without waiting");
    close(ep);
}

static void timerfds(void)
{
    struct itimerspec set = {{0, 20000000}, {0, 70000000}}, left;
    struct epoll_event event = {.events = EPOLLIN};
    struct pollfd ready = {.events = POLLIN};
    unsigned long long count;
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    int wall = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
    int ep = epoll_create1(0);

    begin();
    timerfd_settime(fd, 0, &set, NULL);
    (void)!read(fd, &count, 8);
    end("timerfd first");
    (void)!read(fd, &count, 8);
    end("timerfd again");
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
    epoll_wait(ep, &event, 1, -1);
    end("timerfd through epoll");
    (void)!read(fd, &count, 8);
    say("timerfd count", (long long)count);
    usleep(5000);
    timerfd_gettime(fd, &left);
    say("timerfd left us", left.it_value.tv_nsec / 1000);
    set = (struct itimerspec){{0, 0}, in_ms(CLOCK_MONOTONIC, 33)};
    begin();
    timerfd_settime(fd, TFD_TIMER_ABSTIME, &set, NULL);
    epoll_wait(ep, &event, 1, 1000);
    end("timerfd until, through epoll");
    set = (struct itimerspec){{0, 0}, in_ms(CLOCK_REALTIME, 34)};
    ready.fd = wall;
    begin();
    timerfd_settime(wall, TFD_TIMER_ABSTIME, &set, NULL);
    poll(&ready, 1, -1);
    end("timerfd wall, until, through poll");
    set = (struct itimerspec){{0, 0}, {0, 0}};
    timerfd_settime(fd, 0, &set, NULL);
    begin();
    say("timerfd disarmed", epoll_wait(ep, &event, 1, 90));
    end("epoll with a disarmed timerfd");
}

static int pair[2];

static void *writer(void *unused)
{
    usleep(40000);
    (void)!write(pair[1], "12345678", 8);
    return unused;
}

static void read_after(const char *name)
{
    char bytes[8];
    pthread_t t;

    pthread_create(&t, NULL, writer, NULL);
    begin();
    (void)!read(pair[0], bytes, 8);
    end(name);
    pthread_join(t, NULL);
}

static void reads(void)
{
    struct timeval tv = {0, 60000} /* whole ticks of any kernel */;
    struct pollfd ready = {.events = POLLIN};
    pthread_t t;
    char byte;

    (void)!pipe(pair);
    read_after("read a pipe");
    pair[0] = pair[1] = eventfd(0, 0);
    read_after("read an eventfd");
    ready.fd = pair[0];
    pthread_create(&t, NULL, writer, NULL);
    begin();
    poll(&ready, 1, 5000);
    end("poll an eventfd");
    pthread_join(t, NULL);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    read_after("read a socket");
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
    begin();
    say("receive result", recv(pair[0], &byte, 1, 0));
    end("receive with a timeout");
}

/* All clocks agree. */
static void clocks(void)
{
    struct timeval tv;
    unsigned long long cycles;

    gettimeofday(&tv, NULL);
    say("gettimeofday agrees", tv.tv_sec * 1000000ll + tv.tv_usec == now_ns(CLOCK_REALTIME) / 1000);
    say("time agrees", time(NULL) == now_ns(CLOCK_REALTIME) / 1000000000);
    say("boot time is monotonic time", now_ns(CLOCK_BOOTTIME) == now_ns(CLOCK_MONOTONIC));
    say("raw is monotonic time", now_ns(CLOCK_MONOTONIC_RAW) == now_ns(CLOCK_MONOTONIC));
    say("thread CPU time grows", now_ns(CLOCK_THREAD_CPUTIME_ID) < now_ns(CLOCK_THREAD_CPUTIME_ID));
    cycles = __builtin_ia32_rdtsc();
    usleep(1000);
    say("thousands of cycles in 1 ms", (long long)(__builtin_ia32_rdtsc() - cycles) / 1000);
}

int main(void)
{
    sleeps();
    selects();
    polls();
    epolls();
    timerfds();
    reads();
    clocks();
    return 0;
}
