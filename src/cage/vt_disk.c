/* A call of a program on a file is looked at twice: at its start it is found out whether it
 * concerns the folder, and it may be made to fail, be cut short, cost time or spring a trap; at its
 * end, when the kernel has said what it did, the model is told. Which file is meant is asked of the
 * kernel each time: by a copy of the descriptor or by the path, then by inode. So dup, fork, exec,
 * chdir and renamed directories need no books of ours. What was written is read back from the file;
 * nobody else runs in between (vt_world.h, law 1).
 *
 * A stop costs some 20 us, so only nodes whose disk is followed pay for it (vt_filter.c).
 *
 * Dropped: a FUSE file system (needs a module and the rights for it, and shows no order between
 * calls that the page cache hides), and copies of the buffers at the start of a call (a short write
 * then needs correcting, and sendfile has no buffer). */
#include "vt_disk.h"

#include "../sim/disk.h"
#include "vt_disk_path.h"
#include "vt_ptrace.h"
#include "vt_syscall.h"
#include "vt_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif

/* What a call is about, found at its start. */
struct call {
    enum cage_disk_op op;
    bool changes;
    int64_t place;    /* of the file it concerns, or VT_DISK_NO_PLACE: a name, or all files */
    uint64_t grows;   /* bytes that a write adds to its file at most */
    uint64_t hole;    /* likewise, a truncate */
    bool can_shorten; /* its third argument is a count of bytes */
};

/* Our copy of the descriptor in an argument, if it is of a file in the folder; else -1. */
static int open_copy(struct vt_thread *t, int arg, struct stat *ret_stat, int64_t *ret_place)
{
    int fd = vt_proc_getfd(t->proc, (int)vt_arg(t, arg));

    if (fd < 0)
        return -1;
    if (fstat(fd, ret_stat) == 0 && (S_ISREG(ret_stat->st_mode) || S_ISDIR(ret_stat->st_mode))) {
        *ret_place = vt_disk_find(t->node->disk, ret_stat);
        if (*ret_place != VT_DISK_NO_PLACE)
            return fd;
    }
    close(fd);
    return -1;
}

/* Where a write of so many bytes would begin. */
static uint64_t write_start(struct vt_thread *t, int fd, const struct stat *s)
{
    if (fcntl(fd, F_GETFL) & O_APPEND)
        return (uint64_t)s->st_size;
    switch (vt_syscall_number(t)) {
    case SYS_pwrite64:
    case SYS_pwritev:
        return vt_arg(t, 3);
    default:
        return (uint64_t)lseek(fd, 0, SEEK_CUR);
    }
}

static bool file_call(struct vt_thread *t, int arg, enum cage_disk_op op, struct call *c)
{
    struct stat s;
    int fd = open_copy(t, arg, &s, &c->place);

    if (fd < 0)
        return false;
    c->op = op;
    c->changes = op != CAGE_DISK_READ;
    if (op == CAGE_DISK_WRITE &&
        (vt_syscall_number(t) == SYS_write || vt_syscall_number(t) == SYS_pwrite64)) {
        uint64_t end = write_start(t, fd, &s) + vt_arg(t, 2);
        c->can_shorten = true;
        c->grows = end > (uint64_t)s.st_size ? end - (uint64_t)s.st_size : 0;
    } else if (vt_syscall_number(t) == SYS_ftruncate && vt_arg(t, 1) > (uint64_t)s.st_size) {
        c->hole = vt_arg(t, 1) - (uint64_t)s.st_size;
    }
    close(fd);
    return true;
}

static bool name_call(struct vt_thread *t, int dir_arg, int path_arg, struct call *c)
{
    struct vt_disk_path p;

    if (!vt_disk_path(t, t->node->disk, dir_arg, path_arg, &p))
        return false;
    t->disk.existed = p.exists;
    t->disk.freed =
        p.exists && S_ISREG(p.stat.st_mode) && p.stat.st_nlink == 1 ? (uint64_t)p.stat.st_size : 0;
    c->op = CAGE_DISK_NAME;
    c->changes = true;
    return true;
}

/* A rename may come into the folder or leave it. What it replaces counts, not what it moves. */
static bool rename_call(struct vt_thread *t, int from_dir, int from, int to_dir, int to,
                        struct call *c)
{
    struct call left = *c;
    bool leaves = name_call(t, from_dir, from, &left);

    if (name_call(t, to_dir, to, c))
        return true;
    t->disk.existed = true;
    *c = left;
    return leaves;
}

static uint64_t open_flags(struct vt_thread *t)
{
    switch (vt_syscall_number(t)) {
    case SYS_creat:
        return O_CREAT | O_TRUNC | O_WRONLY;
    case SYS_open:
        return vt_arg(t, 1);
    default:
        return vt_arg(t, 2);
    }
}

static int open_path_arg(struct vt_thread *t)
{
    return vt_syscall_number(t) == SYS_openat ? 1 : 0;
}

static bool open_call(struct vt_thread *t, struct call *c)
{
    uint64_t flags = open_flags(t);
    int path_arg = open_path_arg(t);

    if (!(flags & (O_CREAT | O_TRUNC)) && (flags & O_TMPFILE) != O_TMPFILE)
        return false;
    if ((flags & O_TMPFILE) == O_TMPFILE) { /* its path is a directory */
        c->op = CAGE_DISK_NAME;
        t->disk.existed = true;
        return true;
    }
    if (!name_call(t, path_arg == 1 ? 0 : -1, path_arg, c))
        return false;
    c->changes = !t->disk.existed || (flags & O_TRUNC);
    return true;
}

static bool mmap_call(struct vt_thread *t)
{
    struct stat s;
    int64_t place;
    int fd;

    if (!(vt_arg(t, 2) & PROT_WRITE) || !(vt_arg(t, 3) & MAP_SHARED) ||
        vt_arg(t, 3) & MAP_ANONYMOUS)
        return false;
    fd = open_copy(t, 4, &s, &place);
    if (fd < 0)
        return false;
    close(fd);
    t->node->disk->counts.mapped = true;
    t->node->disk->files[place].mapped = true;
    return false; /* let it happen like any other */
}

/* Whether the call at whose start t stands concerns the folder, and how. */
static bool identify(struct vt_thread *t, struct call *c)
{
    *c = (struct call){.place = VT_DISK_NO_PLACE};
    switch (vt_syscall_number(t)) {
    case SYS_read:
    case SYS_readv:
    case SYS_pread64:
    case SYS_preadv:
    case SYS_preadv2:
        return file_call(t, 0, CAGE_DISK_READ, c);
    case SYS_write:
    case SYS_writev:
    case SYS_pwrite64:
    case SYS_pwritev:
    case SYS_pwritev2:
    case SYS_ftruncate:
    case SYS_fallocate:
    case SYS_sendfile:
        return file_call(t, 0, CAGE_DISK_WRITE, c);
    case SYS_copy_file_range:
    case SYS_splice:
        return file_call(t, 2, CAGE_DISK_WRITE, c);
    case SYS_fsync:
    case SYS_fdatasync:
    case SYS_sync_file_range:
        return file_call(t, 0, CAGE_DISK_SYNC, c);
    case SYS_sync:
    case SYS_syncfs:
    case SYS_msync:
        c->op = CAGE_DISK_SYNC;
        c->changes = true;
        return true;
    case SYS_open:
    case SYS_openat:
    case SYS_creat:
        return open_call(t, c);
    case SYS_truncate:
        if (!name_call(t, -1, 0, c))
            return false;
        c->op = CAGE_DISK_WRITE;
        c->hole = vt_arg(t, 1);
        return true;
    case SYS_mkdir:
    case SYS_rmdir:
    case SYS_unlink:
        return name_call(t, -1, 0, c);
    case SYS_mkdirat:
    case SYS_unlinkat:
        return name_call(t, 0, 1, c);
    case SYS_link:
        return name_call(t, -1, 1, c);
    case SYS_linkat:
        return name_call(t, 2, 3, c);
    case SYS_rename:
        return rename_call(t, -1, 0, -1, 1, c);
    case SYS_renameat:
    case SYS_renameat2:
        return rename_call(t, 0, 1, 2, 3, c);
    case SYS_mmap:
        return mmap_call(t);
    default:
        return false;
    }
}

/* ---- what may happen to a call ---- */

static void shorten(struct vt_thread *t, uint64_t to)
{
    vt_regs(t)->rdx = to;
    vt_regs_changed(t);
}

/* True if the call fails; it has its answer. */
static bool is_made_to_fail(struct vt_thread *t, const struct call *c)
{
    struct vt_disk *d = t->node->disk;

    if (d->fail[c->op].in == 0 || --d->fail[c->op].in > 0)
        return false;
    if (d->fail[c->op].error == 0) {
        if (c->can_shorten && vt_arg(t, 2) > 1)
            shorten(t, vt_arg(t, 2) / 2);
        return false;
    }
    if (c->op == CAGE_DISK_SYNC && c->place != VT_DISK_NO_PLACE)
        disk_sync_failed(d->model, (uint32_t)c->place);
    vt_answer(t, -d->fail[c->op].error);
    return true;
}

/* As is_made_to_fail, for a disk that is full. A write that fits in part is cut short. */
static bool is_too_much(struct vt_thread *t, const struct call *c)
{
    const struct vt_disk *d = t->node->disk;
    uint64_t room;

    if (d->bound_bytes > 0 && c->op == CAGE_DISK_WRITE &&
        (c->grows > d->bound_bytes || c->hole > d->bound_bytes ||
         c->grows + c->hole + d->counts.kept_bytes > d->bound_bytes)) {
        vt_answer(t, -ENOSPC);
        return true;
    }
    if (d->limit_bytes == 0 || c->op != CAGE_DISK_WRITE)
        return false;
    room = d->counts.kept_bytes < d->limit_bytes ? d->limit_bytes - d->counts.kept_bytes : 0;
    if (c->can_shorten ? c->grows <= room : room > 0)
        return false;
    if (c->can_shorten && vt_arg(t, 2) > c->grows - room) {
        shorten(t, vt_arg(t, 2) - (c->grows - room));
        return false;
    }
    vt_answer(t, -ENOSPC);
    return true;
}

static bool is_trapped(struct vt_thread *t, const struct call *c)
{
    struct vt_disk *d = t->node->disk;

    if ((!c->changes && PLANT_VT != 17) || d->trap_in == 0 || --d->trap_in > 0)
        return false;
    d->trapped = true;
    t->judge = true;
    vt_queue_push(t);
    return true;
}

bool vt_disk_stands(const struct vt_node *n)
{
    return n->disk != NULL && n->disk->trapped;
}

bool vt_disk_call(struct vt_thread *t, enum vt_verdict *ret_verdict)
{
    struct vt_disk *d = t->node->disk;
    struct call c;
    int64_t cost_ns;

    if (d->model == NULL || !identify(t, &c))
        return false;
    *ret_verdict = VT_STAY;
    if (is_trapped(t, &c))
        return true;
    d->counts.calls[c.op]++;
    d->counts.changes += c.changes;
    *ret_verdict = VT_GO;
    if (is_made_to_fail(t, &c) || is_too_much(t, &c))
        return true;
    *ret_verdict = vt_run_natively(t, VT_AFTER_DISK);
    cost_ns = d->cost_ns[c.op];
    if (c.op == CAGE_DISK_SYNC)
        cost_ns += t->node->world->config->disk_latency_ns;
    if (cost_ns > 0)
        *ret_verdict = vt_park(t, VT_WAIT_DISK, vt_due_after(t->node, cost_ns));
    return true;
}

/* ---- what a call has done ---- */

/* fd is our copy and may be for writing only. Negative: it cannot be read. */
static int open_readable(int fd)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void tell_write(struct vt_disk *d, uint32_t place, int fd, uint64_t offset, uint64_t len)
{
    int readable = open_readable(fd);

    if (readable < 0)
        return;
    vt_disk_wrote(d, place, readable, offset, len);
    close(readable);
}

static void tell_compare(struct vt_disk *d, uint32_t place, int fd)
{
    int readable = open_readable(fd);

    if (readable < 0)
        return;
    vt_disk_compare(d, place, readable);
    close(readable);
}

/* Where the write ended is where the next one would begin, or what the call was told. */
static uint64_t wrote_from(struct vt_thread *t, int fd, const struct stat *s, uint64_t len)
{
    uint64_t number = vt_syscall_number(t);
    uint64_t at;

    if (fcntl(fd, F_GETFL) & O_APPEND)
        return (uint64_t)s->st_size - len;
    if (number == SYS_pwrite64 || number == SYS_pwritev ||
        (number == SYS_pwritev2 && (int64_t)vt_arg(t, 3) >= 0))
        return vt_arg(t, 3);
    if ((number == SYS_copy_file_range || number == SYS_splice) && vt_arg(t, 3) != 0 &&
        vt_mem_read(t, vt_arg(t, 3), &at, sizeof(at)))
        return at - len;
    return (uint64_t)lseek(fd, 0, SEEK_CUR) - len;
}

static void wrote(struct vt_thread *t, int arg, uint64_t len)
{
    struct vt_disk *d = t->node->disk;
    struct stat s;
    int64_t place;
    int fd = open_copy(t, arg, &s, &place);

    if (fd < 0)
        return;
    tell_write(d, (uint32_t)place, fd, wrote_from(t, fd, &s, len), len);
    vt_disk_set_size(d, (uint32_t)place, (uint64_t)s.st_size);
    d->counts.bytes_written += len;
    if (fcntl(fd, F_GETFL) & O_DSYNC)
        disk_sync(d->model, (uint32_t)place);
    close(fd);
}

static void resized(struct vt_thread *t)
{
    struct vt_disk *d = t->node->disk;
    struct stat s;
    int64_t place;
    int fd = open_copy(t, 0, &s, &place);

    if (fd < 0)
        return;
    if (vt_syscall_number(t) == SYS_ftruncate)
        disk_truncate(d->model, (uint32_t)place, (uint64_t)s.st_size);
    else
        tell_compare(d, (uint32_t)place, fd);
    vt_disk_set_size(d, (uint32_t)place, (uint64_t)s.st_size);
    close(fd);
}

static void synced(struct vt_thread *t)
{
    struct vt_disk *d = t->node->disk;
    struct stat s;
    int64_t place;
    int fd = open_copy(t, 0, &s, &place);

    if (fd < 0)
        return;
    if (d->files[place].mapped && PLANT_VT != 18)
        tell_compare(d, (uint32_t)place, fd);
    if (vt_syscall_number(t) == SYS_sync_file_range)
        disk_sync_range(d->model, (uint32_t)place, vt_arg(t, 1), vt_arg(t, 2));
    else
        disk_sync(d->model, (uint32_t)place);
    close(fd);
}

/* The place of what a path leads to now; something that came from outside the folder is new. */
static uint32_t place_at(struct vt_disk *d, const struct vt_disk_path *p)
{
    int64_t known = vt_disk_find(d, &p->stat);
    uint32_t place;
    int fd;

    if (known != VT_DISK_NO_PLACE)
        return (uint32_t)known;
    place = vt_disk_enter(d, &p->stat);
    fd = S_ISREG(p->stat.st_mode) ? open(p->full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd >= 0) {
        vt_disk_compare(d, place, fd);
        close(fd);
    }
    return place;
}

static bool has_place(const struct vt_disk_path *p)
{
    return p->exists && (S_ISREG(p->stat.st_mode) || S_ISDIR(p->stat.st_mode));
}

static void opened(struct vt_thread *t, int result)
{
    struct vt_disk *d = t->node->disk;
    int path_arg = open_path_arg(t);
    uint64_t flags = open_flags(t);
    struct vt_disk_path p;
    struct stat s;
    int fd = vt_proc_getfd(t->proc, result);

    if (fd < 0)
        return;
    if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode)) {
        if ((flags & O_TMPFILE) == O_TMPFILE) {
            vt_disk_enter(d, &s);
        } else if (!t->disk.existed) {
            if (vt_disk_path(t, d, path_arg == 1 ? 0 : -1, path_arg, &p))
                disk_link(d->model, (uint32_t)p.dir, str_of(p.name), vt_disk_enter(d, &s));
        } else if ((flags & O_TRUNC) && PLANT_VT != 16 && vt_disk_find(d, &s) != VT_DISK_NO_PLACE) {
            disk_truncate(d->model, (uint32_t)vt_disk_find(d, &s), 0);
            vt_disk_set_size(d, (uint32_t)vt_disk_find(d, &s), 0);
        }
    }
    close(fd);
}

static void named(struct vt_thread *t, int dir_arg, int path_arg)
{
    struct vt_disk *d = t->node->disk;
    struct vt_disk_path p;

    if (!vt_disk_path(t, d, dir_arg, path_arg, &p))
        return;
    if (!p.exists) {
        disk_unlink(d->model, (uint32_t)p.dir, str_of(p.name));
        d->counts.kept_bytes -= t->disk.freed;
    } else if (vt_syscall_number(t) == SYS_truncate) {
        disk_truncate(d->model, place_at(d, &p), (uint64_t)p.stat.st_size);
        vt_disk_set_size(d, place_at(d, &p), (uint64_t)p.stat.st_size);
    } else if (has_place(&p)) {
        bool is_new = vt_syscall_number(t) == SYS_mkdir || vt_syscall_number(t) == SYS_mkdirat;
        uint32_t place = is_new ? vt_disk_enter(d, &p.stat) : place_at(d, &p);
        disk_link(d->model, (uint32_t)p.dir, str_of(p.name), place);
    }
}

static void renamed(struct vt_thread *t, int from_dir, int from, int to_dir, int to)
{
    struct vt_disk *d = t->node->disk;
    struct vt_disk_path a;
    struct vt_disk_path b;
    bool from_here = vt_disk_path(t, d, from_dir, from, &a);
    bool to_here = vt_disk_path(t, d, to_dir, to, &b);

    if (from_here && to_here && a.exists && has_place(&a) && has_place(&b)) { /* an exchange */
        disk_link(d->model, (uint32_t)a.dir, str_of(a.name), place_at(d, &a));
        disk_link(d->model, (uint32_t)b.dir, str_of(b.name), place_at(d, &b));
        return;
    }
    d->counts.kept_bytes -= t->disk.freed;
    if (from_here && to_here && has_place(&b))
        disk_rename(d->model, (uint32_t)a.dir, str_of(a.name), (uint32_t)b.dir, str_of(b.name),
                    place_at(d, &b));
    else if (to_here && has_place(&b))
        disk_link(d->model, (uint32_t)b.dir, str_of(b.name), place_at(d, &b));
    else if (from_here)
        disk_unlink(d->model, (uint32_t)a.dir, str_of(a.name));
}

void vt_disk_call_end(struct vt_thread *t)
{
    struct vt_disk *d = t->node->disk;
    int64_t result = (int64_t)vt_regs(t)->rax;

    if (result < 0 || d->model == NULL)
        return;
    switch (vt_syscall_number(t)) {
    case SYS_read:
    case SYS_readv:
    case SYS_pread64:
    case SYS_preadv:
    case SYS_preadv2:
        d->counts.bytes_read += (uint64_t)result;
        break;
    case SYS_write:
    case SYS_writev:
    case SYS_pwrite64:
    case SYS_pwritev:
    case SYS_pwritev2:
    case SYS_sendfile:
        wrote(t, 0, (uint64_t)result);
        break;
    case SYS_copy_file_range:
    case SYS_splice:
        wrote(t, 2, (uint64_t)result);
        break;
    case SYS_ftruncate:
    case SYS_fallocate:
        resized(t);
        break;
    case SYS_fsync:
    case SYS_fdatasync:
    case SYS_sync_file_range:
        synced(t);
        break;
    case SYS_sync:
    case SYS_syncfs:
        vt_disk_sync_mapped(d);
        disk_sync_all(d->model);
        break;
    case SYS_msync:
        if (vt_arg(t, 2) & MS_SYNC)
            vt_disk_sync_mapped(d);
        break;
    case SYS_open:
    case SYS_openat:
    case SYS_creat:
        opened(t, (int)result);
        break;
    case SYS_truncate:
    case SYS_mkdir:
    case SYS_rmdir:
    case SYS_unlink:
        named(t, -1, 0);
        break;
    case SYS_mkdirat:
    case SYS_unlinkat:
        named(t, 0, 1);
        break;
    case SYS_link:
        named(t, -1, 1);
        break;
    case SYS_linkat:
        named(t, 2, 3);
        break;
    case SYS_rename:
        renamed(t, -1, 0, -1, 1);
        break;
    case SYS_renameat:
    case SYS_renameat2:
        renamed(t, 0, 1, 2, 3);
        break;
    default:
        break;
    }
}
