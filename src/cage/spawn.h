/* spawn.h - the way of a node's first process from fork to exec.
 *
 * The process waits at the gate, a socket pair: it says that it is there, is told to go on, and
 * either becomes the program (the gate ends) or says why it cannot. Between the first two it can
 * be looked at and, for the virtual clock, be traced. */
#ifndef CAGE_SPAWN_H
#define CAGE_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct keeper_task;

/* In the new process. parent: its keeper. */
_Noreturn void spawn_child(const struct keeper_task *task, pid_t parent);

/* SPAWN_SANDBOX and up: that step of the sandbox (enum sandbox_step). */
enum spawn_step { SPAWN_HERE, SPAWN_TRACE, SPAWN_CHDIR, SPAWN_EXEC, SPAWN_SANDBOX = 100 };

struct spawn_word {
    int32_t step;
    int32_t error; /* errno of a step that failed */
};

/* In the keeper: says at the gate that a step of the sandbox failed, with errno. */
void spawn_sandbox_failed(int gate_fd, int sandbox_step);

/* On our side of the gate. */
int spawn_gate(int ret_fd[2], struct err *err); /* [0] is ours, [1] the process's */
/* Waits until the process is there: its pid, as we see it, or a negative status. */
pid_t spawn_wait(int gate_fd, struct err *err);
void spawn_go(int gate_fd);
/* 1: it became the program. 0: not yet (wait false). Negative: ERR_INPUT and a sentence. */
int spawn_result(int gate_fd, bool wait, const char *path, const char *cwd, struct err *err);

/* The program that name means: itself if it holds a slash, made absolute; else the first
 * executable file of that name in search_path. *ret_path is the caller's (mem_free). */
int spawn_find(const char *name, const char *search_path, char **ret_path, struct err *err);

/* A text without a #! line that may be executed. exec(2) refuses it; execvp(3), every shell and the
 * JVM, hence Maelstrom, have /bin/sh read it, and so does the cage. Programs rely on it: a first
 * line such as `///usr/bin/env jbang "$0" "$@"; exit $?` is a comment to all but the shell. */
bool spawn_needs_shell(const char *path);

#endif
