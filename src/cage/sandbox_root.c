/* The root folder of a sandbox, built from nothing:
 *
 *   /            1 MiB in memory, read-only once it is built
 *   /usr         the machine's, read-only; /bin, /lib and so on as the machine has them
 *   /etc         what a C library and run-times read, and a passwd of one line
 *   /dev         null, zero, full, urandom, random; /dev/shm in memory
 *   /proc        of this sandbox's processes alone, where there is a PID namespace
 *   /tmp         in memory, counted
 *   the folders of the spec under their own names, read-only or not
 *   out_dir      in memory; we are handed a descriptor of it, by which the files are read when
 *                everything inside is dead. The folder itself ends with the last descriptor: what a
 *                program has built there is never walked or removed by name.
 *
 * Built in /tmp of the new mount namespace, with the old root at /old, so that everything can be
 * bound from there, and then let go. All of it happens between fork and exec: no allocation. */
#include "sandbox_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { QUIET = MS_NOSUID | MS_NODEV, OLD_LEN = 4 };

static const char old_root[] = "/old";

/* Makes the folders above path, and path itself as a folder unless leaf is false. */
static bool make_folders(const char *path, bool leaf)
{
    char text[SANDBOX_PATH_MAX];
    char *at;

    if (path[0] != '/' || strlen(path) >= sizeof(text)) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(text, path, strlen(path) + 1);
    for (at = strchr(text + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(text, 0755) < 0 && errno != EEXIST)
            return false;
        *at = '/';
    }
    return !leaf || mkdir(text, 0755) == 0 || errno == EEXIST;
}

static bool make_file(const char *path, const char *content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    size_t len = strlen(content);
    bool fine = fd >= 0 && write(fd, content, len) == (ssize_t)len;

    if (fd >= 0)
        close(fd);
    return fine;
}

static bool set_flags(const char *path, uint64_t flags)
{
    struct mount_attr attr = {.attr_set = flags};

    return syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attr, sizeof(attr)) == 0;
}

/* The same file or folder of the old root, under the same name. Missing ones are left out. */
static bool bind(const char *path, bool writable)
{
    char from[SANDBOX_PATH_MAX + OLD_LEN];
    struct stat there;

    if (snprintf(from, sizeof(from), "%s%s", old_root, path) >= (int)sizeof(from)) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (stat(from, &there) < 0)
        return errno == ENOENT || errno == ENOTDIR;
    if (!make_folders(path, S_ISDIR(there.st_mode)) ||
        (!S_ISDIR(there.st_mode) && access(path, F_OK) < 0 && !make_file(path, "")))
        return false;
    if (PLANT_SANDBOX == PLANT_WRITABLE_ROOT)
        writable = true;
    return mount(from, path, NULL, MS_BIND | MS_REC, NULL) == 0 &&
           set_flags(path,
                     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (writable ? 0 : MOUNT_ATTR_RDONLY));
}

/* /bin and its like: links into /usr on most machines, folders on some. */
static bool copy_top(const char *path)
{
    char from[64];
    char target[SANDBOX_PATH_MAX];
    ssize_t len;

    snprintf(from, sizeof(from), "%s%s", old_root, path);
    len = readlink(from, target, sizeof(target) - 1);
    if (len < 0)
        return bind(path, false);
    target[len] = '\0';
    return symlink(target, path) == 0;
}

/* Java's configuration stands in /etc/java-17-openjdk or another number. opendir() would allocate.
 */
static bool bind_java(void)
{
    char path[300];
    char space[4096] __attribute__((aligned(8)));
    int fd = open("/old/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool fine = true;
    long len;

    while (fd >= 0 && fine && (len = syscall(SYS_getdents64, fd, space, sizeof(space))) > 0) {
        long at = 0;

        while (at < len) {
            unsigned short size;
            const char *name = space + at + 19; /* behind inode, offset, length and type */

            memcpy(&size, space + at + 16, sizeof(size));
            at += size;
            if (strncmp(name, "java-", 5) != 0 || strlen(name) > 200)
                continue;
            snprintf(path, sizeof(path), "/etc/%.200s", name);
            fine = fine && bind(path, false);
        }
    }
    if (fd >= 0)
        close(fd);
    return fine;
}

static bool make_etc(void)
{
    static const char *const shared[] = {
        "/etc/ld.so.cache", "/etc/ld.so.conf",      "/etc/ld.so.conf.d", "/etc/alternatives",
        "/etc/localtime",   "/etc/ssl/openssl.cnf", "/etc/ssl/certs",    "/etc/mime.types",
        "/etc/python3",     "/etc/python3.11",
    };
    size_t i;

    if (!make_folders("/etc", true))
        return false;
    for (i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        if (!bind(shared[i], false))
            return false;
    return bind_java() && make_file("/etc/passwd", "learner:x:1000:1000::/tmp:/bin/sh\n") &&
           make_file("/etc/group", "learner:x:1000:\n") &&
           make_file("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n") &&
           make_file("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
}

static bool make_memory(const struct sandbox_plan *p, const char *path, unsigned long flags)
{
    const struct sandbox_limits *limits = &p->spec.limits;
    unsigned owner = p->uid != 0 ? (unsigned)p->uid : 1000;
    char options[128];
    long long size = limits->scratch_bytes > 0 ? limits->scratch_bytes : INT64_C(1) << 30;
    long long files = limits->scratch_files > 0 ? limits->scratch_files : 65536;

    snprintf(options, sizeof(options), "size=%lld,nr_inodes=%lld,mode=700,uid=%u,gid=%u", size,
             files, owner, owner);
    return make_folders(path, true) && mount("tmpfs", path, "tmpfs", QUIET | flags, options) == 0;
}

static bool make_dev(const struct sandbox_plan *p)
{
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/urandom",
                                          "/dev/random"};
    char from[64];
    size_t i;

    if (!make_folders("/dev", true))
        return false;
    for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        snprintf(from, sizeof(from), "%s%s", old_root, devices[i]);
        if (!make_file(devices[i], "") || mount(from, devices[i], NULL, MS_BIND, NULL) < 0)
            return false;
    }
    return symlink("/proc/self/fd", "/dev/fd") == 0 &&
           symlink("/proc/self/fd/0", "/dev/stdin") == 0 &&
           symlink("/proc/self/fd/1", "/dev/stdout") == 0 &&
           symlink("/proc/self/fd/2", "/dev/stderr") == 0 && make_memory(p, "/dev/shm", MS_NOEXEC);
}

static bool make_proc(void)
{
    return mkdir("/proc", 0755) == 0 &&
           mount("proc", "/proc", "proc", QUIET | MS_NOEXEC, "subset=pid,hidepid=invisible") == 0;
}

static bool bind_all(const char *const *paths, bool writable)
{
    for (; paths != NULL && *paths != NULL; paths++)
        if (!bind(*paths, writable))
            return false;
    return true;
}

static bool make_out(const struct sandbox_plan *p, int *ret_out_fd)
{
    if (p->out_dir == NULL)
        return true;
    if (!make_memory(p, p->out_dir, 0))
        return false;
    *ret_out_fd = open(p->out_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_out_fd >= 0;
}

static bool fill(const struct sandbox_plan *p, int *ret_out_fd)
{
    static const char *const tops[] = {"/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32"};
    bool run = p->spec.profile == SANDBOX_RUN;
    size_t i;

    if (!bind("/usr", false))
        return false;
    for (i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
        if (!copy_top(tops[i]))
            return false;
    return make_etc() && make_dev(p) && make_proc() &&
           make_memory(p, "/tmp", run ? MS_NOEXEC : 0) && bind_all(p->spec.readable, false) &&
           make_out(p, ret_out_fd) && bind_all(p->spec.writable, true) &&
           (p->data_dir == NULL || bind(p->data_dir, true));
}

bool sandbox_root(const struct sandbox_plan *p, int *ret_out_fd)
{
    static const char base[] = "/tmp";

    umask(022);
    if (PLANT_SANDBOX == PLANT_NO_PRIVATE_ROOT)
        return true;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", base, "tmpfs", QUIET, "size=1m,mode=755") < 0 || chdir(base) < 0 ||
        mkdir("old", 0700) < 0 || syscall(SYS_pivot_root, ".", "old") < 0 || chdir("/") < 0)
        return false;
    if (!fill(p, ret_out_fd))
        return false;
    return umount2(old_root, MNT_DETACH) == 0 && rmdir(old_root) == 0 &&
           (PLANT_SANDBOX == PLANT_WRITABLE_ROOT ||
            mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | QUIET, NULL) == 0);
}
