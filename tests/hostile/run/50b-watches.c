#include "hostile.h"

#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

void attack(void)
{
    TRY(inotify_init() >= 0);
    TRY(semget(4711, 1, IPC_CREAT | 0666) >= 0);
    TRY(msgget(4711, IPC_CREAT | 0666) >= 0);
    TRY(syscall(SYS_mq_open, "x", O_CREAT | O_RDWR, 0666, NULL) >= 0);
}
