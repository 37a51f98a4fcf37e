#include "hostile.h"

#include <sys/mount.h>

void attack(void)
{
    TRY(mount("none", "/tmp", "tmpfs", 0, NULL) == 0);
    TRY(umount2("/usr", MNT_DETACH) == 0);
    TRY(syscall(SYS_pivot_root, "/tmp", "/tmp") == 0);
    TRY(chroot("/tmp") == 0);
    TRY(syscall(430, "tmpfs", 0) >= 0);           /* fsopen */
    TRY(syscall(428, AT_FDCWD, "/usr", 1) >= 0);  /* open_tree, a copy */
    TRY(setns(open("/proc/self/ns/mnt", O_RDONLY), 0) == 0);
    TRY(unshare(CLONE_NEWNS) == 0);
}
