/* A link in a page names a file beside it, as authors and editors see the course: 06-call.md,
 * ../06-elector/track.md#concepts, ../../docs/protocol.md. Here it becomes the address of that
 * page. What leads to no page of this server (a source file, a picture) gets no address; then
 * the words stand there without a link, since a link to nothing is worse than none. */
#include "site.h"

#include "../accounts/person.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "../course/language.h"
#include "../course/page.h"
#include "../course/progress.h"
#include "../course/track.h"
#include "../store/store.h"
#include "html.h"
#include "markdown.h"
#include "needs.h"
#include "search.h"
#include "statics.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* ---- opening ---- */

static int read_track(const struct track *t, struct site_track *into, struct err *err)
{
    struct buf path = {0};
    uint32_t i;
    int status;

    into->track = t;
    if (t->dir == NULL)
        return 0;
    buf_addf(&path, "%s/track.md", t->dir);
    status = page_read(path.data, &into->page, err);
    into->tasks = mem_zalloc((t->task_count + 1) * sizeof(struct page *));
    for (i = 0; status == 0 && i < t->task_count; i++)
        status = page_read(t->tasks[i].page, &into->tasks[i], err);
    buf_release(&path);
    return status;
}

static const char *doc_title(const struct page *p, const char *name)
{
    uint32_t i;

    for (i = 0; i < p->part_count; i++)
        if (p->parts[i].level == 1)
            return p->parts[i].title;
    return name;
}

static int add_doc(struct site *s, const char *path, struct str name, struct err *err)
{
    struct page *page = NULL;
    struct site_doc *doc;
    int status = page_read(path, &page, err);

    if (status < 0)
        return status;
    s->docs = mem_grow(s->docs, &s->doc_cap, s->doc_count + 1, sizeof(*s->docs));
    doc = &s->docs[s->doc_count++];
    doc->name = mem_strndup(name.data, name.len);
    doc->title = mem_strdup(doc_title(page, doc->name));
    doc->page = page;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const struct site_doc *x = a, *y = b;

    return strcmp(x->name, y->name);
}

/* Without a folder docs/ there is no manual, and that is fine. */
static int read_docs(struct site *s, const char *home, struct err *err)
{
    const struct dirent *entry;
    struct buf path = {0};
    int status = 0;
    DIR *dir;

    buf_addf(&path, "%s/docs", home);
    dir = opendir(path.data);
    while (status == 0 && dir != NULL && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len <= 3 || entry->d_name[0] == '.' || strcmp(entry->d_name + len - 3, ".md") != 0)
            continue;
        buf_reset(&path);
        buf_addf(&path, "%s/docs/%s", home, entry->d_name);
        status = add_doc(s, path.data, (struct str){entry->d_name, len - 3}, err);
    }
    if (dir != NULL)
        closedir(dir);
    if (s->doc_count > 0)
        qsort(s->docs, s->doc_count, sizeof(*s->docs), by_name);
    buf_release(&path);
    return status;
}

int site_open(const char *home, struct store *store, struct site **ret_site, struct err *err)
{
    struct site *s = mem_zalloc(sizeof(*s));
    uint32_t i;
    int status = course_open(home, &s->course, err);

    s->store = store;
    if (status == 0)
        status = languages_open(home, &s->languages, err);
    if (status == 0)
        s->tracks = mem_zalloc((s->course->track_count + 1) * sizeof(*s->tracks));
    for (i = 0; status == 0 && i < s->course->track_count; i++)
        status = read_track(&s->course->tracks[i], &s->tracks[i], err);
    if (status == 0)
        status = read_docs(s, home, err);
    if (status < 0) {
        site_close(s);
        return status;
    }
    needs_read(s);
    s->search = search_new(s);
    s->statics = statics_new();
    *ret_site = s;
    return 0;
}

static void release_track(struct site_track *t)
{
    uint32_t i;

    for (i = 0; t->tasks != NULL && i < t->track->task_count; i++)
        page_free(t->tasks[i]);
    mem_free(t->tasks);
    mem_free(t->needs);
    page_free(t->page);
}

void site_close(struct site *s)
{
    uint32_t i;

    if (s == NULL)
        return;
    search_free(s->search);
    statics_free(s->statics);
    for (i = 0; s->tracks != NULL && i < s->course->track_count; i++)
        release_track(&s->tracks[i]);
    for (i = 0; i < s->doc_count; i++) {
        mem_free(s->docs[i].name);
        mem_free(s->docs[i].title);
        page_free(s->docs[i].page);
    }
    mem_free(s->docs);
    mem_free(s->tracks);
    languages_close(s->languages);
    course_close(s->course);
    mem_free(s);
}

/* ---- finding ---- */

const struct site_track *site_track(const struct site *s, struct str slug)
{
    uint32_t i;

    for (i = 0; i < s->course->track_count; i++)
        if (str_is(slug, s->course->tracks[i].slug))
            return &s->tracks[i];
    return NULL;
}

const struct task *site_task(const struct site_track *t, struct str slug,
                             const struct page **ret_page)
{
    uint32_t i;

    for (i = 0; i < t->track->task_count; i++)
        if (str_is(slug, t->track->tasks[i].slug)) {
            *ret_page = t->tasks[i];
            return &t->track->tasks[i];
        }
    return NULL;
}

const struct site_doc *site_doc(const struct site *s, struct str name)
{
    uint32_t i;

    for (i = 0; i < s->doc_count; i++)
        if (str_is(name, s->docs[i].name))
            return &s->docs[i];
    return NULL;
}

/* ---- links ---- */

struct linking {
    const struct site *site;
    const struct track *track;
};

static bool starts(struct str text, const char *with)
{
    size_t len = strlen(with);

    return text.len >= len && memcmp(text.data, with, len) == 0;
}

static struct str behind(struct str text, size_t len)
{
    return (struct str){text.data + len, text.len - len};
}

/* Cuts text at the first c: what stands before it comes back, text keeps c and the rest. */
static struct str cut(struct str *text, char c)
{
    const char *at = memchr(text->data, c, text->len);
    struct str before = *text;

    if (at != NULL)
        before.len = (size_t)(at - text->data);
    *text = behind(*text, before.len);
    return before;
}

/* The track of a folder such as "06-elector". */
static const struct track *folder_track(const struct site *s, struct str folder)
{
    uint32_t i;

    for (i = 0; i < s->course->track_count; i++)
        if (s->course->tracks[i].dir != NULL && str_is(folder, s->course->tracks[i].name))
            return &s->course->tracks[i];
    return NULL;
}

/* name: of a page in the track's folder, without ".md". */
static bool add_track_page(const struct track *t, struct str name, struct buf *url)
{
    uint32_t i;

    if (str_is(name, "track")) {
        buf_addf(url, "/tracks/%s", t->slug);
        return true;
    }
    for (i = 0; i < t->task_count; i++)
        if (str_is(name, t->tasks[i].name)) {
            buf_addf(url, "/tracks/%s/%s", t->slug, t->tasks[i].slug);
            return true;
        }
    return false;
}

static bool add_file(const struct linking *l, struct str path, struct buf *url)
{
    const struct track *track = l->track;
    bool doc = track == NULL;

    if (path.len < 3 || memcmp(path.data + path.len - 3, ".md", 3) != 0)
        return false;
    path.len -= 3;
    if (track != NULL && starts(path, "../../docs/")) {
        path = behind(path, 11);
        doc = true;
    } else if (track == NULL ? starts(path, "../course/") : starts(path, "../")) {
        struct str folder;
        path = behind(path, track == NULL ? 10 : 3);
        folder = cut(&path, '/');
        track = folder_track(l->site, folder);
        if (track == NULL || path.len == 0)
            return false;
        path = behind(path, 1);
        doc = false;
    }
    if (!doc)
        return add_track_page(track, path, url);
    if (site_doc(l->site, path) == NULL)
        return false;
    buf_addf(url, "/docs/%.*s", STR_ARG(path));
    return true;
}

static void follow(void *owner, struct str target, struct buf *ret_url)
{
    struct str rest = target, path;

    if (starts(target, "https://") || starts(target, "http://")) {
        buf_add_str(ret_url, target);
        return;
    }
    path = cut(&rest, '#');
    if (path.len == 0 || add_file(owner, path, ret_url))
        buf_add_str(ret_url, rest);
}

void site_markdown(const struct site *s, const struct track *track, struct str markdown,
                   bool without_tables, struct buf *out)
{
    struct linking linking = {s, track};
    struct markdown m = {.owner = &linking, .link = follow, .without_tables = without_tables};

    markdown_html(&m, markdown, out);
}

/* ---- progress ---- */

struct site_progress {
    struct map *begun, *passed; /* "track/task" */
};

static void note(void *owner, const char *track, const char *task, bool passed)
{
    struct site_progress *p = owner;
    struct buf key = {0};

    buf_addf(&key, "%s/%s", track, task);
    map_put(passed ? p->passed : p->begun, buf_str(&key), NULL);
    buf_release(&key);
}

int site_progress(const struct site *s, const struct person *who,
                  struct site_progress **ret_progress, struct err *err)
{
    struct site_progress *p = mem_alloc(sizeof(*p));
    int status = 0;

    *p = (struct site_progress){map_new(), map_new()};
    if (s->store != NULL && who != NULL)
        status = progress_tasks(s->store, who->id, note, p, err);
    if (status < 0) {
        site_progress_free(p);
        return status;
    }
    *ret_progress = p;
    return 0;
}

void site_progress_free(struct site_progress *p)
{
    if (p == NULL)
        return;
    map_free(p->begun);
    map_free(p->passed);
    mem_free(p);
}

static bool noted(const struct map *m, const char *track, const char *task)
{
    struct buf key = {0};
    bool found;

    buf_addf(&key, "%s/%s", track, task);
    found = map_find(m, buf_str(&key)) != MAP_NONE;
    buf_release(&key);
    return found;
}

bool site_progress_passed(const struct site_progress *p, const char *track, const char *task)
{
    return noted(p->passed, track, task);
}

bool site_progress_begun(const struct site_progress *p, const char *track, const char *task)
{
    return noted(p->begun, track, task) || noted(p->passed, track, task);
}
