/* fuzz_submission - mutated archives and texts of submissions.
 *
 * usage: fuzz_submission [ITERATIONS [SEED]]     exit status 1 and what it was if a promise is
 * broken
 *
 * What archive_take() and submission_parse() take holds every promise of submission.h: names that
 * filename_check() takes, no two that clash, sizes and counts within their caps, UTF-8; and it
 * survives its own text. What they refuse has a sentence without control characters. A compressed
 * archive rarely survives a flipped bit, so most are plain tar, where names, types and sizes stand
 * open, with their checksums made right again. */
#include "base/err.h"
#include "base/prng.h"
#include "judge/archive.h"
#include "judge/filename.h"
#include "judge/submission.h"

#include <archive.h>
#include <archive_entry.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(array) ((array)[prng_below(&chance, COUNT_OF(array))])

enum { BLOCK = 512, CHECKSUM_AT = 148 };

static struct prng chance;
static unsigned long long seed = 1;
static long iteration, taken, refused;

static const char *const names[] = {
    "main.c", "kit/node.c", ".eddy", "node", "a/b/c", "../x", "/etc/passwd",   "mine/main.c",
    "x y",    "mine/.eddy", "a",     "a/b",  "\xff",  "..",   "kit/../main.c", "node_modules/x/y",
};
static const char *const contents[] = {
    "",         "int x;",        "track: messenger\nlanguage: c\ntask: 3\n",
    "\xff\xfe", "track: ../x\n", "\xc3\xbc",
};
static const unsigned types[] = {AE_IFREG, AE_IFREG, AE_IFREG, AE_IFREG,
                                 AE_IFDIR, AE_IFLNK, AE_IFIFO, AE_IFCHR};

static void must(bool fine, const char *promise, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "fuzz_submission: %ld of seed %llu: not true: %s: %s\n", iteration, seed,
            promise, what);
    exit(1);
}

/* ---- archives ---- */

static la_ssize_t add_bytes(struct archive *a, void *out, const void *data, size_t len)
{
    (void)a;
    buf_add(out, data, len);
    return (la_ssize_t)len;
}

static void add_entry(struct archive *a)
{
    struct archive_entry *e = archive_entry_new();
    const char *text = PICK(contents);
    unsigned type = PICK(types);

    archive_entry_set_pathname(e, PICK(names));
    archive_entry_set_filetype(e, type);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, type == AE_IFREG ? (la_int64_t)strlen(text) : 0);
    if (type == AE_IFLNK)
        archive_entry_set_symlink(e, PICK(names));
    else if (type == AE_IFREG && prng_chance(&chance, 0.05))
        archive_entry_set_hardlink(e, PICK(names));
    if (archive_write_header(a, e) >= ARCHIVE_WARN && type == AE_IFREG)
        archive_write_data(a, text, strlen(text));
    archive_entry_free(e);
}

static void make_archive(struct buf *out, bool *ret_plain)
{
    struct archive *a = archive_write_new();
    uint64_t kind = prng_below(&chance, 8);
    uint64_t count = prng_below(&chance, 6);

    *ret_plain = kind > 1;
    if (kind == 0)
        archive_write_set_format_zip(a);
    else if (kind < 5)
        archive_write_set_format_pax_restricted(a);
    else
        archive_write_set_format_gnutar(a);
    if (kind == 1)
        archive_write_add_filter_gzip(a);
    archive_write_open2(a, out, NULL, add_bytes, NULL, NULL);
    while (count-- > 0)
        add_entry(a);
    archive_write_close(a);
    archive_write_free(a);
}

/* Of a header of tar, so that a changed one is looked at at all. */
static void mend_checksum(unsigned char *block)
{
    unsigned sum = 0;
    int i;

    memset(block + CHECKSUM_AT, ' ', 8);
    for (i = 0; i < BLOCK; i++)
        sum += block[i];
    snprintf((char *)block + CHECKSUM_AT, 8, "%06o", sum & 0777777);
}

static void mutate(struct buf *bytes, bool plain)
{
    uint64_t count = prng_below(&chance, 6);

    while (count-- > 0 && bytes->len > 0) {
        size_t at = prng_below(&chance, bytes->len);
        if (prng_chance(&chance, 0.7))
            at = at / BLOCK * BLOCK + prng_below(&chance, 160); /* names, sizes and types */
        if (at >= bytes->len)
            continue;
        bytes->data[at] = prng_chance(&chance, 0.5) ? (char)prng_below(&chance, 256)
                                                    : "0123456789/.LKxgS"[prng_below(&chance, 17)];
        if (plain && at / BLOCK * BLOCK + BLOCK <= bytes->len)
            mend_checksum((unsigned char *)bytes->data + at / BLOCK * BLOCK);
    }
    if (prng_chance(&chance, 0.1))
        bytes->len = prng_below(&chance, bytes->len + 1);
}

/* ---- texts ---- */

static void make_text(struct buf *out)
{
    uint64_t count = prng_below(&chance, 4), i;

    buf_add_text(out, "{\"track\":\"messenger\",\"task\":\"echo\",\"language\":\"c\",\"files\":[");
    for (i = 0; i < count; i++)
        buf_addf(out, "%s{\"name\":\"%s\",\"text\":\"%s\"}", i > 0 ? "," : "",
                 prng_chance(&chance, 0.5) ? PICK(names) : "main.c",
                 prng_chance(&chance, 0.5) ? "\\u0000\\ud83c" : "int x;");
    buf_add_text(out, "]}");
    count = prng_below(&chance, 3);
    while (count-- > 0)
        out->data[prng_below(&chance, out->len)] = "\"\\{}[],:0\x01\xff/."[prng_below(&chance, 13)];
}

/* ---- the promises ---- */

static void check_taken(const struct submission *s)
{
    struct err err = {.text = ""};
    size_t bytes = 0;
    uint32_t i, k;

    must(s->file_count >= 1 && s->file_count <= SUBMISSION_FILES_MAX, "1 to 200 files", "");
    for (i = 0; i < s->file_count; i++) {
        const struct submission_file *f = &s->files[i];
        must(filename_check(str_of(f->name), &err) == 0, "names are fine", err.text);
        must(strlen(f->data) == f->len && f->len <= SUBMISSION_FILE_MAX, "sizes", f->name);
        for (k = 0; k < i; k++)
            must(!filename_clash(str_of(f->name), str_of(s->files[k].name)), "no clash", f->name);
        bytes += f->len;
    }
    must(bytes == s->bytes && bytes <= SUBMISSION_BYTES_MAX, "bytes", "");
}

static void check_text(const struct submission *s)
{
    struct submission again = {0};
    struct err err = {.text = ""};
    struct buf text = {0}, text_again = {0};

    submission_text(s, &text);
    must(text.len <= SUBMISSION_TEXT_MAX, "the text's cap", "");
    if (s->track != NULL && s->task != NULL && s->language != NULL) {
        must(submission_parse(buf_str(&text), &again, &err) == 0, "it survives", err.text);
        submission_text(&again, &text_again);
        must(strcmp(text.data, text_again.data) == 0, "as it was", text.data);
    }
    submission_release(&again);
    buf_release(&text);
    buf_release(&text_again);
}

static void check(int status, struct submission *s, const struct err *err)
{
    size_t i;
    json_t *shown;

    if (status == 0) {
        taken++;
        check_taken(s);
        check_text(s);
    } else {
        refused++;
        must(status == ERR_INPUT, "the sender's fault", err->text);
        must(strlen(err->text) > 10, "a sentence", err->text);
        shown = json_string(err->text);
        must(shown != NULL, "the sentence is UTF-8", err->text);
        json_decref(shown);
        for (i = 0; err->text[i] != '\0'; i++)
            must((unsigned char)err->text[i] >= 0x20 && err->text[i] != 0x7f,
                 "no control characters", err->text);
    }
    submission_release(s);
}

static void one(void)
{
    struct submission s = {0};
    struct err err = {.text = ""};
    struct buf bytes = {0};
    bool plain;
    int status;

    if (prng_chance(&chance, 0.7)) {
        make_archive(&bytes, &plain);
        mutate(&bytes, plain);
        status = archive_take(buf_str(&bytes), &s, &err);
    } else {
        make_text(&bytes);
        status = submission_parse(buf_str(&bytes), &s, &err);
    }
    check(status, &s, &err);
    buf_release(&bytes);
}

int main(int argc, char **argv)
{
    long iterations = argc > 1 ? strtol(argv[1], NULL, 10) : 50000;

    if (argc > 2)
        seed = strtoull(argv[2], NULL, 10);
    prng_init(&chance, seed, "submission");
    for (iteration = 0; iteration < iterations; iteration++)
        one();
    printf("fuzz_submission: %ld, %ld taken, %ld refused\n", iterations, taken, refused);
    return taken > iterations / 50 && refused > 0 ? 0 : 1;
}
