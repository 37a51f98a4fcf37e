#include "hostile.h"

#include <sys/ipc.h>
#include <sys/shm.h>

void attack(void)
{
    TRY(shmget(IPC_PRIVATE, 64 << 20, IPC_CREAT | 0600) >= 0);
}
