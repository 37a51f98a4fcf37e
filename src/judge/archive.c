#include "archive.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../course/language.h"
#include "../course/track.h"
#include "../course/workspace.h"
#include "filename.h"
#include "harvest.h"
#include "plant.h"
#include "submission.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 64 << 10, NAME_MAX_BYTES = 1024 };

static const char state_name[] = ".eddy";

/* ---- reading ---- */

struct taken {
    char *name;
    struct buf data;
};

struct taking {
    struct archive *archive;
    struct taken *list;
    uint32_t count;
    size_t cap;
    uint32_t entries;
    int64_t unpacked;
    struct err *err;
};

static int refuse(struct taking *t, const char *name, const char *why)
{
    struct buf shown = {0};

    filename_show(str_of(name), &shown);
    err_set(t->err, ERR_INPUT, "the archive's entry \"%s\" %s", shown.len > 0 ? shown.data : "",
            why);
    buf_release(&shown);
    return ERR_INPUT;
}

static int broken(struct taking *t)
{
    return err_set(
        t->err, ERR_INPUT,
        "the archive cannot be read: it must be a zip, tar or tar.gz without a password");
}

/* The entry's content, of which into keeps max bytes at most (NULL: nothing). All of it is counted:
 * what is passed over must be unpacked, too. 1: there was more than max. */
static int read_data(struct taking *t, struct buf *into, size_t max)
{
    char *chunk = mem_alloc(CHUNK);
    la_ssize_t n;
    int status = 0;

    while (status >= 0 && (n = archive_read_data(t->archive, chunk, CHUNK)) > 0) {
        t->unpacked += n;
        if (t->unpacked > ARCHIVE_UNPACKED_MAX)
            status = err_set(t->err, ERR_INPUT, "the archive unpacks to more than %d MiB",
                             ARCHIVE_UNPACKED_MAX >> 20);
        else if (into != NULL && into->len + (size_t)n > max)
            status = 1;
        else if (into != NULL)
            buf_add(into, chunk, (size_t)n);
        if (status == 1)
            break;
    }
    if (status == 0 && n < 0)
        status = broken(t);
    mem_free(chunk);
    return status;
}

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);

    return len >= end_len && strcmp(name + len - end_len, end) == 0 &&
           (len == end_len || name[len - end_len - 1] == '/');
}

static bool leads_out(const char *name)
{
    const char *at = name;

    for (; (at = strstr(at, "..")) != NULL; at += 2)
        if ((at == name || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
            return true;
    return name[0] == '/';
}

static int keep(struct taking *t, const char *name)
{
    struct buf data = {0};
    int status = read_data(t, &data, SUBMISSION_FILE_MAX);

    if (status == 1)
        status = refuse(t, name, "is too large: a file may have 256 KiB at most");
    if (status < 0) {
        buf_release(&data);
        return status;
    }
    t->list = mem_grow(t->list, &t->cap, t->count + 1, sizeof(*t->list));
    t->list[t->count++] = (struct taken){mem_strdup(name), data};
    return 0;
}

static int take_entry(struct taking *t, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    bool plain = archive_entry_filetype(entry) == AE_IFREG &&
                 archive_entry_hardlink(entry) == NULL && archive_entry_symlink(entry) == NULL;

    if (name == NULL || strlen(name) > NAME_MAX_BYTES)
        return err_set(t->err, ERR_INPUT, "the archive has an entry whose name cannot be used");
    while (strncmp(name, "./", 2) == 0)
        name += 2;
    if (leads_out(name) && !PLANTED(1))
        return refuse(t, name, "leads out of the folder");
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return 0;
    if (filename_is_debris(str_of(name)) && !(plain && ends_with(name, state_name)))
        return read_data(t, NULL, 0) < 0 ? ERR_INPUT : 0;
    if (!plain && !PLANTED(7))
        return refuse(t, name, "is no regular file but a link or a device");
    if (t->count > SUBMISSION_FILES_MAX)
        return err_set(t->err, ERR_INPUT, "the archive has more than %d files",
                       SUBMISSION_FILES_MAX);
    return keep(t, name);
}

static int take_entries(struct taking *t, struct str bytes)
{
    struct archive_entry *entry;
    int got, status = 0;

    if (archive_read_open_memory(t->archive, bytes.data, bytes.len) != ARCHIVE_OK)
        return broken(t);
    while (status == 0 && (got = archive_read_next_header(t->archive, &entry)) != ARCHIVE_EOF) {
        if (got < ARCHIVE_WARN)
            status = broken(t);
        else if (++t->entries > ARCHIVE_ENTRIES_MAX)
            status = err_set(t->err, ERR_INPUT, "the archive has more than %d entries",
                             ARCHIVE_ENTRIES_MAX);
        else
            status = take_entry(t, entry);
    }
    return status;
}

/* ---- what the files are ---- */

/* How many bytes at the beginning of every name are the folder that holds the program: that of
 * .eddy, else a folder that all files lie in. */
static size_t top_of(const struct taking *t)
{
    size_t len;
    uint32_t i;

    for (i = 0; i < t->count; i++)
        if (ends_with(t->list[i].name, state_name))
            return strlen(t->list[i].name) - strlen(state_name);
    len = t->count > 0 ? strcspn(t->list[0].name, "/") + 1 : 0;
    if (len == 0 || t->list[0].name[len - 1] != '/')
        return 0;
    for (i = 1; i < t->count; i++)
        if (strncmp(t->list[i].name, t->list[0].name, len) != 0)
            return 0;
    return len;
}

/* The value of "key: value" in .eddy goes to *slot, if nothing is there. */
static int take_word(const char *state, const char *key, char **slot, struct err *err)
{
    const char *at = strstr(state, key);
    size_t len = strlen(key);

    while (at != NULL && ((at != state && at[-1] != '\n') || strncmp(at + len, ": ", 2) != 0))
        at = strstr(at + 1, key);
    if (at == NULL || *slot != NULL)
        return 0;
    at += len + 2;
    return submission_word(key, (struct str){at, strcspn(at, "\r\n")}, slot, err);
}

static int take_state(const struct taken *f, struct submission *into, struct err *err)
{
    int status = take_word(f->data.data, "track", &into->track, err);

    if (status == 0)
        status = take_word(f->data.data, "language", &into->language, err);
    return status == 0 ? take_word(f->data.data, "task", &into->task, err) : status;
}

static int add_files(const struct taking *t, struct submission *into, struct err *err)
{
    size_t top = top_of(t);
    uint32_t i;
    int status = 0;

    for (i = 0; i < t->count && status == 0; i++) {
        const struct taken *f = &t->list[i];
        if (strlen(f->name) < top || strncmp(f->name, t->list[0].name, top) != 0)
            status = err_set(err, ERR_INPUT, "the archive has files beside the program's folder");
        else if (strcmp(f->name + top, state_name) == 0 && f->data.len > 0)
            status = memchr(f->data.data, 0, f->data.len) == NULL ? take_state(f, into, err) : 0;
        else if (!ends_with(f->name, state_name))
            status = submission_add(into, str_of(f->name + top), buf_str(&f->data), err);
    }
    if (status == 0 && into->file_count == 0)
        status = err_set(err, ERR_INPUT, "the archive has no files of a program");
    return status < 0 ? ERR_INPUT : 0;
}

int archive_take(struct str bytes, struct submission *into, struct err *err)
{
    struct taking t = {.archive = archive_read_new(), .err = err};
    uint32_t i;
    int status;

    archive_read_support_filter_gzip(t.archive);
    archive_read_support_format_tar(t.archive);
    archive_read_support_format_zip(t.archive);
    status = bytes.len > ARCHIVE_MAX
                 ? err_set(err, ERR_INPUT, "the archive has more than %d MiB", ARCHIVE_MAX >> 20)
                 : take_entries(&t, bytes);
    if (status == 0)
        status = add_files(&t, into, err);
    for (i = 0; i < t.count; i++) {
        mem_free(t.list[i].name);
        buf_release(&t.list[i].data);
    }
    mem_free(t.list);
    archive_read_free(t.archive);
    return status;
}

/* ---- writing ---- */

struct packing {
    struct archive *archive;
    const char *top;
};

static la_ssize_t add_bytes(struct archive *a, void *out, const void *data, size_t len)
{
    (void)a;
    buf_add(out, data, len);
    return (la_ssize_t)len;
}

static int pack_data(const struct packing *p, int fd)
{
    char *chunk = mem_alloc(CHUNK);
    ssize_t n;
    int status = 0;

    while (status == 0 && (n = read(fd, chunk, CHUNK)) > 0)
        if (archive_write_data(p->archive, chunk, (size_t)n) != n)
            status = ERR_MACHINE;
    mem_free(chunk);
    return status == 0 && n < 0 ? ERR_MACHINE : status;
}

static int pack_file(void *owner, const struct harvest_file *f, struct err *err)
{
    const struct packing *p = owner;
    struct archive_entry *entry = archive_entry_new();
    struct buf name = {0};
    int status = 0;

    buf_addf(&name, "%s/%s", p->top, f->name);
    archive_entry_set_pathname(entry, name.data);
    archive_entry_set_size(entry, f->bytes);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, f->executable ? 0755 : 0644);
    archive_entry_set_mtime(entry, time(NULL), 0);
    if (archive_write_header(p->archive, entry) != ARCHIVE_OK || pack_data(p, f->fd) < 0)
        status = err_set(err, ERR_MACHINE, "%s cannot be packed", f->name);
    archive_entry_free(entry);
    buf_release(&name);
    return status;
}

static int pack(const char *dir, const char *top, enum archive_format format, struct buf *out,
                struct err *err)
{
    struct packing p = {archive_write_new(), top};
    int status;

    if (format == ARCHIVE_ZIP) {
        archive_write_set_format_zip(p.archive);
    } else {
        archive_write_add_filter_gzip(p.archive);
        archive_write_set_format_pax_restricted(p.archive);
    }
    archive_write_set_bytes_in_last_block(p.archive, 1);
    status = archive_write_open2(p.archive, out, NULL, add_bytes, NULL, NULL) == ARCHIVE_OK
                 ? harvest(dir, pack_file, &p, err)
                 : err_set(err, ERR_MACHINE, "no archive can be made");
    if (status == 0 && archive_write_close(p.archive) != ARCHIVE_OK)
        status = err_set(err, ERR_MACHINE, "the archive cannot be completed");
    archive_write_free(p.archive);
    return status;
}

/* The learner's files over those of the starter. */
static int put_files(const char *dir, const struct submission *s, struct err *err)
{
    struct buf path = {0};
    uint32_t i;
    int status = 0;

    for (i = 0; i < s->file_count && status == 0; i++) {
        char *slash;
        buf_reset(&path);
        buf_addf(&path, "%s/%s", dir, s->files[i].name);
        slash = strrchr(path.data, '/');
        *slash = '\0';
        status = file_mkdirs(path.data, err);
        *slash = '/';
        if (status == 0)
            status = file_write(path.data, (struct str){s->files[i].data, s->files[i].len}, err);
    }
    buf_release(&path);
    return status;
}

static int make_folder(const struct course *course, const struct languages *languages,
                       const struct submission *s, const char *dir, struct err *err)
{
    const struct language *language = NULL;
    const struct track *track = NULL;
    const struct task *task = NULL;
    struct workspace w = {0};
    int status = course_find_track(course, s->track, &track, err);

    if (status == 0)
        status = track_find_task(track, s->task, &task, err);
    if (status == 0)
        status = languages_find(languages, s->language, &language, err);
    if (status == 0)
        status = workspace_make(dir, track, language, languages, err);
    if (status == 0)
        status = workspace_open(dir, &w, err);
    if (status == 0)
        status = workspace_set_task(&w, task->number, err);
    workspace_release(&w);
    return status == 0 ? put_files(dir, s, err) : status;
}

int archive_make(const struct course *course, const struct languages *languages,
                 const struct submission *s, enum archive_format format, struct buf *out,
                 struct err *err)
{
    char scratch[] = "/tmp/eddy-archive-XXXXXX";
    struct buf dir = {0}, top = {0};
    struct err ignored;
    int status;

    if (mkdtemp(scratch) == NULL)
        return err_set_errno(err, ERR_MACHINE, "cannot make the folder %s", scratch);
    buf_addf(&dir, "%s/folder", scratch);
    buf_addf(&top, "%s-%s", s->track, s->language);
    status = make_folder(course, languages, s, dir.data, err);
    if (status == 0)
        status = pack(dir.data, top.data, format, out, err);
    file_remove_tree(scratch, &ignored);
    buf_release(&dir);
    buf_release(&top);
    return status;
}
