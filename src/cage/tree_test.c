#include "tree.h"

#include "../base/test.h"

#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct tree_process *find(const struct tree *t, pid_t pid)
{
    size_t i;

    for (i = 0; i < t->len; i++)
        if (t->process[i].pid == pid)
            return &t->process[i];
    return NULL;
}

/* A child with a child of its own, which says its pid and stays until the pipe ends. */
_Noreturn static void be_parent(const int pid_pipe[2], const int stay_pipe[2])
{
    pid_t pid;
    char c;

    close(stay_pipe[1]);
    if (fork() == 0) {
        pid = getpid();
        setsid(); /* leaving the session hides nothing */
        (void)!write(pid_pipe[1], &pid, sizeof(pid));
        (void)!read(stay_pipe[0], &c, 1);
        _exit(0);
    }
    wait(NULL);
    _exit(0);
}

TEST(descendants_are_found_and_others_are_not)
{
    struct tree t = {0};
    int pid_pipe[2];
    int stay_pipe[2];
    pid_t child;
    pid_t grandchild = 0;

    CHECK_INT(pipe(pid_pipe), 0);
    CHECK_INT(pipe(stay_pipe), 0);
    child = fork();
    if (child == 0)
        be_parent(pid_pipe, stay_pipe);
    CHECK_INT(read(pid_pipe[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
    tree_below(&t, getpid());
    CHECK_INT(t.len, 2);
    CHECK(find(&t, child) != NULL);
    CHECK_INT(find(&t, child)->parent, getpid());
    CHECK(find(&t, grandchild) != NULL);
    CHECK_INT(find(&t, grandchild)->parent, child);
    tree_below(&t, child);
    CHECK_INT(t.len, 1);
    close(stay_pipe[1]);
    CHECK_INT(waitpid(child, NULL, 0), child);
    tree_below(&t, getpid());
    CHECK_INT(t.len, 0);
    CHECK_INT(tree_state(child), 0);
    tree_release(&t);
    close(stay_pipe[0]);
    close(pid_pipe[0]);
    close(pid_pipe[1]);
}
