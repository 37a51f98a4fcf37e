/* Somebody outside listens at this name without a file. */
#include "hostile.h"

void attack(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "\0eddy-hostile"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    TRY(connect(fd, (struct sockaddr *)&at, sizeof(sa_family_t) + 13) == 0);
}
