/* hostile.h - what every hostile node has in common: it is an honest node that answers echo, until it
 * is asked to attack. n0 attacks, its neighbours stay honest. What came of it goes to stderr, one line
 * for each thing tried: "hostile: refused: ..." or "hostile: through: ...". */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void attack(void); /* each program has its own; may return: then the node goes on as if nothing was */

void through(const char *what);
void refused(const char *what);
/* One attempt: through if it is true. */
#define TRY(got) tried((got), #got)
void tried(bool got, const char *what);

/* Files of 1 MiB in the node's data folder; one attempt, to have 3000 of them. */
void fill_data(void);

#endif
