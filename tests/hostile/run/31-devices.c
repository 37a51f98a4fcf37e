#include "hostile.h"

#include <sys/sysmacros.h>

void attack(void)
{
    TRY(mknod("/tmp/disk", S_IFBLK | 0600, makedev(254, 0)) == 0);
    TRY(mknod("/tmp/memory", S_IFCHR | 0600, makedev(1, 1)) == 0);
    TRY(open("/dev/vda", O_RDONLY) >= 0);
    TRY(open("/dev/mem", O_RDONLY) >= 0);
    TRY(open("/dev/kvm", O_RDONLY) >= 0);
}
