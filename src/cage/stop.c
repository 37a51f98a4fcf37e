/* The handler raises a flag and writes to an eventfd, which every cage waits for; the flag alone
 * could be raised just before we sleep. A second signal of the same kind has its usual effect, so
 * that nobody needs kill -9. A fork gets an eventfd of its own: with the parent's, a Ctrl-C there
 * would wake us. */
#include "cage_internal.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static volatile int event_fd = -1;
static pid_t owner;

static void on_signal(int signal_number)
{
    static const uint64_t one = 1;
    int saved = errno;

    (void)signal_number;
    asked = 1;
    (void)!write(event_fd, &one, sizeof(one));
    errno = saved;
}

int stop_fd(void)
{
    if (owner != 0 && owner != getpid()) {
        event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        owner = getpid();
    }
    return event_fd;
}

bool stop_asked(void)
{
    return asked != 0;
}

bool cage_stop_asked(void)
{
    return stop_asked();
}

void cage_stop_forget(void)
{
    uint64_t count;

    asked = 0;
    if (event_fd >= 0)
        (void)!read(event_fd, &count, sizeof(count));
}

void cage_stop_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
    struct sigaction old;
    size_t i;

    if (owner == 0) {
        event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        owner = getpid();
    }
    for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL); /* nohup has it ignored: leave it so */
}
