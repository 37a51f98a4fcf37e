/* Threads at rest in every way that the virtual clock knows, and a child: asleep, at a lock, at an
 * empty pipe, and in the kernel at a record lock that the child holds. Says how it is placed, then
 * stays so. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

static pthread_mutex_t taken = PTHREAD_MUTEX_INITIALIZER;
static int ends[2], other_fd;
static char path[] = "/tmp/eddy-resting-XXXXXX";

static void *at_lock(void *unused)
{
    pthread_mutex_lock(&taken);
    return unused;
}

static void *at_pipe(void *unused)
{
    char c;

    if (read(ends[0], &c, 1) != 0)
        abort();
    return unused;
}

static void *in_kernel(void *unused)
{
    flock(other_fd, LOCK_EX);
    return unused;
}

int main(void)
{
    pthread_t thread;
    char c = 0;
    int ready[2], fd = mkstemp(path);

    if (fd < 0 || pipe(ends) < 0 || pipe(ready) < 0)
        return 1;
    if (fork() == 0) {
        int own = open(path, O_RDWR);
        flock(own, LOCK_EX);
        if (write(ready[1], &c, 1) != 1)
            return 1;
        for (;;)
            pause();
    }
    if (read(ready[0], &c, 1) != 1)
        return 1;
    other_fd = open(path, O_RDWR);
    unlink(path);
    pthread_mutex_lock(&taken);
    pthread_create(&thread, NULL, at_lock, NULL);
    pthread_create(&thread, NULL, at_pipe, NULL);
    pthread_create(&thread, NULL, in_kernel, NULL);
    printf("resting\n");
    fflush(stdout);
    for (;;)
        sleep(1000);
}
