/* The folder as it is, and the model of what of it is durable: taking the first into the second
 * when a node starts, and writing the second over the first when power is lost. */
#include "vt_disk.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "../sim/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PIECE_MAX = 16 << 20, /* a longer write counts as several */
    DEPTH_MAX = 64,       /* folders inside each other; what lies deeper is not kept */
};

struct vt_disk *vt_disk_new(const char *dir, uint64_t seed, uint32_t node)
{
    struct vt_disk *d = mem_zalloc(sizeof(*d));
    char name[32];

    d->dir = mem_strdup(dir);
    snprintf(name, sizeof(name), "disk %u", node);
    prng_init(&d->chance, seed, name);
    return d;
}

void vt_disk_free(struct vt_disk *d)
{
    if (d == NULL)
        return;
    vt_disk_forget(d);
    mem_free(d->place_of);
    mem_free(d->files);
    mem_free(d->dir);
    mem_free(d);
}

void vt_disk_forget(struct vt_disk *d)
{
    disk_free(d->model);
    map_free(d->inodes);
    d->model = NULL;
    d->inodes = NULL;
    d->counts.kept_bytes = 0;
    d->file_len = 0;
}

/* ---- inodes and places ---- */

static struct str inode_key(const struct stat *s, char space[16])
{
    uint64_t parts[2] = {s->st_dev, s->st_ino};

    memcpy(space, parts, sizeof(parts));
    return (struct str){space, sizeof(parts)};
}

int64_t vt_disk_find(const struct vt_disk *d, const struct stat *s)
{
    char space[16];
    int64_t number = map_find(d->inodes, inode_key(s, space));

    if (number == MAP_NONE || disk_is_dead(d->model, d->place_of[number]))
        return VT_DISK_NO_PLACE;
    return d->place_of[number];
}

static void bind(struct vt_disk *d, const struct stat *s, uint32_t place)
{
    char space[16];
    uint32_t number = map_put(d->inodes, inode_key(s, space), NULL);

    d->place_of = mem_grow(d->place_of, &d->place_of_cap, number + 1, sizeof(*d->place_of));
    d->place_of[number] = place;
    d->files = mem_grow(d->files, &d->file_cap, place + 1, sizeof(*d->files));
    d->files[place] = (struct vt_disk_file){.size = 0};
    if (place >= d->file_len)
        d->file_len = place + 1;
}

uint32_t vt_disk_enter(struct vt_disk *d, const struct stat *s)
{
    uint32_t place = disk_place(d->model, S_ISDIR(s->st_mode) ? DISK_DIR : DISK_FILE);

    bind(d, s, place);
    return place;
}

void vt_disk_set_size(struct vt_disk *d, uint32_t place, uint64_t size)
{
    d->counts.kept_bytes += size - d->files[place].size;
    d->files[place].size = size;
}

/* ---- content ---- */

void vt_disk_wrote(struct vt_disk *d, uint32_t place, int fd, uint64_t offset, uint64_t len)
{
    size_t room = len < PIECE_MAX ? len : PIECE_MAX;
    char *piece = mem_alloc(room);
    uint64_t end = offset + len;

    while (offset < end) {
        size_t want = end - offset < room ? end - offset : room;
        ssize_t got = pread(fd, piece, want, (off_t)offset);
        if (got <= 0)
            break;
        disk_write(d->model, place, offset, (struct str){piece, (size_t)got});
        offset += (uint64_t)got;
    }
    mem_free(piece);
}

static bool read_all(int fd, uint64_t size, struct buf *ret_bytes)
{
    buf_reserve(ret_bytes, size + 1);
    while (ret_bytes->len < size) {
        ssize_t got = pread(fd, ret_bytes->data + ret_bytes->len, size - ret_bytes->len,
                            (off_t)ret_bytes->len);
        if (got <= 0)
            return false;
        ret_bytes->len += (size_t)got;
    }
    return true;
}

/* Sector by sector, since nothing is known about the order or the size of stores. */
static void tell_difference(struct vt_disk *d, uint32_t place, struct str now, struct str model)
{
    size_t at;

    if (now.len != model.len)
        disk_truncate(d->model, place, now.len);
    for (at = 0; at < now.len; at += DISK_SECTOR) {
        size_t len = now.len - at < DISK_SECTOR ? now.len - at : DISK_SECTOR;
        bool is_same = at + len <= model.len && memcmp(now.data + at, model.data + at, len) == 0;
        if (!is_same)
            disk_write(d->model, place, at, (struct str){now.data + at, len});
    }
}

void vt_disk_compare(struct vt_disk *d, uint32_t place, int fd)
{
    struct buf now = {0};
    struct buf model = {0};
    struct stat s;

    if (fstat(fd, &s) == 0 && read_all(fd, (uint64_t)s.st_size, &now)) {
        disk_current(d->model, place, &model);
        tell_difference(d, place, buf_str(&now), buf_str(&model));
        vt_disk_set_size(d, place, (uint64_t)s.st_size);
    }
    buf_release(&now);
    buf_release(&model);
}

/* ---- from the folder to the model ---- */

typedef void (*each_fn)(struct vt_disk *d, int dir_fd, const char *name, const struct stat *s,
                        uint32_t parent);

/* Calls each for all that is in the directory behind dir_fd, which is closed. Other file systems
 * and links are left alone. */
static void walk(struct vt_disk *d, int dir_fd, uint32_t place, each_fn each)
{
    DIR *dir = d->depth < DEPTH_MAX ? fdopendir(dir_fd) : NULL;
    struct dirent *entry;
    struct stat s;

    if (dir == NULL) {
        close(dir_fd);
        return;
    }
    d->depth++;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (fstatat(dirfd(dir), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0 &&
            (S_ISREG(s.st_mode) || S_ISDIR(s.st_mode)))
            each(d, dirfd(dir), entry->d_name, &s, place);
    }
    d->depth--;
    closedir(dir);
}

static void learn(struct vt_disk *d, int dir_fd, const char *name, const struct stat *s,
                  uint32_t parent)
{
    bool is_dir = S_ISDIR(s->st_mode);
    int fd = openat(dir_fd, name,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (is_dir ? O_DIRECTORY : 0));
    int64_t known = vt_disk_find(d, s);
    uint32_t place = known == VT_DISK_NO_PLACE ? vt_disk_enter(d, s) : (uint32_t)known;

    disk_link(d->model, parent, str_of(name), place);
    if (fd < 0)
        return;
    if (is_dir) {
        walk(d, fd, place, learn);
        return;
    }
    if (known == VT_DISK_NO_PLACE)
        vt_disk_compare(d, place, fd);
    close(fd);
}

static int open_dir(const struct vt_disk *d, struct err *err)
{
    int fd = open(d->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "the folder %s cannot be opened", d->dir);
    return fd;
}

int vt_disk_start(struct vt_disk *d, struct err *err)
{
    struct stat s;
    int fd;

    if (d->model != NULL)
        return 0;
    fd = open_dir(d, err);
    if (fd < 0)
        return fd;
    d->model = disk_new();
    d->inodes = map_new();
    if (fstat(fd, &s) == 0)
        bind(d, &s, DISK_ROOT);
    walk(d, fd, DISK_ROOT, learn);
    disk_sync_all(d->model);
    return 0;
}

/* ---- from the model to the folder ---- */

static void compare_mapped(struct vt_disk *d, int dir_fd, const char *name, const struct stat *s,
                           uint32_t parent)
{
    int64_t place = vt_disk_find(d, s);
    int fd;

    (void)parent;
    if (place == VT_DISK_NO_PLACE || (S_ISREG(s->st_mode) && !d->files[place].mapped))
        return;
    fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    if (S_ISDIR(s->st_mode)) {
        walk(d, fd, (uint32_t)place, compare_mapped);
        return;
    }
    vt_disk_compare(d, (uint32_t)place, fd);
    close(fd);
}

static void compare_all(struct vt_disk *d)
{
    int fd = open(d->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0)
        walk(d, fd, DISK_ROOT, compare_mapped);
}

void vt_disk_sync_mapped(struct vt_disk *d)
{
    size_t place;

    compare_all(d);
    for (place = 0; place < d->file_len; place++)
        if (d->files[place].mapped)
            disk_sync(d->model, (uint32_t)place);
}

struct rewriting {
    struct vt_disk *disk;
    struct buf path;
    char **first; /* by place: the path that it was written to */
    size_t first_len, first_cap;
    struct err *err;
    int status;
};

static char **first_path(struct rewriting *w, uint32_t place)
{
    w->first = mem_grow(w->first, &w->first_cap, (size_t)place + 1, sizeof(*w->first));
    for (; w->first_len <= place; w->first_len++)
        w->first[w->first_len] = NULL;
    return &w->first[place];
}

static int rewrite_entry(struct rewriting *w, const struct disk_entry *entry)
{
    struct stat s;
    int status;

    buf_reset(&w->path);
    buf_addf(&w->path, "%s/%s", w->disk->dir, entry->path);
    if (*first_path(w, entry->place) != NULL) {
        if (link(*first_path(w, entry->place), w->path.data) < 0)
            return err_set_errno(w->err, ERR_MACHINE, "%s cannot be linked", w->path.data);
        return 0;
    }
    *first_path(w, entry->place) = mem_strdup(w->path.data);
    status = entry->kind == DISK_DIR ? file_mkdirs(w->path.data, w->err)
                                     : file_write(w->path.data, entry->bytes, w->err);
    if (status < 0)
        return status;
    if (stat(w->path.data, &s) < 0)
        return err_set_errno(w->err, ERR_MACHINE, "%s was written and is gone", w->path.data);
    bind(w->disk, &s, entry->place);
    vt_disk_set_size(w->disk, entry->place, entry->bytes.len);
    return 0;
}

static void rewrite_one(void *owner, const struct disk_entry *entry)
{
    struct rewriting *w = owner;

    if (w->status == 0)
        w->status = rewrite_entry(w, entry);
}

static int rewrite(struct vt_disk *d, struct err *err)
{
    struct rewriting w = {.disk = d, .err = err};
    struct stat s;
    size_t i;

    map_free(d->inodes);
    d->inodes = map_new();
    d->counts.kept_bytes = 0;
    w.status = file_remove_tree(d->dir, err);
    if (w.status == 0)
        w.status = file_mkdirs(d->dir, err);
    if (w.status == 0 && stat(d->dir, &s) == 0)
        bind(d, &s, DISK_ROOT);
    disk_walk(d->model, rewrite_one, &w);
    for (i = 0; i < w.first_len; i++)
        mem_free(w.first[i]);
    mem_free(w.first);
    buf_release(&w.path);
    return w.status;
}

int vt_disk_lose_power(struct vt_disk *d, struct err *err)
{
    if (d->model == NULL)
        return 0; /* it never ran: what is there is durable */
    if (d->counts.mapped)
        compare_all(d);
    disk_lose_power(d->model, &d->chance);
    return rewrite(d, err);
}

/* ---- rot ---- */

static void turn(const struct cage_disk_rot *rot, struct buf *bytes)
{
    size_t i;

    for (i = 0; i < bytes->len; i++)
        bytes->data[i] = rot->mask == 0 ? 0 : (char)(bytes->data[i] ^ rot->mask);
}

int vt_disk_rot(struct vt_disk *d, const struct cage_disk_rot *rot, struct err *err)
{
    struct buf bytes = {0};
    struct stat s;
    int fd = -1;
    int status = file_open_below(d->dir, rot->path, O_RDWR, &fd, err);

    if (status < 0 || fstat(fd, &s) < 0) {
        status =
            err_set(err, ERR_INPUT, "there is no file %s in the node's folder to rot", rot->path);
    } else if (rot->len > (uint64_t)s.st_size || rot->offset > (uint64_t)s.st_size - rot->len) {
        status = err_set(err, ERR_INPUT, "%s has %lld bytes: no %llu from byte %llu to rot",
                         rot->path, (long long)s.st_size, (unsigned long long)rot->len,
                         (unsigned long long)rot->offset);
    } else {
        buf_reserve(&bytes, rot->len + 1);
        if (pread(fd, bytes.data, rot->len, (off_t)rot->offset) == (ssize_t)rot->len) {
            bytes.len = rot->len;
            turn(rot, &bytes);
        }
        if (bytes.len != rot->len ||
            pwrite(fd, bytes.data, bytes.len, (off_t)rot->offset) != (ssize_t)bytes.len)
            status = err_set_errno(err, ERR_MACHINE, "%s cannot be made to rot", rot->path);
        else if (d->model != NULL && vt_disk_find(d, &s) != VT_DISK_NO_PLACE)
            disk_spoil(d->model, (uint32_t)vt_disk_find(d, &s), rot->offset, buf_str(&bytes));
    }
    if (fd >= 0)
        close(fd);
    buf_release(&bytes);
    return status;
}
