/* The kernel can name the children of a thread (/proc/PID/task/TID/children), but only where it
 * was built so, and one has to ask for every thread of every descendant. One pass over /proc
 * reads a line per process and always works; it is needed only when processes left their group,
 * and in a PID namespace /proc holds nothing but the node. */
#include "tree.h"

#include "../base/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void tree_release(struct tree *t)
{
    mem_free(t->process);
    *t = (struct tree){0};
}

static bool read_stat(pid_t pid, struct tree_process *ret)
{
    char path[64];
    char line[512]; /* pid, name of at most 64 bytes, state, parent: within the first 100 */
    const char *after_name;
    ssize_t len;
    int fd;
    int parent;
    char state;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, line, sizeof(line) - 1);
    close(fd);
    if (len <= 0)
        return false;
    line[len] = '\0';
    after_name = strrchr(line, ')'); /* the name itself may hold any character */
    if (after_name == NULL || sscanf(after_name, ") %c %d", &state, &parent) != 2)
        return false;
    *ret = (struct tree_process){pid, parent, state};
    return true;
}

char tree_state(pid_t pid)
{
    struct tree_process p;

    return read_stat(pid, &p) ? p.state : 0;
}

static int by_pid(const void *a, const void *b)
{
    const struct tree_process *x = a;
    const struct tree_process *y = b;

    return (x->pid > y->pid) - (x->pid < y->pid);
}

static const struct tree_process *find(const struct tree *t, pid_t pid)
{
    struct tree_process key = {.pid = pid};

    if (t->len == 0)
        return NULL;
    return bsearch(&key, t->process, t->len, sizeof(key), by_pid);
}

/* steps bounds the walk: pids that were given out anew during the pass could form a ring. */
static bool is_below(const struct tree *t, const struct tree_process *p, pid_t root)
{
    size_t steps;

    for (steps = 0; p != NULL && steps <= t->len; steps++) {
        if (p->parent == root)
            return true;
        p = find(t, p->parent);
    }
    return false;
}

void tree_below(struct tree *t, pid_t root)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    struct tree_process *kept;
    size_t kept_len = 0;
    size_t i;

    t->len = 0;
    if (proc == NULL)
        return;
    while ((entry = readdir(proc)) != NULL) {
        struct tree_process p;
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid <= 0 || !read_stat(pid, &p))
            continue;
        t->process = mem_grow(t->process, &t->cap, t->len + 1, sizeof(p));
        t->process[t->len++] = p;
    }
    closedir(proc);
    if (t->len == 0)
        return;
    qsort(t->process, t->len, sizeof(*t->process), by_pid);
    kept = mem_alloc(t->len * sizeof(*kept));
    for (i = 0; i < t->len; i++)
        if (t->process[i].pid != root && is_below(t, &t->process[i], root))
            kept[kept_len++] = t->process[i];
    memcpy(t->process, kept, kept_len * sizeof(*kept));
    mem_free(kept);
    t->len = kept_len;
}
