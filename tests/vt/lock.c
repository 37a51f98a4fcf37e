/* Takes and gives back a lock on the file that its argument names, so often as the second says.
 * Others hold it, too, so that the call sleeps in the kernel and is woken from outside. Then says
 * "done". */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

int main(int argc, char **argv)
{
    int fd = argc > 2 ? open(argv[1], O_RDWR) : -1;
    long i;

    for (i = fd < 0 ? 0 : strtol(argv[2], NULL, 10); i > 0; i--)
        if (flock(fd, LOCK_EX) < 0 || flock(fd, LOCK_UN) < 0)
            return 1;
    puts(fd < 0 ? "no file" : "done");
    return fd < 0;
}
