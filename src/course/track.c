#include "track.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "page.h"
#include "track_part.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NUMBER_MAX = 99, PLANNED_MAX = 64 << 10, PLANNED_FIELDS = 6, PLANNED_FIELDS_MIN = 5 };

/* ---- where the course lies ---- */

static bool has_course(const char *home)
{
    struct buf path = {0};
    struct stat st;
    bool found;

    buf_addf(&path, "%s/course", home);
    found = stat(path.data, &st) == 0 && S_ISDIR(st.st_mode);
    buf_release(&path);
    return found;
}

/* Takes home if a course lies there. */
static bool try_home(const char *home, struct buf *ret_home)
{
    char real[PATH_MAX];

    if (!has_course(home) || realpath(home, real) == NULL)
        return false;
    buf_reset(ret_home);
    buf_add_text(ret_home, real);
    return true;
}

/* build/eddy, build/asan/eddy, PREFIX/bin/eddy. */
static bool try_beside_program(struct buf *ret_home)
{
    static const char *const places[] = {"..", "../..", "../share/eddy"};
    char self[PATH_MAX];
    struct buf path = {0};
    bool found = false;
    size_t i;
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (len <= 0)
        return false;
    self[len] = '\0';
    *strrchr(self, '/') = '\0';
    for (i = 0; i < sizeof(places) / sizeof(places[0]) && !found; i++) {
        buf_reset(&path);
        buf_addf(&path, "%s/%s", self, places[i]);
        found = try_home(path.data, ret_home);
    }
    buf_release(&path);
    return found;
}

bool track_is_capstone(const struct track *t)
{
    return strcmp(t->category, "Capstones") == 0;
}

int course_home(struct buf *ret_home, struct err *err)
{
    const char *given = getenv("EDDY_HOME");

    if (given != NULL && given[0] != '\0') {
        if (try_home(given, ret_home))
            return 0;
        return err_set(err, ERR_INPUT, "EDDY_HOME is %s, and there is no folder course in it",
                       given);
    }
    if (try_beside_program(ret_home) || try_home(".", ret_home))
        return 0;
    return err_set(err, ERR_INPUT,
                   "no folder course was found beside this program or here; set EDDY_HOME to the "
                   "folder that has it");
}

/* ---- reading ---- */

/* "03-echo" or "03-echo.md": the number and where the slug begins, or 0. */
static uint32_t name_number(const char *name, const char **ret_slug)
{
    if (!isdigit((unsigned char)name[0]) || !isdigit((unsigned char)name[1]) || name[2] != '-' ||
        name[3] == '\0')
        return 0;
    *ret_slug = name + 3;
    return (uint32_t)(name[0] - '0') * 10 + (uint32_t)(name[1] - '0');
}

static char *join(const char *dir, const char *name, const char *end)
{
    struct buf path = {0};

    buf_addf(&path, "%s/%s%s", dir, name, end);
    return buf_take(&path);
}

static char *field_or(const struct page *p, const char *name, const char *other)
{
    const struct page_field *f = p != NULL ? page_field(p, name) : NULL;

    return mem_strdup(f != NULL ? f->value : other);
}

static void add_task(struct track *t, const char *file)
{
    const char *slug = NULL;
    uint32_t number = name_number(file, &slug);
    char *name = mem_strndup(file, strlen(file) - 3);
    struct page *page = NULL;
    struct err ignored; /* a page that cannot be read has no title */
    const struct page_field *level;
    struct task *task;

    t->tasks = mem_grow(t->tasks, &t->task_cap, t->task_count + 1, sizeof(*t->tasks));
    task = &t->tasks[t->task_count++];
    *task = (struct task){
        .number = number,
        .name = name,
        .slug = mem_strdup(name + 3),
        .page = join(t->dir, name, ".md"),
        .scenario = join(t->dir, name, ".lua"),
    };
    page_read(task->page, &page, &ignored);
    task->title = field_or(page, "title", task->slug);
    level = page != NULL ? page_field(page, "level") : NULL;
    if (level != NULL && level->value[0] >= '1' && level->value[0] <= '5')
        task->level = (uint32_t)(level->value[0] - '0');
    page_free(page);
}

static int by_task_number(const void *a, const void *b)
{
    const struct task *x = a, *y = b;

    return x->number != y->number ? (x->number < y->number ? -1 : 1) : strcmp(x->name, y->name);
}

static void read_tasks(struct track *t)
{
    DIR *dir = opendir(t->dir);
    const struct dirent *entry;
    const char *slug;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len > 6 && strcmp(entry->d_name + len - 3, ".md") == 0 &&
            name_number(entry->d_name, &slug) > 0)
            add_task(t, entry->d_name);
    }
    if (dir != NULL)
        closedir(dir);
    if (t->task_count > 0)
        qsort(t->tasks, t->task_count, sizeof(*t->tasks), by_task_number);
}

static struct track *add_track(struct course *c, uint32_t number, const char *name)
{
    struct track *t;

    c->tracks = mem_grow(c->tracks, &c->track_cap, c->track_count + 1, sizeof(*c->tracks));
    t = &c->tracks[c->track_count++];
    *t = (struct track){.number = number, .name = mem_strdup(name), .slug = mem_strdup(name + 3)};
    return t;
}

/* A folder without a track.md is a track in the making; planned.txt may know what it is called. */
static void read_track(struct course *c, const char *course_dir, const char *name)
{
    const char *slug;
    char *dir = join(course_dir, name, "");
    char *path = join(dir, "track", ".md");
    uint32_t number = name_number(name, &slug);
    struct page *page = NULL;
    struct err ignored;
    struct stat st;

    if (number > 0 && stat(dir, &st) == 0 && S_ISDIR(st.st_mode)) {
        struct track *t = add_track(c, number, name);
        page_read(path, &page, &ignored);
        t->title = field_or(page, "title", "");
        t->summary = field_or(page, "summary", "");
        t->category = field_or(page, "category", "");
        t->planned_needs = mem_strdup("");
        t->dir = dir;
        dir = NULL;
        read_tasks(t);
        if (page != NULL)
            track_parts_read(t, page);
    }
    page_free(page);
    mem_free(path);
    mem_free(dir);
}

static int read_tracks(struct course *c, const char *dir_path, struct err *err)
{
    DIR *dir = opendir(dir_path);
    const struct dirent *entry;

    if (dir == NULL)
        return err_set_errno(err, ERR_INPUT, "cannot read the folder %s", dir_path);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            read_track(c, dir_path, entry->d_name);
    closedir(dir);
    return 0;
}

/* ---- tracks that are only planned ---- */

static struct str trim(struct str s)
{
    while (s.len > 0 && isspace((unsigned char)s.data[0])) {
        s.data++;
        s.len--;
    }
    while (s.len > 0 && isspace((unsigned char)s.data[s.len - 1]))
        s.len--;
    return s;
}

static uint32_t split(struct str line, struct str *fields)
{
    uint32_t count = 0;

    for (;;) {
        const char *bar = memchr(line.data, '|', line.len);
        size_t len = bar != NULL ? (size_t)(bar - line.data) : line.len;
        if (count < PLANNED_FIELDS)
            fields[count] = trim((struct str){line.data, len});
        count++;
        if (bar == NULL)
            return count;
        line.data += len + 1;
        line.len -= len + 1;
    }
}

static struct track *track_by_number(struct course *c, uint32_t number)
{
    uint32_t i;

    for (i = 0; i < c->track_count; i++)
        if (c->tracks[i].number == number)
            return &c->tracks[i];
    return NULL;
}

/* What the track's own page does not say. */
static void fill_in(char **text, struct str planned)
{
    if ((*text)[0] != '\0')
        return;
    mem_free(*text);
    *text = mem_strndup(planned.data, planned.len);
}

/* "05 | counter | Adding up without agreeing | Consensus | 18 | messenger gossiper"; nobody has to
 * say what a track builds on. */
static int read_planned_line(struct course *c, struct str line, uint32_t number, struct err *err)
{
    struct str f[PLANNED_FIELDS] = {{NULL, 0}};
    int64_t track, tasks;
    struct track *t;
    uint32_t count;

    line = trim(line);
    if (line.len == 0 || line.data[0] == '#')
        return 0;
    count = split(line, f);
    if (count < PLANNED_FIELDS_MIN || count > PLANNED_FIELDS || !str_to_i64(f[0], &track) ||
        track < 1 || track > NUMBER_MAX || f[1].len == 0 || !str_to_i64(f[4], &tasks) || tasks < 1)
        return err_set(err, ERR_INPUT,
                       "line %u: expected \"NUMBER | slug | title | category | number of tasks\", "
                       "and perhaps \"| slugs of what it builds on\"",
                       number);
    t = track_by_number(c, (uint32_t)track);
    if (t == NULL) {
        struct buf name = {0};
        buf_addf(&name, "%02d-%.*s", (int)track, STR_ARG(f[1]));
        t = add_track(c, (uint32_t)track, name.data);
        t->title = mem_strdup("");
        t->summary = mem_strdup("");
        t->category = mem_strdup("");
        t->planned_needs = mem_strdup("");
        buf_release(&name);
    }
    fill_in(&t->title, f[2]);
    fill_in(&t->category, f[3]);
    if (count == PLANNED_FIELDS)
        fill_in(&t->planned_needs, f[5]);
    t->planned_count = (uint32_t)tasks;
    return 0;
}

static int read_planned(struct course *c, const char *path, struct err *err)
{
    struct buf text = {0};
    const char *at, *end;
    uint32_t number = 0;
    int status = 0;

    if (access(path, F_OK) < 0)
        return 0; /* a course of one's own needs none */
    status = file_read(path, PLANNED_MAX, &text, err);
    for (at = text.data; status == 0 && at < text.data + text.len; at = end + 1) {
        end = memchr(at, '\n', (size_t)(text.data + text.len - at));
        if (end == NULL)
            end = text.data + text.len;
        status = read_planned_line(c, (struct str){at, (size_t)(end - at)}, ++number, err);
        if (status < 0)
            err_wrap(err, "%s", path);
    }
    buf_release(&text);
    return status;
}

static int by_track_number(const void *a, const void *b)
{
    const struct track *x = a, *y = b;

    return x->number != y->number ? (x->number < y->number ? -1 : 1) : strcmp(x->name, y->name);
}

int course_open(const char *home, struct course **ret_course, struct err *err)
{
    struct course *c = mem_zalloc(sizeof(*c));
    char *dir = join(home, "course", "");
    char *planned = join(dir, "planned.txt", "");
    int status;

    c->home = mem_strdup(home);
    status = read_tracks(c, dir, err);
    if (status == 0)
        status = read_planned(c, planned, err);
    if (c->track_count > 0)
        qsort(c->tracks, c->track_count, sizeof(*c->tracks), by_track_number);
    mem_free(dir);
    mem_free(planned);
    if (status < 0)
        course_close(c);
    else
        *ret_course = c;
    return status;
}

static void track_release(struct track *t)
{
    uint32_t i;

    for (i = 0; i < t->task_count; i++) {
        struct task *task = &t->tasks[i];
        mem_free(task->name);
        mem_free(task->slug);
        mem_free(task->title);
        mem_free(task->page);
        mem_free(task->scenario);
    }
    for (i = 0; i < t->part_count; i++)
        mem_free(t->parts[i].title);
    mem_free(t->parts);
    mem_free(t->tasks);
    mem_free(t->name);
    mem_free(t->slug);
    mem_free(t->title);
    mem_free(t->summary);
    mem_free(t->category);
    mem_free(t->planned_needs);
    mem_free(t->dir);
}

void course_close(struct course *c)
{
    uint32_t i;

    if (c == NULL)
        return;
    for (i = 0; i < c->track_count; i++)
        track_release(&c->tracks[i]);
    mem_free(c->tracks);
    mem_free(c->home);
    mem_free(c);
}

/* ---- finding by name ---- */

enum { NO_MATCH, BEGINS, EXACT };

static int match(const char *wanted, uint32_t number, const char *name, const char *slug)
{
    int64_t n;

    if (wanted[0] == '\0')
        return NO_MATCH;
    if (str_to_i64(str_of(wanted), &n))
        return n == (int64_t)number ? EXACT : NO_MATCH;
    if (strcmp(wanted, name) == 0 || strcmp(wanted, slug) == 0)
        return EXACT;
    return strncmp(wanted, slug, strlen(wanted)) == 0 ? BEGINS : NO_MATCH;
}

/* What a walk over candidates finds: the exact one, else the only one that begins so. */
struct finding {
    int64_t exact, begins;
    uint32_t begin_count;
    struct buf names;
};

static void consider(struct finding *f, const char *wanted, uint32_t index, uint32_t number,
                     const char *name)
{
    int how = match(wanted, number, name, name + 3);

    if (how == EXACT)
        f->exact = index;
    if (how == BEGINS && f->begin_count++ == 0) {
        f->begins = index;
        buf_reset(&f->names); /* from here on only those that may be meant */
    }
    if (how == BEGINS || f->begin_count == 0)
        buf_addf(&f->names, "%s%s", f->names.len > 0 ? ", " : "", name);
}

/* The index found, or ERR_INPUT. */
static int64_t conclude(struct finding *f, const char *kind, const char *wanted, struct err *err)
{
    int64_t found = f->exact >= 0 ? f->exact : f->begin_count == 1 ? f->begins : -1;

    if (found < 0 && f->begin_count > 1)
        err_set(err, ERR_INPUT, "\"%s\" may be %s", wanted, f->names.data);
    else if (found < 0)
        err_set(err, ERR_INPUT, "there is no %s \"%s\"; there are: %s", kind, wanted,
                f->names.len > 0 ? f->names.data : "none");
    buf_release(&f->names);
    return found >= 0 ? found : ERR_INPUT;
}

int course_find_track(const struct course *c, const char *name, const struct track **ret_track,
                      struct err *err)
{
    struct finding f = {.exact = -1, .begins = -1};
    int64_t found;
    uint32_t i;

    for (i = 0; i < c->track_count; i++)
        consider(&f, name, i, c->tracks[i].number, c->tracks[i].name);
    found = conclude(&f, "track", name, err);
    if (found < 0)
        return ERR_INPUT;
    *ret_track = &c->tracks[found];
    return 0;
}

int track_find_task(const struct track *t, const char *name, const struct task **ret_task,
                    struct err *err)
{
    struct finding f = {.exact = -1, .begins = -1};
    int64_t found;
    uint32_t i;

    for (i = 0; i < t->task_count; i++)
        consider(&f, name, i, t->tasks[i].number, t->tasks[i].name);
    found = conclude(&f, "task", name, err);
    if (found < 0) {
        err_wrap(err, "track %s", t->slug);
        return ERR_INPUT;
    }
    *ret_task = &t->tasks[found];
    return 0;
}

const struct task *track_task_from(const struct track *t, uint32_t number)
{
    uint32_t i;

    for (i = 0; i < t->task_count; i++)
        if (t->tasks[i].number >= number)
            return &t->tasks[i];
    return NULL;
}

uint32_t track_last_number(const struct track *t)
{
    return t->task_count == 0 ? 0 : t->tasks[t->task_count - 1].number;
}

const struct task *track_task(const struct track *t, uint32_t number)
{
    uint32_t i;

    for (i = 0; i < t->task_count; i++)
        if (t->tasks[i].number == number)
            return &t->tasks[i];
    return NULL;
}
