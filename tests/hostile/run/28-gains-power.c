#include "hostile.h"

#include <grp.h>

void attack(void)
{
    struct timespec moment = {.tv_nsec = 1000000};
    pid_t child;
    int status = 0;

    TRY(setuid(0) == 0 && geteuid() == 0);
    TRY(setresuid(0, 0, 0) == 0);
    TRY(setgroups(0, NULL) == 0);
    TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0) == 0);
    TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1);
    TRY(chmod("/tmp", 06777) == 0);
    child = fork();
    if (child == 0 && close(STDIN_FILENO) == 0) /* a password is not to be read from our pipe */
        exit(execl("/usr/bin/su", "su", "-c", "true", "root", NULL));
    nanosleep(&moment, NULL);
    if (waitpid(child, &status, WNOHANG) == 0) { /* it thinks about its refusal for some seconds */
        status = 1;
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    TRY(status == 0);
}
