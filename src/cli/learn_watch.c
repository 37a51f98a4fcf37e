/* eddy learn watch: a check at every save.
 *
 * inotify tells of each folder below the learner's, but for hidden ones and those that builds and
 * reports make. What counts is a source file of the language that was written, moved in or taken
 * away; so editors' temporary files, and the program that a build makes, set off nothing. After the
 * first such event we wait until there was none for a short while: saving all files of an editor is
 * one save. What comes during a check waits in the kernel and sets off the next. */
#include "learn.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../cage/cage.h"
#include "../course/language.h"
#include "../course/track.h"
#include "../run/pool.h"
#include "commands.h"
#include "learn_judge.h"
#include "terminal.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { QUIET_MS = 150, DEPTH_MAX = 16, EVENTS_SIZE = 64 << 10 };

struct watch {
    int fd;
    const char *extension;
};

static bool is_left_out(const char *name)
{
    static const char *const names[] = {"node.d", "eddy-report", "node_modules", "__pycache__"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return name[0] == '.';
}

static bool is_source(const struct watch *w, const char *name)
{
    const char *dot = strrchr(name, '.');

    return name[0] != '.' && dot != NULL && strcmp(dot + 1, w->extension) == 0;
}

/* Watches a folder and those in it; a folder that goes away meanwhile is no matter. */
static int add_folder(const struct watch *w, const char *path, int depth, struct err *err)
{
    DIR *dir;
    const struct dirent *entry;
    int status = 0;

    if (inotify_add_watch(w->fd, path,
                          IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE) < 0)
        return errno == ENOENT
                   ? 0
                   : err_set_errno(err, ERR_MACHINE, "cannot watch the folder %s", path);
    dir = opendir(path);
    while (dir != NULL && status == 0 && depth < DEPTH_MAX && (entry = readdir(dir)) != NULL) {
        struct buf below = {0};
        struct stat st;
        buf_addf(&below, "%s/%s", path, entry->d_name);
        if (!is_left_out(entry->d_name) && lstat(below.data, &st) == 0 && S_ISDIR(st.st_mode))
            status = add_folder(w, below.data, depth + 1, err);
        buf_release(&below);
    }
    if (dir != NULL)
        closedir(dir);
    return status;
}

/* Reads what there is: whether a source changed, or a folder came. */
static bool read_events(const struct watch *w, bool *ret_folder)
{
    static char events[EVENTS_SIZE] __attribute__((aligned(8)));
    ssize_t len = read(w->fd, events, sizeof(events));
    bool changed = false;
    ssize_t at = 0;

    while (at < len) {
        const struct inotify_event *e = (const struct inotify_event *)(const void *)(events + at);
        bool folder = (e->mask & IN_ISDIR) != 0;
        if (folder && (e->mask & (IN_CREATE | IN_MOVED_TO)) != 0 && !is_left_out(e->name))
            *ret_folder = changed = true;
        else if (!folder && e->len > 0 && (e->mask & IN_CREATE) == 0 && is_source(w, e->name))
            changed = true;
        changed |= (e->mask & IN_Q_OVERFLOW) != 0;
        at += (ssize_t)(sizeof(*e) + e->len);
    }
    return changed;
}

/* Until something was saved and all is quiet; false: Ctrl-C. */
static bool wait_for_save(const struct watch *w, const char *dir)
{
    struct pollfd polled = {.fd = w->fd, .events = POLLIN};
    bool changed = false, folder = false;
    struct err ignored;

    while (!cage_stop_asked()) {
        int n = poll(&polled, 1, changed ? QUIET_MS : -1);
        if (n == 0)
            break;
        if (n > 0)
            changed |= read_events(w, &folder);
        if (folder)
            add_folder(w, dir, 0, &ignored);
        folder = false;
    }
    return !cage_stop_asked();
}

static int check_once(struct learn *l, struct err *err)
{
    struct judge_request r = {.jobs = pool_processors()};
    enum judge_verdict verdict = JUDGE_NOT_BUILT;
    char *text = NULL;
    bool built = false;
    int lock = -1;
    int status;

    terminal_print(stdout, STYLE_STRONG, "%u %s: %s\n", l->task->number, l->task->slug,
                   l->task->title);
    status = judge_lock(l, &lock, err);
    if (status == 0)
        status = judge_build(l, &r, &built, &text, err);
    mem_free(text);
    if (status == 0 && !built)
        status = judge_not_built(l, l->task, err);
    else if (status == 0)
        status = judge_task(l, &r, l->task, &verdict, NULL, err);
    if (status == 0 && verdict == JUDGE_PASSED) {
        status = judge_move_on(l, err);
        if (status == 0 && l->task != NULL)
            printf("Next: task %u, %s: %s. Read it with: eddy learn task\n", l->task->number,
                   l->task->slug, l->task->title);
    }
    judge_unlock(lock);
    fflush(stdout);
    return status;
}

static int watch(struct learn *l, struct watch *w, struct err *err)
{
    int status = add_folder(w, l->workspace.dir, 0, err);

    while (status == 0 && l->task != NULL) {
        status = check_once(l, err);
        if (status < 0 || l->task == NULL)
            break;
        terminal_print(stdout, STYLE_FAINT, "watching; Ctrl-C ends\n\n");
        fflush(stdout);
        if (!wait_for_save(w, l->workspace.dir))
            return EXIT_VALID;
    }
    if (status == 0)
        printf("All tasks of %s are passed: well done.\n", l->track->slug);
    return status == ERR_STOPPED ? EXIT_VALID : status;
}

int learn_watch(char *const *argv, struct err *err)
{
    struct watch w = {.fd = inotify_init1(IN_CLOEXEC)};
    struct learn l = {0};
    int status;

    if (argv[0] != NULL)
        status = err_set(err, ERR_INPUT, "it takes no words, and there is \"%s\"", argv[0]);
    else if (w.fd < 0)
        status = err_set_errno(err, ERR_MACHINE, "files cannot be watched here");
    else
        status = learn_open_folder(&l, err);
    if (status == 0) {
        w.extension = l.language->extension;
        status = watch(&l, &w, err);
    }
    if (w.fd >= 0)
        close(w.fd);
    learn_release(&l);
    return status;
}
