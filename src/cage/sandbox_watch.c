/* The kernel keeps some limits by itself (cgroups, rlimits), and then one asks afterwards why the
 * program ended; others somebody must look at from time to time: processor time of several
 * processes together and, where nothing counts it, their memory. Both end in the same words. */
#include "sandbox_parts.h"

#include "tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *sandbox_limit_name(enum sandbox_limit limit)
{
    static const char *const names[] = {
        [SANDBOX_LIMIT_NONE] = "",         [SANDBOX_LIMIT_TIME] = "time",
        [SANDBOX_LIMIT_CPU] = "cpu",       [SANDBOX_LIMIT_MEMORY] = "memory",
        [SANDBOX_LIMIT_OUTPUT] = "output", [SANDBOX_LIMIT_DISK] = "disk",
        [SANDBOX_LIMIT_TASKS] = "tasks",   [SANDBOX_LIMIT_IDLE] = "idle",
    };

    return (unsigned)limit < sizeof(names) / sizeof(names[0]) ? names[limit] : "";
}

/* ---- words ---- */

static const char *size_text(int64_t bytes, char into[DURATION_TEXT_MAX])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB"};
    double size = (double)bytes;
    size_t unit = 0;

    while (size >= 1024 && unit < 3) {
        size /= 1024;
        unit++;
    }
    if (size == (double)(int64_t)size || size >= 100)
        snprintf(into, DURATION_TEXT_MAX, "%.0f %s", size, units[unit]);
    else
        snprintf(into, DURATION_TEXT_MAX, "%.1f %s", size, units[unit]);
    return into;
}

static const char *seconds_text(int64_t ns, char into[DURATION_TEXT_MAX])
{
    snprintf(into, DURATION_TEXT_MAX, ns % 1000000000 == 0 ? "%.0f s" : "%.2f s", (double)ns / 1e9);
    return into;
}

void sandbox_stop_text(const struct sandbox_stop *stop, struct buf *text)
{
    char figure[DURATION_TEXT_MAX], bound[DURATION_TEXT_MAX];
    static const char *const what[] = {
        [SANDBOX_LIMIT_TIME] = "time",
        [SANDBOX_LIMIT_CPU] = "processor time",
        [SANDBOX_LIMIT_MEMORY] = "memory",
        [SANDBOX_LIMIT_OUTPUT] = "output",
        [SANDBOX_LIMIT_DISK] = "file space",
        [SANDBOX_LIMIT_TASKS] = "processes and threads",
        [SANDBOX_LIMIT_IDLE] = "waiting without computing",
    };

    switch (stop->limit) {
    case SANDBOX_LIMIT_NONE:
        return;
    case SANDBOX_LIMIT_TIME:
    case SANDBOX_LIMIT_CPU:
    case SANDBOX_LIMIT_IDLE:
        seconds_text(stop->figure, figure);
        seconds_text(stop->bound, bound);
        break;
    case SANDBOX_LIMIT_MEMORY:
    case SANDBOX_LIMIT_OUTPUT:
    case SANDBOX_LIMIT_DISK:
        size_text(stop->figure, figure);
        size_text(stop->bound, bound);
        break;
    case SANDBOX_LIMIT_TASKS:
        snprintf(figure, sizeof(figure), "%" PRId64, stop->figure);
        snprintf(bound, sizeof(bound), "%" PRId64, stop->bound);
        break;
    }
    buf_addf(text, "%s of %s %s after %.2f s", figure, bound, what[stop->limit],
             (double)stop->after_ns / 1e9);
}

/* ---- looking ---- */

static bool read_proc(pid_t pid, const char *file, char *into, size_t size)
{
    char path[64];
    ssize_t len;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, into, size - 1);
    close(fd);
    into[len > 0 ? len : 0] = '\0';
    return len > 0;
}

/* The times of a process include those of its children that it has waited for, so the sum over a
 * tree and its root holds everything that ever ran in it. */
static void add_process(pid_t pid, struct sandbox_load *load)
{
    char text[1024];
    const char *at;
    unsigned long long user, system;
    long long children_user, children_system;
    long long resident = 0, shared = 0;
    long threads;

    if (!read_proc(pid, "stat", text, sizeof(text)) || (at = strrchr(text, ')')) == NULL ||
        sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld %*d %*d %ld",
               &user, &system, &children_user, &children_system, &threads) != 5)
        return;
    load->cpu_ns += (int64_t)((long long)(user + system) + children_user + children_system) *
                    (1000000000 / sysconf(_SC_CLK_TCK));
    load->task_count += threads;
    if (read_proc(pid, "statm", text, sizeof(text)) &&
        sscanf(text, "%*d %lld %lld", &resident, &shared) == 2 && resident > shared)
        load->memory_bytes += (resident - shared) * sysconf(_SC_PAGESIZE);
}

void sandbox_load(pid_t root, struct sandbox_load *ret_load)
{
    struct tree tree = {0};
    size_t i;

    *ret_load = (struct sandbox_load){0};
    tree_below(&tree, root);
    add_process(root, ret_load);
    for (i = 0; i < tree.len; i++)
        add_process(tree.process[i].pid, ret_load);
    tree_release(&tree);
}

/* Whether a thread of the process computes, or waits for a disk. */
static bool is_awake(pid_t pid)
{
    char path[64], text[1024];
    struct dirent *entry;
    bool awake = false;
    DIR *threads;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    threads = opendir(path);
    while (threads != NULL && !awake && (entry = readdir(threads)) != NULL) {
        const char *at;

        snprintf(path, sizeof(path), "task/%.20s/stat", entry->d_name);
        awake = entry->d_name[0] != '.' && read_proc(pid, path, text, sizeof(text)) &&
                (at = strrchr(text, ')')) != NULL && (at[2] == 'R' || at[2] == 'D');
    }
    if (threads != NULL)
        closedir(threads);
    return awake;
}

bool sandbox_is_asleep(pid_t root)
{
    struct tree tree = {0};
    bool awake = false;
    size_t i;

    tree_below(&tree, root);
    for (i = 0; i < tree.len && !awake; i++)
        awake = is_awake(tree.process[i].pid);
    tree_release(&tree);
    return !awake;
}

bool sandbox_watch(const struct sandbox_spec *spec, const struct sandbox_load *load,
                   struct sandbox_stop *ret_stop)
{
    const struct sandbox_limits *l = &spec->limits;

    if (l->cpu_ns > 0 && load->cpu_ns >= l->cpu_ns && PLANT_SANDBOX != PLANT_NO_CPU_LIMIT) {
        *ret_stop = (struct sandbox_stop){SANDBOX_LIMIT_CPU, load->cpu_ns, l->cpu_ns, 0};
        return true;
    }
    if (spec->level < SANDBOX_A && l->memory_bytes > 0 && load->memory_bytes >= l->memory_bytes &&
        PLANT_SANDBOX != PLANT_MEMORY_UNLIMITED) {
        *ret_stop =
            (struct sandbox_stop){SANDBOX_LIMIT_MEMORY, load->memory_bytes, l->memory_bytes, 0};
        return true;
    }
    return false;
}

/* ---- explaining ---- */

/* Where nothing counts memory, a program that is refused more ends by itself; that it used most of
 * what it might is then the reason named. */
static bool ran_out_of_memory(const struct sandbox_spec *spec, const struct sandbox_end *end)
{
    if (spec->limits.memory_bytes <= 0)
        return false;
    if (end->use != NULL)
        return end->use->oom_kills > 0;
    return end->failed && end->memory_peak_bytes >= spec->limits.memory_bytes / 8 * 7;
}

bool sandbox_explain(const struct sandbox_spec *spec, const struct sandbox_end *end,
                     struct sandbox_stop *ret_stop)
{
    const struct sandbox_limits *l = &spec->limits;

    if (ran_out_of_memory(spec, end))
        *ret_stop = (struct sandbox_stop){SANDBOX_LIMIT_MEMORY,
                                          end->use != NULL ? end->use->memory_peak_bytes
                                                           : end->memory_peak_bytes,
                                          l->memory_bytes, 0};
    else if (end->signal == SIGXCPU && l->cpu_ns > 0)
        *ret_stop = (struct sandbox_stop){SANDBOX_LIMIT_CPU, end->cpu_ns, l->cpu_ns, 0};
    else if (end->signal == SIGXFSZ && l->file_bytes > 0)
        *ret_stop = (struct sandbox_stop){SANDBOX_LIMIT_DISK, l->file_bytes, l->file_bytes, 0};
    else if (end->failed && end->use != NULL && end->use->tasks_refused > 0)
        *ret_stop = (struct sandbox_stop){SANDBOX_LIMIT_TASKS, l->task_count, l->task_count, 0};
    else
        return false;
    return true;
}
