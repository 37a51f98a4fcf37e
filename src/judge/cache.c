/* A cache that hands a learner somebody else's program, or half of one, is worse than none. So
 * nothing in it is believed: a name is the seal of what went in, and what comes out is sealed again
 * while it is copied and compared with the entry's list, whose last line is the seal of the lines
 * before it. A disk that lies, a crash in mid-write and a curious administrator all end in one
 * way: the entry goes, and the program is built again.
 *
 * Processes meet only at renames. Who makes an entry works in .new-PID-N and renames it into
 * place; who comes second finds the place taken and drops its own. Who removes one renames it to
 * .gone-PID-N first, so no reader begins with half of it; a reader in the middle finds a file
 * missing, which counts as no entry. A held entry carries a shared flock(2) on its list.
 *
 * Counting all bytes at every put would read the whole cache, so DIR/size keeps an estimate. It is
 * only a hint of when to look: looking counts anew and writes it right. */
#include "cache.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "harvest.h"
#include "plant.h"
#include "seal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LIST_MAX = 4 << 20, CHUNK = 64 << 10, STALE_S = 3600 };

struct cache {
    char *dir;
    int64_t bytes_max;
    unsigned made; /* numbers what this process makes */
    struct cache_counts counts;
};

static void entry_path(const struct cache *c, const char *key, struct buf *out)
{
    buf_addf(out, "%s/%.2s/%s", c->dir, key, key);
}

static void fresh_path(struct cache *c, const char *kind, struct buf *out)
{
    buf_addf(out, "%s/.%s-%ld-%u", c->dir, kind, (long)getpid(), c->made++);
}

/* ---- lists ---- */

struct item {
    unsigned mode;
    int64_t bytes;
    char seal[SEAL_TEXT_SIZE];
    const char *name;
};

static void seal_of(struct str text, char into[SEAL_TEXT_SIZE])
{
    struct seal *s = seal_new();

    seal_add_raw(s, text.data, text.len);
    seal_text(s, into);
    seal_free(s);
}

/* The lines before the last one, if that is their seal; else false. */
static bool check_list(struct buf *list)
{
    char wanted[SEAL_TEXT_SIZE];
    size_t lines;

    if (list->len < SEAL_TEXT_SIZE || list->data[list->len - 1] != '\n')
        return false;
    lines = list->len - SEAL_TEXT_SIZE;
    seal_of((struct str){list->data, lines}, wanted);
    if (memcmp(list->data + lines, wanted, SEAL_TEXT_SIZE - 1) != 0)
        return false;
    list->data[list->len = lines] = '\0';
    return true;
}

/* The next item; false at the end. Only for a list that was checked: ends its lines with 0. */
static bool next_item(char **at, struct item *i)
{
    long long bytes;
    int n = 0;
    char *eol = strchr(*at, '\n');

    if (eol == NULL)
        return false;
    *eol = '\0';
    if (sscanf(*at, "%o %lld %64s %n", &i->mode, &bytes, i->seal, &n) != 3 || n == 0)
        return false;
    i->bytes = bytes;
    i->name = *at + n;
    *at = eol + 1;
    return true;
}

static int64_t bytes_of(char *list)
{
    struct item i;
    int64_t sum = 0;

    while (next_item(&list, &i))
        sum += i.bytes;
    return sum;
}

/* ---- copying with a seal ---- */

static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

/* to -1: only seals. ERR_MACHINE: the copy cannot be written; errno says why. */
static int copy(int from, int to, int64_t *ret_bytes, char seal[SEAL_TEXT_SIZE])
{
    char *chunk = mem_alloc(CHUNK);
    struct seal *s = seal_new();
    int status = 0;
    ssize_t n;

    *ret_bytes = 0;
    while (status == 0 && (n = read(from, chunk, CHUNK)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break; /* bytes that cannot be read make another seal */
        seal_add_raw(s, chunk, (size_t)n);
        *ret_bytes += n;
        if (to >= 0 && !write_all(to, chunk, (size_t)n))
            status = ERR_MACHINE;
    }
    seal_text(s, seal);
    seal_free(s);
    mem_free(chunk);
    return status;
}

static int make_folders(const char *path, struct err *err)
{
    struct buf dir = {0};
    int status;

    buf_addf(&dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    status = file_mkdirs(dir.data, err);
    buf_release(&dir);
    return status;
}

static int copy_to(int from, const char *path, unsigned mode, int64_t *ret_bytes, char *seal,
                   struct err *err)
{
    int to, status = make_folders(path, err);

    if (status < 0)
        return status;
    to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    status = to < 0 ? ERR_MACHINE : copy(from, to, ret_bytes, seal);
    if (to >= 0 && close(to) < 0)
        status = ERR_MACHINE;
    return status < 0 ? err_set_errno(err, ERR_MACHINE, "cannot write %s", path) : 0;
}

/* ---- removing ---- */

static void drop(struct cache *c, const char *path)
{
    struct buf gone = {0};
    struct err ignored;

    fresh_path(c, "gone", &gone);
    if (rename(path, gone.data) == 0)
        file_remove_tree(gone.data, &ignored);
    buf_release(&gone);
}

/* ---- getting ---- */

/* Whether a file is what the list says, copied to `to` if that is not NULL. 1 or 0, or negative. */
static int get_file(const char *entry, const struct item *i, const char *to, struct err *err)
{
    struct buf from = {0}, target = {0};
    char seal[SEAL_TEXT_SIZE] = "";
    int64_t bytes = -1;
    int status = 0, fd;

    buf_addf(&from, "%s/files/%s", entry, i->name);
    fd = open(from.data, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && to != NULL) {
        buf_addf(&target, "%s/%s", to, i->name);
        status = copy_to(fd, target.data, i->mode, &bytes, seal, err);
    } else if (fd >= 0) {
        copy(fd, -1, &bytes, seal);
    }
    if (fd >= 0)
        close(fd);
    buf_release(&from);
    buf_release(&target);
    if (status == 0)
        status = PLANTED(2) || (bytes == i->bytes && strcmp(seal, i->seal) == 0);
    return status;
}

/* All files of an entry whose list has been read. */
static int get_files(const char *entry, struct buf *list, const char *to, struct err *err)
{
    struct item i;
    char *at = list->data;
    int status = 1;

    if (!check_list(list))
        return 0;
    while (status == 1 && next_item(&at, &i))
        status = get_file(entry, &i, to, err);
    return status == 1 && *at != '\0' ? 0 : status;
}

/* Reads DIR/entry/list from fd. */
static void read_list(int fd, struct buf *list)
{
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st) < 0 || st.st_size > LIST_MAX)
        return;
    buf_reserve(list, (size_t)st.st_size + 1);
    n = pread(fd, list->data, (size_t)st.st_size, 0);
    list->len = n > 0 ? (size_t)n : 0;
    list->data[list->len] = '\0';
}

static int open_list(const char *entry)
{
    struct buf path = {0};
    int fd;

    buf_addf(&path, "%s/list", entry);
    fd = open(path.data, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    buf_release(&path);
    return fd;
}

static int use(struct cache *c, const char *entry, int fd, const char *to, struct err *err)
{
    struct buf list = {0};
    int status = 0;

    if (fd >= 0) {
        read_list(fd, &list);
        status = get_files(entry, &list, to, err);
        if (status == 1)
            futimens(fd, NULL); /* used just now */
        else if (status == 0) {
            c->counts.damaged++;
            drop(c, entry);
        }
    }
    c->counts.hits += status == 1;
    c->counts.misses += status == 0;
    buf_release(&list);
    return status;
}

int cache_get(struct cache *c, const char *key, const char *to, struct err *err)
{
    struct buf entry = {0};
    int fd, status;

    entry_path(c, key, &entry);
    fd = open_list(entry.data);
    status = use(c, entry.data, fd, to, err);
    if (status == 1)
        status = file_mkdirs(to, err) < 0 ? ERR_MACHINE : 1; /* an entry may have no files */
    if (fd >= 0)
        close(fd);
    buf_release(&entry);
    return status;
}

int cache_hold(struct cache *c, const char *key, struct cache_hold *ret_hold, struct err *err)
{
    struct buf entry = {0};
    int fd, status = 0;

    entry_path(c, key, &entry);
    fd = open_list(entry.data);
    if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0) {
        close(fd); /* somebody removes it */
        fd = -1;
    }
    status = use(c, entry.data, fd, NULL, err);
    if (status == 1) {
        buf_add_text(&entry, "/files");
        *ret_hold = (struct cache_hold){buf_take(&entry), fd};
    } else if (fd >= 0) {
        close(fd);
    }
    buf_release(&entry);
    return status;
}

void cache_let_go(struct cache_hold *h)
{
    if (h->path != NULL)
        close(h->fd);
    mem_free(h->path);
    *h = (struct cache_hold){0};
}

/* ---- making room ---- */

struct old {
    char *path;
    int64_t bytes;
    struct timespec used;
};

struct olds {
    struct old *list;
    uint32_t count;
    size_t cap;
    int64_t bytes;
};

static void see_entry(struct olds *o, const char *path)
{
    int fd = open_list(path);
    struct buf list = {0};
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0) {
        read_list(fd, &list);
        o->list = mem_grow(o->list, &o->cap, o->count + 1, sizeof(*o->list));
        o->list[o->count] =
            (struct old){mem_strdup(path),
                         list.len > 0 && check_list(&list) ? bytes_of(list.data) : 0, st.st_mtim};
        o->bytes += o->list[o->count++].bytes;
    }
    if (fd >= 0)
        close(fd);
    buf_release(&list);
}

/* What a process left that was killed while it made or removed an entry. */
static void see_leftover(const char *path)
{
    struct stat st;
    struct err ignored;

    if (lstat(path, &st) == 0 && time(NULL) - st.st_mtim.tv_sec > STALE_S)
        file_remove_tree(path, &ignored);
}

static void see_folder(struct olds *o, const char *dir, bool top)
{
    DIR *d = opendir(dir);
    const struct dirent *entry;
    struct buf path = {0};

    while (d != NULL && (entry = readdir(d)) != NULL) {
        size_t len = strlen(entry->d_name);
        buf_reset(&path);
        buf_addf(&path, "%s/%s", dir, entry->d_name);
        if (top &&
            (strncmp(entry->d_name, ".new-", 5) == 0 || strncmp(entry->d_name, ".gone-", 6) == 0))
            see_leftover(path.data);
        else if (top && len == 2 && entry->d_name[0] != '.')
            see_folder(o, path.data, false);
        else if (!top && len == SEAL_TEXT_SIZE - 1)
            see_entry(o, path.data);
    }
    if (d != NULL)
        closedir(d);
    buf_release(&path);
}

static int by_use(const void *a, const void *b)
{
    const struct old *x = a, *y = b;

    if (x->used.tv_sec != y->used.tv_sec)
        return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    if (x->used.tv_nsec != y->used.tv_nsec)
        return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* False: somebody holds it. */
static bool drop_unused(struct cache *c, const char *path)
{
    int fd = open_list(path);
    bool free = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;

    if (free) {
        drop(c, path);
        c->counts.removed++;
    }
    if (fd >= 0)
        close(fd);
    return free;
}

/* Down to three quarters, so that it need not be done again at once. Returns what is left. */
static int64_t make_room(struct cache *c)
{
    struct olds o = {0};
    uint32_t i;

    see_folder(&o, c->dir, true);
    if (o.count > 0)
        qsort(o.list, o.count, sizeof(*o.list), by_use);
    for (i = 0; i < o.count; i++) {
        if (o.bytes > c->bytes_max / 4 * 3 && drop_unused(c, o.list[i].path))
            o.bytes -= o.list[i].bytes;
        mem_free(o.list[i].path);
    }
    mem_free(o.list);
    return o.bytes;
}

/* Adds to DIR/size and looks closer when it is above the bound. One process at a time. */
static void count(struct cache *c, int64_t bytes)
{
    struct buf path = {0};
    char text[32] = "";
    long long size = 0;
    int fd;

    buf_addf(&path, "%s/size", c->dir);
    fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    buf_release(&path);
    if (fd < 0)
        return;
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        ;
    if (read(fd, text, sizeof(text) - 1) > 0 && (sscanf(text, "%lld", &size) != 1 || size < 0))
        size = c->bytes_max; /* no number: look */
    size += bytes;
    if (size > c->bytes_max)
        size = make_room(c);
    snprintf(text, sizeof(text), "%lld\n", size);
    if (pwrite(fd, text, strlen(text), 0) < 0 || ftruncate(fd, (off_t)strlen(text)) < 0)
        size = 0; /* the next one will look */
    close(fd);
}

/* ---- putting ---- */

struct putting {
    const char *to;
    struct buf list;
    int64_t bytes;
};

static int put_file(void *owner, const struct harvest_file *f, struct err *err)
{
    struct putting *p = owner;
    struct buf path = {0};
    char seal[SEAL_TEXT_SIZE];
    unsigned mode = f->executable ? 0755 : 0644;
    int64_t bytes;
    int status;

    buf_addf(&path, "%s/files/%s", p->to, f->name);
    status = copy_to(f->fd, path.data, mode, &bytes, seal, err);
    buf_release(&path);
    if (status == 0) {
        buf_addf(&p->list, "%o %lld %s %s\n", mode, (long long)bytes, seal, f->name);
        p->bytes += bytes;
    }
    return status;
}

static int put_list(struct putting *p, struct err *err)
{
    char seal[SEAL_TEXT_SIZE];
    struct buf path = {0};
    int status;

    seal_of(buf_str(&p->list), seal);
    buf_addf(&p->list, "%s\n", seal);
    buf_addf(&path, "%s/list", p->to);
    status = file_write(path.data, buf_str(&p->list), err);
    buf_release(&path);
    return status;
}

/* 1: it is in its place; 0: another one was there before. */
static int put_in_place(struct cache *c, const char *key, const char *made, struct err *err)
{
    struct buf entry = {0};
    int status;

    entry_path(c, key, &entry);
    status = make_folders(entry.data, err);
    if (status == 0 && rename(made, entry.data) == 0)
        status = 1;
    else if (status == 0 && errno != ENOTEMPTY && errno != EEXIST)
        status = err_set_errno(err, ERR_MACHINE, "cannot make %s", entry.data);
    buf_release(&entry);
    return status;
}

int cache_put(struct cache *c, const char *key, const char *from, struct err *err)
{
    struct buf made = {0};
    struct putting p = {0};
    struct err ignored;
    int status;

    fresh_path(c, "new", &made);
    buf_addf(&made, "/files");
    status = file_mkdirs(made.data, err);
    made.data[made.len -= strlen("/files")] = '\0';
    p.to = made.data;
    if (status == 0)
        status = harvest(from, put_file, &p, err);
    if (status == 0)
        status = put_list(&p, err);
    if (status == 0 && p.bytes <= c->bytes_max)
        status = put_in_place(c, key, made.data, err);
    if (status == 1)
        count(c, p.bytes);
    else
        file_remove_tree(made.data, &ignored);
    buf_release(&made);
    buf_release(&p.list);
    return status < 0 ? status : 0;
}

/* ---- opening ---- */

int cache_open(const char *dir, int64_t bytes_max, struct cache **ret_cache, struct err *err)
{
    struct cache *c;
    int status = file_mkdirs(dir, err);

    if (status < 0)
        return status;
    c = mem_zalloc(sizeof(*c));
    c->dir = mem_strdup(dir);
    c->bytes_max = bytes_max;
    *ret_cache = c;
    return 0;
}

void cache_close(struct cache *c)
{
    if (c == NULL)
        return;
    mem_free(c->dir);
    mem_free(c);
}

struct cache_counts cache_counts(const struct cache *c)
{
    return c->counts;
}

int64_t cache_bytes(const struct cache *c)
{
    struct err ignored = {.text = ""};
    struct buf path = {0}, text = {0};
    int64_t bytes = 0;

    buf_addf(&path, "%s/size", c->dir);
    if (file_read(path.data, 32, &text, &ignored) < 0 ||
        !str_to_i64((struct str){text.data, strcspn(text.data, "\n")}, &bytes) || bytes < 0)
        bytes = 0;
    buf_release(&path);
    buf_release(&text);
    return bytes;
}
