/* The process locks the file that its second argument names, and its first thread reads its input.
 * Another thread ("thread", as the first argument says) or a child in a session of its own
 * ("child") writes a line into the file, and computes for ever. With "fault" it is a thread, and it
 * makes a fault. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static void *compute(void *path)
{
    int fd = open(path, O_WRONLY);

    usleep(1000); /* until all is at rest */
    if (fd < 0 || write(fd, "computes\n", 9) != 9)
        _exit(2);
    for (;;)
        ;
    return NULL;
}

static void *fault(void *unused)
{
    (void)unused;
    usleep(1000);
    *(volatile int *)1 = 0;
    return NULL;
}

int main(int argc, char **argv)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    pthread_t thread;
    char letter;
    int fd = argc > 2 ? open(argv[2], O_RDWR) : -1;

    if (fd < 0 || fcntl(fd, F_SETLK, &whole) < 0)
        return 2;
    if (strcmp(argv[1], "fault") == 0)
        pthread_create(&thread, NULL, fault, NULL);
    else if (strcmp(argv[1], "thread") == 0)
        pthread_create(&thread, NULL, compute, argv[2]);
    else if (fork() == 0) {
        setsid();
        compute(argv[2]);
    }
    while (read(0, &letter, 1) > 0)
        ;
    return 0;
}
