#include "hostile.h"

extern char **environ;

void attack(void)
{
    int i, foreign = 0;

    TRY(getenv("DATABASE_URL") != NULL);
    for (i = 0; environ[i] != NULL; i++)
        foreign += strncmp(environ[i], "PATH=", 5) != 0 && strncmp(environ[i], "HOME=", 5) != 0 &&
                   strncmp(environ[i], "TMPDIR=", 7) != 0 && strncmp(environ[i], "LANG=", 5) != 0 &&
                   strncmp(environ[i], "USER=", 5) != 0 && strncmp(environ[i], "EDDY_", 5) != 0 &&
                   strncmp(environ[i], "OPENSSL_", 8) != 0 && strncmp(environ[i], "GODEBUG", 7) != 0 &&
                   strncmp(environ[i], "GLIBC", 5) != 0;
    TRY(foreign > 0);
}
