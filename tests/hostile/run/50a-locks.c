/* A lock on a file that all nodes have would be a message past the network. Two descriptions of one
 * file stand for two nodes. */
#include "hostile.h"

#include <sys/file.h>

void attack(void)
{
    struct flock all = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    int one = open("/usr/bin/env", O_RDONLY), two = open("/usr/bin/env", O_RDONLY);

    TRY(flock(one, LOCK_EX | LOCK_NB) == 0 && flock(two, LOCK_EX | LOCK_NB) < 0);
    fcntl(one, F_OFD_SETLK, &all);
    all.l_type = F_WRLCK;
    TRY(fcntl(two, F_OFD_GETLK, &all) == 0 && all.l_type != F_UNLCK && all.l_type != F_WRLCK);
    TRY(fcntl(one, F_SETLEASE, F_RDLCK) == 0);
}
