/* Memory and tasks of all processes of a sandbox together. Version 2 has one tree, version 1 one
 * for each controller; we use whichever holds "memory" and "pids".
 *
 *     our own cgroup / eddy-PID / SLOT      memory and tasks of one sandbox
 *
 * Always below the cgroup that we are in: what an operator gave to us bounds all sandboxes
 * together, and nobody else's cgroups are touched. In version 2 a cgroup that has children with
 * limits may not hold processes itself; then ours moves into a leaf "eddy-main" first, which works
 * if we are alone in it (a service of systemd with Delegate=yes).
 *
 * Memory includes files in /tmp, shared memory and the kernel's buffers of pipes and sockets. The
 * limit with swap is the same, so nothing moves to swap. Peak and kills are read when all is over;
 * of version 1 `oom_kill` is read and not `failcnt`, which also counts what was merely reclaimed.
 */
#include "sandbox_parts.h"

#include "../base/err.h"
#include "../base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MEMORY, PIDS, KINDS, NAME_SIZE = 512, REMOVE_ROUNDS = 2000 };

static const char *const kind_name[] = {"memory", "pids"};
static const char leaf_name[] = "eddy-main";
static const char ours_form[] = "eddy-%d";

/* Where our sandboxes go; found once. */
static struct {
    bool known;
    bool works;
    bool v2;
    char folder[KINDS][NAME_SIZE]; /* our own cgroup in each tree; version 2: twice the same */
    char why[NAME_SIZE];
} base;

struct sandbox_cgroup {
    char folder[KINDS][NAME_SIZE + 64];
    int fd[KINDS]; /* cgroup.procs; version 2: of the first alone */
};

static bool read_text(const char *folder, const char *file, char *into, size_t size)
{
    char path[NAME_SIZE + 128];
    ssize_t len;
    int fd;

    snprintf(path, sizeof(path), "%s%s%s", folder, file[0] != '\0' ? "/" : "", file);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, into, size - 1);
    close(fd);
    into[len > 0 ? len : 0] = '\0';
    return len >= 0;
}

static bool write_text(const char *folder, const char *file, const char *text)
{
    char path[NAME_SIZE + 128];
    bool fine;
    int fd;

    snprintf(path, sizeof(path), "%s/%s", folder, file);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    fine = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return fine;
}

static bool write_number(const char *folder, const char *file, int64_t number)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", (long long)number);
    return write_text(folder, file, text);
}

/* The number behind a word in a file of lines "word number"; 0 if there is none. */
static int64_t number_of(const char *folder, const char *file, const char *word)
{
    char text[4096];
    const char *at;

    if (!read_text(folder, file, text, sizeof(text)))
        return 0;
    if (word == NULL)
        return strtoll(text, NULL, 10);
    for (at = text; (at = strstr(at, word)) != NULL; at++)
        if ((at == text || at[-1] == '\n') && at[strlen(word)] == ' ')
            return strtoll(at + strlen(word), NULL, 10);
    return 0;
}

/* ---- where we are ---- */

static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    const char *at;

    for (at = text; (at = strstr(at, word)) != NULL; at++)
        if ((at == text || strchr(", \n", at[-1]) != NULL) && strchr(", \n", at[len]) != NULL)
            return true;
    return false;
}

/* The line of /proc/self/cgroup: "4:memory:/a/b", or "0::/a/b" for version 2. */
static bool own_path(const char *controller, char into[NAME_SIZE])
{
    char text[8192];
    char *line;
    char *rest = NULL;

    if (!read_text("/proc/self/cgroup", "", text, sizeof(text)))
        return false;
    for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *names = strchr(line, ':');
        char *path = names != NULL ? strchr(names + 1, ':') : NULL;

        if (path == NULL)
            continue;
        *path++ = '\0';
        names++;
        if (controller[0] == '\0' ? names[0] == '\0' : has_word(names, controller)) {
            snprintf(into, NAME_SIZE, "%s", path);
            return true;
        }
    }
    return false;
}

/* The folder at which the hierarchy is mounted, from /proc/self/mounts. */
static bool mounted_at(const char *type, const char *option, char into[NAME_SIZE])
{
    char line[2048];
    FILE *mounts = fopen("/proc/self/mounts", "re");
    bool found = false;

    while (mounts != NULL && !found && fgets(line, sizeof(line), mounts) != NULL) {
        char at[NAME_SIZE], kind[64], options[1024];

        if (sscanf(line, "%*s %511s %63s %1023s", at, kind, options) == 3 &&
            strcmp(kind, type) == 0 && (option == NULL || has_word(options, option))) {
            snprintf(into, NAME_SIZE, "%s", at);
            found = true;
        }
    }
    if (mounts != NULL)
        fclose(mounts);
    return found;
}

static bool own_folder(const char *type, const char *controller, char into[NAME_SIZE])
{
    char at[NAME_SIZE], path[NAME_SIZE];

    if (!mounted_at(type, controller[0] != '\0' ? controller : NULL, at) ||
        !own_path(controller, path) || strlen(at) + strlen(path) >= NAME_SIZE - 64)
        return false;
    snprintf(into, NAME_SIZE, "%.300s%.200s", at, strcmp(path, "/") == 0 ? "" : path);
    return access(into, F_OK) == 0;
}

/* Version 2: children may have limits only if this is written, and only where no process is. */
static bool delegate(char folder[NAME_SIZE])
{
    static const char wanted[] = "+memory +pids";
    char leaf[NAME_SIZE + 32];
    size_t len = strlen(folder);
    char text[4096];

    if (len > sizeof(leaf_name) && strcmp(folder + len - strlen(leaf_name), leaf_name) == 0)
        folder[len - sizeof(leaf_name)] = '\0'; /* a process of ours came before us */
    if (!read_text(folder, "cgroup.controllers", text, sizeof(text)) || !has_word(text, "memory") ||
        !has_word(text, "pids"))
        return false;
    if (read_text(folder, "cgroup.subtree_control", text, sizeof(text)) &&
        has_word(text, "memory") && has_word(text, "pids"))
        return true;
    if (write_text(folder, "cgroup.subtree_control", wanted))
        return true;
    snprintf(leaf, sizeof(leaf), "%s/%s", folder, leaf_name);
    return (mkdir(leaf, 0755) == 0 || errno == EEXIST) && write_text(leaf, "cgroup.procs", "0") &&
           write_text(folder, "cgroup.subtree_control", wanted);
}

static bool may_make(const char *folder)
{
    char path[NAME_SIZE + 64];
    bool made;

    snprintf(path, sizeof(path), "%s/eddy-try-%d", folder, (int)getpid());
    made = mkdir(path, 0755) == 0;
    if (made)
        rmdir(path);
    return made;
}

static void find_base(void)
{
    base.known = true;
    if (own_folder("cgroup", kind_name[MEMORY], base.folder[MEMORY]) &&
        own_folder("cgroup", kind_name[PIDS], base.folder[PIDS])) {
        base.works = may_make(base.folder[MEMORY]) && may_make(base.folder[PIDS]);
        snprintf(base.why, sizeof(base.why), "%s",
                 "cgroups (version 1) of memory and pids are there, but this user may not make any "
                 "below its own; run as root");
        return;
    }
    base.v2 = true;
    if (!own_folder("cgroup2", "", base.folder[MEMORY])) {
        snprintf(base.why, sizeof(base.why), "%s",
                 "no cgroups are mounted that count memory and tasks; in a container mount "
                 "/sys/fs/cgroup writable");
        return;
    }
    base.works = delegate(base.folder[MEMORY]) && may_make(base.folder[MEMORY]);
    memcpy(base.folder[PIDS], base.folder[MEMORY], NAME_SIZE);
    snprintf(base.why, sizeof(base.why), "%s",
             "the cgroup that eddy runs in is not handed over to it; run it as a service with "
             "Delegate=yes, or as: systemd-run --user --scope -p Delegate=yes eddy ...");
}

bool sandbox_cgroup_works(const char **ret_why)
{
    if (!base.known)
        find_base();
    *ret_why = base.why;
    return base.works;
}

/* ---- one sandbox ---- */

/* Memory before memory with swap: the second may not be below the first. */
static bool set_memory(const char *folder, int64_t bytes)
{
    if (bytes <= 0 || PLANT_SANDBOX == PLANT_MEMORY_UNLIMITED)
        return true;
    if (base.v2) {
        write_text(folder, "memory.oom.group", "1");
        write_text(folder, "memory.swap.max", "0"); /* absent where there is no swap */
        return write_number(folder, "memory.max", bytes);
    }
    if (!write_number(folder, "memory.limit_in_bytes", bytes))
        return false;
    write_number(folder, "memory.memsw.limit_in_bytes", bytes); /* absent without swap accounting */
    return true;
}

static bool set_tasks(const char *folder, int64_t count)
{
    return count <= 0 || PLANT_SANDBOX == PLANT_TASKS_UNLIMITED ||
           write_number(folder, "pids.max", count);
}

static bool make_one(struct sandbox_cgroup *g, int kind, unsigned slot)
{
    char parent[NAME_SIZE + 32];
    char path[NAME_SIZE + 128];

    snprintf(parent, sizeof(parent), "%s/eddy-%d", base.folder[kind], (int)getpid());
    snprintf(g->folder[kind], sizeof(g->folder[kind]), "%.540s/%u", parent, slot);
    if (mkdir(parent, 0755) < 0 && errno != EEXIST)
        return false;
    if (base.v2)
        write_text(parent, "cgroup.subtree_control", "+memory +pids");
    if (mkdir(g->folder[kind], 0755) < 0 && errno != EEXIST)
        return false;
    snprintf(path, sizeof(path), "%s/cgroup.procs", g->folder[kind]);
    g->fd[kind] = open(path, O_WRONLY | O_CLOEXEC);
    return g->fd[kind] >= 0;
}

int sandbox_cgroup_new(const struct sandbox_limits *limits, unsigned slot,
                       struct sandbox_cgroup **ret_cgroup, struct err *err)
{
    struct sandbox_cgroup *g = mem_zalloc(sizeof(*g));
    const char *why;
    int status = 0;

    g->fd[MEMORY] = g->fd[PIDS] = -1;
    if (!sandbox_cgroup_works(&why))
        status = err_set(err, ERR_MACHINE, "the sandbox has no cgroup: %s", why);
    else if (!make_one(g, MEMORY, slot) || (!base.v2 && !make_one(g, PIDS, slot)) ||
             !set_memory(g->folder[MEMORY], limits->memory_bytes) ||
             !set_tasks(g->folder[base.v2 ? MEMORY : PIDS], limits->task_count))
        status = err_set_errno(err, ERR_MACHINE, "the sandbox cannot make the cgroup %s",
                               g->folder[PIDS][0] != '\0' ? g->folder[PIDS] : g->folder[MEMORY]);
    if (status < 0)
        sandbox_cgroup_free(g);
    else
        *ret_cgroup = g;
    return status;
}

int sandbox_cgroup_add(struct sandbox_cgroup *g, pid_t pid, struct err *err)
{
    char text[32];
    int len = snprintf(text, sizeof(text), "%d", (int)pid);
    int kind;

    for (kind = 0; kind < KINDS; kind++)
        if (g->fd[kind] >= 0 && write(g->fd[kind], text, (size_t)len) != len)
            return err_set_errno(err, ERR_MACHINE, "the sandbox cannot join the cgroup %s",
                                 g->folder[kind]);
    return 0;
}

void sandbox_cgroup_fds(const struct sandbox_cgroup *g, int fd[3])
{
    fd[0] = g->fd[MEMORY];
    fd[1] = g->fd[PIDS];
    fd[2] = -1;
}

void sandbox_cgroup_use(const struct sandbox_cgroup *g, struct sandbox_cgroup_use *ret_use)
{
    const char *memory = g->folder[MEMORY];
    const char *pids = g->folder[base.v2 ? MEMORY : PIDS];

    if (base.v2) {
        ret_use->memory_peak_bytes = number_of(memory, "memory.peak", NULL);
        ret_use->oom_kills = number_of(memory, "memory.events", "oom_kill");
    } else {
        ret_use->memory_peak_bytes = number_of(memory, "memory.max_usage_in_bytes", NULL);
        ret_use->oom_kills = number_of(memory, "memory.oom_control", "oom_kill");
    }
    ret_use->tasks_refused = number_of(pids, "pids.events", "max");
}

/* A process that is dead leaves its cgroup a moment later than wait(2) says so. */
static void remove_folder(const char *folder)
{
    static const struct timespec moment = {.tv_nsec = 200000};
    int round;

    for (round = 0; round < REMOVE_ROUNDS && rmdir(folder) < 0 && errno == EBUSY; round++)
        nanosleep(&moment, NULL);
}

void sandbox_cgroup_free(struct sandbox_cgroup *g)
{
    int kind;

    if (g == NULL)
        return;
    for (kind = 0; kind < KINDS; kind++) {
        if (g->fd[kind] >= 0)
            close(g->fd[kind]);
        if (g->folder[kind][0] != '\0' && PLANT_SANDBOX != PLANT_LEAVES_CGROUPS)
            remove_folder(g->folder[kind]);
        if (g->folder[kind][0] != '\0') {
            *strrchr(g->folder[kind], '/') = '\0';
            rmdir(g->folder[kind]); /* fails while there are others */
        }
    }
    mem_free(g);
}

/* ---- what is left of dead processes ---- */

/* Kills what is in it, then removes it. */
static void clear_one(const char *folder)
{
    char text[4096];
    char *at;
    long pid;
    int round;

    for (round = 0; round < 100 && rmdir(folder) < 0 && errno == EBUSY; round++) {
        static const struct timespec moment = {.tv_nsec = 1000000};

        if (!write_text(folder, "cgroup.kill", "1") &&
            read_text(folder, "cgroup.procs", text, sizeof(text)))
            for (at = text; (pid = strtol(at, &at, 10)) > 0;)
                kill((pid_t)pid, SIGKILL);
        nanosleep(&moment, NULL);
    }
}

static void clear_below(const char *folder)
{
    char path[NAME_SIZE + 512];
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (entry->d_type == DT_DIR && entry->d_name[0] >= '0' && entry->d_name[0] <= '9') {
            snprintf(path, sizeof(path), "%.600s/%.255s", folder, entry->d_name);
            clear_one(path);
        }
    if (dir != NULL)
        closedir(dir);
    clear_one(folder);
}

void sandbox_cgroup_sweep(pid_t ended)
{
    const char *why;
    int kind;

    if (!sandbox_cgroup_works(&why) || PLANT_SANDBOX == PLANT_LEAVES_CGROUPS)
        return;
    for (kind = 0; kind < (base.v2 ? 1 : KINDS); kind++) {
        char path[NAME_SIZE + 512];
        DIR *dir = opendir(base.folder[kind]);
        struct dirent *entry;

        while (dir != NULL && (entry = readdir(dir)) != NULL) {
            int pid;

            if (sscanf(entry->d_name, ours_form, &pid) != 1 || pid <= 0)
                continue;
            if (pid != ended && (kill(pid, 0) == 0 || errno != ESRCH))
                continue;
            snprintf(path, sizeof(path), "%.500s/%.255s", base.folder[kind], entry->d_name);
            clear_below(path);
        }
        if (dir != NULL)
            closedir(dir);
    }
}
