/* Landlock: the second wall on levels A and B, the first on C. A process may open below the named
 * folders only, in the named ways, and no other process can be signalled or talked to over a local
 * socket with an abstract name.
 *
 * Debian 12's header describes less than kernels offer, so the structures stand here, as the
 * kernel's documentation has them. What a kernel is too old for is left out of what is asked; the
 * level says at least which ABI it needs (1: files). */
#include "sandbox_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CREATE_RULESET = 444, ADD_RULE, RESTRICT_SELF, ASK_VERSION = 1, PATH_BENEATH = 1 };

struct ruleset_attr {
    uint64_t files;
    uint64_t net;
    uint64_t scoped;
};

struct path_beneath {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    MAKE_CHAR = 1 << 6,
    MAKE_BLOCK = 1 << 11,
    ALL_V1 = (1 << 13) - 1,
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    IOCTL_DEV = 1 << 15,
    NET_TCP = 3,
    SCOPE_ALL = 3,
    READING = EXECUTE | READ_FILE | READ_DIR,
    ABI_REFER = 2,
    ABI_TRUNCATE = 3,
    ABI_NET = 4,
    ABI_IOCTL = 5,
    ABI_SCOPE = 6,
};

int sandbox_landlock_abi(void)
{
    long abi = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);

    return abi < 0 ? 0 : (int)abi;
}

static uint64_t files_of(int abi)
{
    uint64_t files = ALL_V1;

    if (abi >= ABI_REFER)
        files |= REFER;
    if (abi >= ABI_TRUNCATE)
        files |= TRUNCATE;
    if (abi >= ABI_IOCTL)
        files |= IOCTL_DEV;
    return files;
}

/* A path that is not there needs no rule. */
static bool allow(int ruleset, const char *path, uint64_t access, uint64_t known)
{
    struct path_beneath rule = {.allowed = access & known};
    struct stat there;
    bool fine;

    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    if (fstat(rule.parent_fd, &there) == 0 && !S_ISDIR(there.st_mode))
        rule.allowed &= EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;
    fine = syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0) == 0;
    close(rule.parent_fd);
    return fine;
}

static bool allow_all(int ruleset, const char *const *paths, uint64_t access, uint64_t known)
{
    for (; paths != NULL && *paths != NULL; paths++)
        if (!allow(ruleset, *paths, access, known))
            return false;
    return true;
}

/* In a private root everything that is there is meant to be read. */
static bool allow_reading(const struct sandbox_plan *p, int ruleset, uint64_t known)
{
    static const char *const in_common[] = {"/usr",
                                            "/bin",
                                            "/sbin",
                                            "/lib",
                                            "/lib64",
                                            "/lib32",
                                            "/libx32",
                                            "/etc/ld.so.cache",
                                            "/etc/ld.so.conf",
                                            "/etc/ld.so.conf.d",
                                            "/etc/alternatives",
                                            "/etc/localtime",
                                            "/etc/ssl/openssl.cnf",
                                            "/etc/ssl/certs",
                                            "/etc/java-17-openjdk",
                                            "/etc/nsswitch.conf",
                                            "/etc/python3",
                                            "/etc/python3.11",
                                            "/dev/zero",
                                            "/dev/urandom",
                                            "/dev/random",
                                            "/proc/self",
                                            NULL};

    if (p->spec.level >= SANDBOX_B)
        return allow(ruleset, "/", READING, known);
    /* A rule for /proc/self is one for this process alone. Compilers start others, which must find
     * themselves in /proc; so do not the programs that the sandbox is there for. */
    if (p->spec.profile == SANDBOX_COMPILE && !allow(ruleset, "/proc", READING, known))
        return false;
    return allow_all(ruleset, in_common, READING, known) &&
           allow_all(ruleset, p->spec.readable, READING, known);
}

static bool allow_writing(const struct sandbox_plan *p, int ruleset, uint64_t known)
{
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", NULL};
    static const char *const own[] = {"/tmp", "/dev/shm", NULL};
    uint64_t access = known & ~(uint64_t)(MAKE_CHAR | MAKE_BLOCK);

    return allow_all(ruleset, devices, READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV, known) &&
           (p->spec.level < SANDBOX_B || allow_all(ruleset, own, access, known)) &&
           allow_all(ruleset, p->spec.writable, access, known) &&
           (p->out_dir == NULL || allow(ruleset, p->out_dir, access, known)) &&
           (p->data_dir == NULL || allow(ruleset, p->data_dir, access, known));
}

int sandbox_landlock(const struct sandbox_plan *p)
{
    int abi = sandbox_landlock_abi();
    struct ruleset_attr attr = {.files = files_of(abi)};
    size_t size = abi >= ABI_SCOPE ? sizeof(attr) : abi >= ABI_NET ? 16 : 8;
    int ruleset;
    int status;

    if (abi >= ABI_NET && !p->spec.network)
        attr.net = NET_TCP;
    if (abi >= ABI_SCOPE)
        attr.scoped = SCOPE_ALL;
    ruleset = (int)syscall(CREATE_RULESET, &attr, size, 0);
    if (ruleset < 0)
        return -1;
    status = -1;
    if (PLANT_SANDBOX == PLANT_WRITABLE_ROOT || PLANT_SANDBOX == PLANT_NO_PRIVATE_ROOT)
        status = 0; /* the bug is to be seen through this wall as well */
    else if (allow_reading(p, ruleset, attr.files) && allow_writing(p, ruleset, attr.files))
        status = (int)syscall(RESTRICT_SELF, ruleset, 0);
    close(ruleset);
    return status;
}
