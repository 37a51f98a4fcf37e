/* refuse.c - refuse SYSCALL PROGRAM [ARGUMENT...]: the program finds itself on a machine that refuses
 * one system call with EPERM, as containers do. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned number;
} calls[] = {
    {"ptrace", SYS_ptrace},
    {"seccomp", SYS_seccomp},
    {"pidfd_getfd", SYS_pidfd_getfd},
    {"personality", SYS_personality},
};

static int refuse(unsigned number)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
    size_t i;

    for (i = 0; argc > 2 && i < sizeof(calls) / sizeof(calls[0]); i++)
        if (strcmp(argv[1], calls[i].name) == 0 && refuse(calls[i].number) == 0) {
            execvp(argv[2], argv + 2);
            break;
        }
    fprintf(stderr, "refuse: cannot run %s without %s\n", argc > 2 ? argv[2] : "nothing",
            argc > 1 ? argv[1] : "anything");
    return 99;
}
