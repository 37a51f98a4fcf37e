/* Streams of lines to and from disk, the journal of a run above all: hundreds of thousands of
 * lines a second, on a budget of well under a microsecond each.
 *
 *   writing   lines_add, or lines_reserve + lines_commit  ->  text  -- zstd -->  packed  -> file
 *                                                              |___________ plain ________^
 *   reading   file -> packed -- zstd --> text -> one line at a time, in place
 *
 * Both buffers of a writer are bounded; text grows only for a reservation larger than it. The
 * reader's text grows with its longest line, up to what the caller allows. A flush ends a block of
 * the compressed stream, so that a reader sees all there is while the stream goes on; a file that
 * was never closed reads like one that was, up to its last flush at least. */
#include "file.h"

#include "assert.h"
#include "err.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum {
    TEXT_SIZE = 128 * 1024,
    PACKED_SIZE = 64 * 1024,
    LEVEL = 1, /* bench/lines_bench.c */
    WINDOW_LOG = 18,
};

static bool is_packed(const char *path)
{
    size_t len = strlen(path);

    return len >= 4 && strcmp(path + len - 4, ".zst") == 0;
}

struct lines {
    char *path;
    int fd;
    ZSTD_CCtx *zstd; /* NULL: plain */
    char *text;      /* not yet compressed or written */
    size_t len;
    size_t cap;
    char *packed; /* PACKED_SIZE bytes */
    int status;   /* the first failure; from then on nothing is written */
    struct err err;
};

int lines_create(const char *path, struct lines **ret_lines, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    struct lines *l;

    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "cannot create %s", path);
    l = mem_zalloc(sizeof(*l));
    l->path = mem_strdup(path);
    l->fd = fd;
    l->cap = TEXT_SIZE;
    l->text = mem_alloc(l->cap);
    if (is_packed(path)) {
        l->zstd = ZSTD_createCCtx();
        ASSERT(l->zstd != NULL);
        ZSTD_CCtx_setParameter(l->zstd, ZSTD_c_compressionLevel, LEVEL);
        ZSTD_CCtx_setParameter(l->zstd, ZSTD_c_windowLog, WINDOW_LOG);
        l->packed = mem_alloc(PACKED_SIZE);
    }
    *ret_lines = l;
    return 0;
}

static void write_all(struct lines *l, const char *data, size_t len)
{
    while (len > 0 && l->status == 0) {
        ssize_t wrote = write(l->fd, data, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0) {
            l->status = err_set_errno(&l->err, ERR_MACHINE, "cannot write %s", l->path);
            return;
        }
        data += wrote;
        len -= (size_t)wrote;
    }
}

static void drain_packed(struct lines *l, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {l->text, l->len, 0};
    size_t left;

    do {
        ZSTD_outBuffer out = {l->packed, PACKED_SIZE, 0};
        left = ZSTD_compressStream2(l->zstd, &out, &in, how);
        if (ZSTD_isError(left)) {
            l->status = err_set(&l->err, ERR_MACHINE, "cannot compress %s: %s", l->path,
                                ZSTD_getErrorName(left));
            return;
        }
        write_all(l, l->packed, out.pos);
    } while (l->status == 0 && (how == ZSTD_e_continue ? in.pos < in.size : left > 0));
}

/* Empties the text buffer. */
static void drain(struct lines *l, ZSTD_EndDirective how)
{
    if (l->status == 0 && l->zstd != NULL)
        drain_packed(l, how);
    else if (l->status == 0)
        write_all(l, l->text, l->len);
    l->len = 0;
}

char *lines_reserve(struct lines *l, size_t max)
{
    if (l->cap - l->len < max)
        drain(l, ZSTD_e_continue);
    if (l->cap < max)
        l->text = mem_grow(l->text, &l->cap, max, 1);
    return l->text + l->len;
}

void lines_commit(struct lines *l, size_t len)
{
    ASSERT(len <= l->cap - l->len);
    l->len += len;
}

void lines_add(struct lines *l, const char *data, size_t len)
{
    while (len > 0) {
        size_t room;
        size_t part;
        if (l->len == l->cap)
            drain(l, ZSTD_e_continue);
        room = l->cap - l->len;
        part = len < room ? len : room;
        memcpy(l->text + l->len, data, part);
        l->len += part;
        data += part;
        len -= part;
    }
}

static int report(const struct lines *l, struct err *err)
{
    return l->status == 0 ? 0 : err_set(err, l->status, "%s", l->err.text);
}

int lines_flush(struct lines *l, struct err *err)
{
    drain(l, ZSTD_e_flush);
    return report(l, err);
}

int lines_close(struct lines *l, struct err *err)
{
    int status;

    if (l == NULL)
        return 0;
    drain(l, ZSTD_e_end);
    if (close(l->fd) < 0 && l->status == 0)
        l->status = err_set_errno(&l->err, ERR_MACHINE, "cannot write %s", l->path);
    status = report(l, err);
    ZSTD_freeCCtx(l->zstd);
    mem_free(l->path);
    mem_free(l->text);
    mem_free(l->packed);
    mem_free(l);
    return status;
}

struct lines_reader {
    char *path;
    int fd;
    ZSTD_DCtx *zstd; /* NULL: plain */
    char *packed;    /* PACKED_SIZE bytes, of which [packed_at, packed_len) wait */
    size_t packed_at;
    size_t packed_len;
    char *text; /* [at, len) was not given out yet */
    size_t at;
    size_t len;
    size_t cap;
    bool is_over; /* the file gives no more */
};

int lines_open(const char *path, struct lines_reader **ret_reader, struct err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct lines_reader *r;

    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "cannot open %s", path);
    r = mem_zalloc(sizeof(*r));
    r->path = mem_strdup(is_stdin ? "standard input" : path);
    r->fd = fd;
    r->text = mem_grow(NULL, &r->cap, TEXT_SIZE, 1);
    if (is_packed(path)) {
        r->zstd = ZSTD_createDCtx();
        ASSERT(r->zstd != NULL);
        r->packed = mem_alloc(PACKED_SIZE);
    }
    *ret_reader = r;
    return 0;
}

/* Reads into [into, into + size); the count, 0 at the end, negative on an error. */
static ssize_t read_bytes(struct lines_reader *r, char *into, size_t size, struct err *err)
{
    ssize_t got;

    do
        got = read(r->fd, into, size);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_set_errno(err, ERR_MACHINE, "cannot read %s", r->path);
    return got;
}

/* Like read_bytes, of a compressed file. One that ends within a frame is one whose writer was
 * stopped: what there is counts. */
static ssize_t unpack_bytes(struct lines_reader *r, char *into, size_t size, struct err *err)
{
    ZSTD_outBuffer out = {into, size, 0};

    for (;;) {
        ZSTD_inBuffer in = {r->packed, r->packed_len, r->packed_at};
        size_t left = ZSTD_decompressStream(r->zstd, &out, &in);
        ssize_t got;
        if (ZSTD_isError(left))
            return err_set(err, ERR_INPUT, "%s is no zstd file, or it is damaged: %s", r->path,
                           ZSTD_getErrorName(left));
        r->packed_at = in.pos;
        if (out.pos > 0)
            return (ssize_t)out.pos;
        if (r->packed_at < r->packed_len)
            continue;
        got = read_bytes(r, r->packed, PACKED_SIZE, err);
        if (got <= 0)
            return got;
        r->packed_at = 0;
        r->packed_len = (size_t)got;
    }
}

/* Gets more text behind what there is. */
static int fill(struct lines_reader *r, struct err *err)
{
    ssize_t got;

    if (r->at > 0) {
        memmove(r->text, r->text + r->at, r->len - r->at);
        r->len -= r->at;
        r->at = 0;
    }
    r->text = mem_grow(r->text, &r->cap, r->len + TEXT_SIZE / 2, 1);
    if (r->zstd != NULL)
        got = unpack_bytes(r, r->text + r->len, r->cap - r->len, err);
    else
        got = read_bytes(r, r->text + r->len, r->cap - r->len, err);
    if (got < 0)
        return (int)got;
    r->len += (size_t)got;
    r->is_over = got == 0;
    return 0;
}

int lines_next(struct lines_reader *r, size_t max, struct str *ret_line, struct err *err)
{
    size_t searched = 0; /* of the text from r->at on, without a newline */

    for (;;) {
        size_t waiting = r->len - r->at;
        const char *start = r->text + r->at;
        const char *newline =
            waiting > searched ? memchr(start + searched, '\n', waiting - searched) : NULL;
        size_t len = newline != NULL ? (size_t)(newline - start) : waiting;
        int status;

        if (len > max)
            return err_set(err, ERR_FULL, "%s has a line longer than %zu bytes", r->path, max);
        if (newline != NULL || (r->is_over && waiting > 0)) {
            *ret_line = (struct str){start, len};
            r->at += newline != NULL ? len + 1 : len;
            return 1;
        }
        if (r->is_over)
            return 0;
        searched = waiting;
        status = fill(r, err);
        if (status < 0)
            return status;
    }
}

void lines_reader_close(struct lines_reader *r)
{
    if (r == NULL)
        return;
    if (r->fd != STDIN_FILENO)
        close(r->fd);
    ZSTD_freeDCtx(r->zstd);
    mem_free(r->path);
    mem_free(r->packed);
    mem_free(r->text);
    mem_free(r);
}
