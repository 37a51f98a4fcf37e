#include "workspace.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "language.h"
#include "track.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATE_MAX = 4096, FILE_MAX = 4 << 20, NAME_SIZE = 256 };

static void path_of(const char *dir, const char *name, struct buf *out)
{
    buf_reset(out);
    buf_addf(out, "%s/%s", dir, name);
}

/* ---- making one ---- */

/* Calls one for each file that the language puts into the folder: where it comes from, and where it
 * goes to below the folder. */
struct copying {
    const struct language *language;
    const struct languages *languages;
    const char *dir;
    int (*one)(const char *from, const char *to, struct err *err);
};

static int each_of(const struct copying *c, const char *list, const char *from_below,
                   const char *to_below, struct err *err)
{
    char name[NAME_SIZE];
    struct buf from = {0};
    struct buf to = {0};
    int status = 0;

    while (status == 0 && language_word(&list, name, sizeof(name))) {
        buf_reset(&from);
        buf_reset(&to);
        buf_addf(&from, "%s/%s%s/%s", c->languages->kits, c->language->name, from_below, name);
        buf_addf(&to, "%s%s/%s", c->dir, to_below, name);
        status = c->one(from.data, to.data, err);
    }
    buf_release(&from);
    buf_release(&to);
    return status;
}

static int each_file(const struct copying *c, struct err *err)
{
    int status = each_of(c, c->language->starter, "/starter", "", err);

    return status < 0 ? status : each_of(c, c->language->library, "", "/kit", err);
}

static int must_be_absent(const char *from, const char *to, struct err *err)
{
    (void)from;
    if (access(to, F_OK) == 0)
        return err_set(err, ERR_INPUT, "%s is there already; take another folder", to);
    return 0;
}

static int copy_file(const char *from, const char *to, struct err *err)
{
    struct buf content = {0};
    struct stat st;
    int status = file_read(from, FILE_MAX, &content, err);

    if (status == 0)
        status = file_write(to, buf_str(&content), err);
    if (status == 0 && stat(from, &st) == 0 && (st.st_mode & 0100) != 0)
        chmod(to, 0755);
    buf_release(&content);
    return status;
}

/* What a failed start has made goes again, or the next one would find the folder begun. */
static int remove_file(const char *from, const char *to, struct err *err)
{
    (void)from, (void)err;
    unlink(to);
    return 0;
}

static void undo(const struct copying *made)
{
    static const char *const ours[] = {".eddy", ".eddy.new", "README.md"};
    struct copying c = *made;
    struct buf path = {0};
    struct err ignored;
    size_t i;

    c.one = remove_file;
    each_file(&c, &ignored);
    for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        path_of(c.dir, ours[i], &path);
        unlink(path.data);
    }
    path_of(c.dir, "kit", &path);
    rmdir(path.data); /* if nothing else is in it; likewise the folder itself */
    rmdir(c.dir);
    buf_release(&path);
}

static int write_state(const struct workspace *w, struct err *err)
{
    struct buf path = {0};
    struct buf fresh = {0};
    struct buf text = {0};
    int status;

    path_of(w->dir, ".eddy", &path);
    path_of(w->dir, ".eddy.new", &fresh);
    buf_addf(&text,
             "# eddy keeps here what this folder is for; the files beside it are yours.\n"
             "track: %s\nlanguage: %s\ntask: %u\n",
             w->track, w->language, w->task);
    status = file_write(fresh.data, buf_str(&text), err);
    if (status == 0 && rename(fresh.data, path.data) < 0)
        status = err_set_errno(err, ERR_MACHINE, "cannot write %s", path.data);
    buf_release(&path);
    buf_release(&fresh);
    buf_release(&text);
    return status;
}

static int write_readme(const char *dir, const struct track *t, const struct language *l,
                        struct err *err)
{
    struct buf path = {0};
    struct buf text = {0};
    const struct task *first = &t->tasks[0];
    int status;

    buf_addf(&text, "# %s: %s\n\n", t->slug, t->title);
    if (t->summary[0] != '\0')
        buf_addf(&text, "%s\n\n", t->summary);
    buf_addf(
        &text,
        "This folder has your program, in %s: `%s` is the file to begin with, `kit/` is a small "
        "library that you may read,\nchange or throw away; `kit/README.md` says what it can do. "
        "Task %u is **%s**.\n\n"
        "| type | to |\n| --- | --- |\n"
        "| `eddy learn task` | read what to build |\n"
        "| `eddy learn check` | build it and have it judged |\n"
        "| `eddy learn watch` | the same again at every save |\n"
        "| `eddy learn hint` | get one hint more |\n"
        "| `eddy learn status` | see where you stand |\n"
        "| `eddy learn solution` | see a solution, in C |\n",
        l->title, l->main, first->number, first->title);
    path_of(dir, "README.md", &path);
    status = file_write(path.data, buf_str(&text), err);
    buf_release(&path);
    buf_release(&text);
    return status;
}

static int fill(const struct copying *c, const struct track *t, struct err *err)
{
    struct workspace w = {
        .dir = (char *)c->dir,
        .track = t->slug,
        .language = c->language->name,
        .task = t->tasks[0].number,
    };
    struct buf path = {0};
    int status;

    path_of(c->dir, "kit", &path);
    status = file_mkdirs(path.data, err);
    if (status == 0)
        status = each_file(c, err);
    if (status == 0)
        status = write_readme(c->dir, t, c->language, err);
    if (status == 0)
        status = write_state(&w, err);
    buf_release(&path);
    return status;
}

int workspace_make(const char *dir, const struct track *track, const struct language *language,
                   const struct languages *languages, struct err *err)
{
    struct copying c = {language, languages, dir, must_be_absent};
    struct buf path = {0};
    int status;

    if (dir[0] == '\0')
        return err_set(err, ERR_INPUT, "the folder needs a name");
    path_of(dir, ".eddy", &path);
    status = access(path.data, F_OK) == 0
                 ? err_set(err, ERR_INPUT,
                           "%s is there already: the folder has been begun; cd into it and go on, "
                           "or take another folder",
                           path.data)
                 : each_file(&c, err);
    path_of(dir, "README.md", &path);
    if (status == 0)
        status = must_be_absent(NULL, path.data, err);
    c.one = copy_file;
    if (status == 0) {
        status = fill(&c, track, err);
        if (status < 0)
            undo(&c);
    }
    buf_release(&path);
    return status;
}

/* ---- reading it ---- */

/* The value of "key: value", or NULL; the caller's. */
static char *value_of(const char *text, const char *key)
{
    size_t len = strlen(key);
    const char *at;

    for (at = text; at != NULL && *at != '\0'; at = strchr(at, '\n'), at += at != NULL)
        if (strncmp(at, key, len) == 0 && strncmp(at + len, ": ", 2) == 0)
            return mem_strndup(at + len + 2, strcspn(at + len + 2, "\r\n"));
    return NULL;
}

static int read_state(const char *path, struct workspace *w, struct err *err)
{
    struct buf text = {0};
    char *task = NULL;
    int64_t number = 0;
    int status = file_read(path, STATE_MAX, &text, err);

    if (status == ERR_FULL)
        status = 0; /* what is so long is not ours */
    if (status == 0 && text.data != NULL) {
        w->track = value_of(text.data, "track");
        w->language = value_of(text.data, "language");
        task = value_of(text.data, "task");
    }
    if (status == 0 && (w->track == NULL || w->language == NULL || task == NULL ||
                        !str_to_i64(str_of(task), &number) || number < 1 || number > 99))
        status = err_set(err, ERR_INPUT,
                         "%s does not say track, language and task; `eddy learn start` in another "
                         "folder makes a good one",
                         path);
    w->task = (uint32_t)number;
    mem_free(task);
    buf_release(&text);
    return status;
}

int workspace_open(const char *from, struct workspace *ret_workspace, struct err *err)
{
    struct workspace w = {0};
    char dir[PATH_MAX];
    struct buf path = {0};
    int status = ERR_INPUT;

    if (realpath(from, dir) == NULL)
        return strcmp(from, ".") == 0
                   ? err_set(err, ERR_INPUT, "the current folder is gone; cd to another")
                   : err_set_errno(err, ERR_INPUT, "%s", from);
    for (;;) {
        char *slash = strrchr(dir, '/');
        path_of(dir[0] != '\0' ? dir : "", ".eddy", &path);
        if (access(path.data, F_OK) == 0) {
            w.dir = mem_strdup(dir[0] != '\0' ? dir : "/");
            status = read_state(path.data, &w, err);
            break;
        }
        if (slash == NULL) {
            err_set(err, ERR_INPUT,
                    "this is no folder of the course; `eddy learn start TRACK` makes one, then cd "
                    "into it");
            break;
        }
        *slash = '\0';
    }
    buf_release(&path);
    if (status < 0)
        workspace_release(&w);
    else
        *ret_workspace = w;
    return status;
}

void workspace_release(struct workspace *w)
{
    mem_free(w->dir);
    mem_free(w->track);
    mem_free(w->language);
    *w = (struct workspace){0};
}

int workspace_set_task(struct workspace *w, uint32_t task, struct err *err)
{
    w->task = task;
    return write_state(w, err);
}

void workspace_program(const struct workspace *w, struct buf *out)
{
    buf_addf(out, "%s/node", w->dir);
}
