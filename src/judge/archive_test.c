#include "archive.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "../course/language.h"
#include "../course/track.h"
#include "submission.h"

#include <archive.h>
#include <archive_entry.h>

/* An archive in the making, by the library's own hand: it packs what a stranger would. */
struct story {
    struct archive *archive;
    struct buf bytes;
    struct submission s;
    struct err err;
};

static la_ssize_t add_bytes(struct archive *a, void *out, const void *data, size_t len)
{
    (void)a;
    buf_add(out, data, len);
    return (la_ssize_t)len;
}

static void begin(struct story *s, bool zip)
{
    *s = (struct story){.archive = archive_write_new()};
    if (zip) {
        archive_write_set_format_zip(s->archive);
    } else {
        archive_write_add_filter_gzip(s->archive);
        archive_write_set_format_pax_restricted(s->archive);
    }
    CHECK_INT(archive_write_open2(s->archive, &s->bytes, NULL, add_bytes, NULL, NULL), ARCHIVE_OK);
}

static void entry(struct story *s, const char *name, unsigned type, const char *link,
                  struct str data)
{
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, type);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, (la_int64_t)data.len);
    if (link != NULL && type == AE_IFLNK)
        archive_entry_set_symlink(e, link);
    else if (link != NULL)
        archive_entry_set_hardlink(e, link);
    CHECK(archive_write_header(s->archive, e) >= ARCHIVE_WARN);
    if (data.len > 0)
        archive_write_data(s->archive, data.data, data.len);
    archive_entry_free(e);
}

static void file(struct story *s, const char *name, const char *text)
{
    entry(s, name, AE_IFREG, NULL, str_of(text));
}

static int take(struct story *s)
{
    archive_write_close(s->archive);
    archive_write_free(s->archive);
    s->archive = NULL;
    return archive_take(buf_str(&s->bytes), &s->s, &s->err);
}

static void end(struct story *s)
{
    submission_release(&s->s);
    buf_release(&s->bytes);
}

/* Refused with a sentence that has this. */
static void refused(struct story *s, const char *why)
{
    CHECK_INT(take(s), ERR_INPUT);
    CHECK_HAS(s->err.text, why);
    end(s);
}

TEST(a_folder_is_taken_without_its_name_and_debris)
{
    int zip;

    for (zip = 0; zip < 2; zip++) {
        struct story s;
        begin(&s, zip);
        entry(&s, "mine/", AE_IFDIR, NULL, str_of(""));
        file(&s, "mine/.eddy", "# what\ntrack: messenger\nlanguage: go\ntask: 3\n");
        file(&s, "mine/main.go", "package main");
        file(&s, "mine/kit/node.go", "package kit");
        file(&s, "mine/node", "\x7f\x45LF");
        file(&s, "mine/.git/config", "x");
        file(&s, "mine/eddy-report/03-echo/report.html", "x");
        if (!zip)
            entry(&s, "mine/node_modules/.bin/tsc", AE_IFLNK, "../x", str_of(""));
        CHECK_INT(take(&s), 0);
        CHECK_INT(s.s.file_count, 2);
        CHECK_TEXT(submission_file(&s.s, "main.go")->data, "package main");
        CHECK_TEXT(submission_file(&s.s, "kit/node.go")->data, "package kit");
        CHECK_TEXT(s.s.track, "messenger");
        CHECK_TEXT(s.s.language, "go");
        CHECK_TEXT(s.s.task, "3");
        end(&s);
    }
}

TEST(a_folder_without_a_name_is_taken_as_it_is)
{
    struct story s;

    begin(&s, false);
    file(&s, "./main.c", "int x;");
    file(&s, "./kit/node.c", "int y;");
    s.s.track = mem_strdup("mine");
    CHECK_INT(take(&s), 0);
    CHECK(submission_file(&s.s, "main.c") != NULL && submission_file(&s.s, "kit/node.c") != NULL);
    CHECK(s.s.task == NULL);
    end(&s);
}

TEST(hostile_entries_are_refused)
{
    static const struct {
        const char *name;
        unsigned type;
        const char *link, *why;
    } cases[] = {
        {"../main.c", AE_IFREG, NULL, "leads out of the folder"},
        {"a/../../main.c", AE_IFREG, NULL, "leads out of the folder"},
        {"/etc/cron.d/x", AE_IFREG, NULL, "leads out of the folder"},
        {"..", AE_IFDIR, NULL, "leads out of the folder"},
        {".git/../../x", AE_IFREG, NULL, "leads out of the folder"},
        {"main.c", AE_IFLNK, "/etc/passwd", "is no regular file"},
        {"main.c", AE_IFREG, "/etc/passwd", "is no regular file"},
        {"main.c", AE_IFCHR, NULL, "is no regular file"},
        {"main.c", AE_IFIFO, NULL, "is no regular file"},
        {"a b.c", AE_IFREG, NULL, "not allowed"},
        {"-x.c", AE_IFREG, NULL, "taken for an option"},
        {"a\nb.c", AE_IFREG, NULL, "not allowed"},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct story s;
        begin(&s, false);
        file(&s, "good.c", "");
        entry(&s, cases[i].name, cases[i].type, cases[i].link, str_of(""));
        refused(&s, cases[i].why);
    }
}

TEST(the_same_name_twice_is_refused)
{
    struct story s;

    begin(&s, true);
    file(&s, "main.c", "int x;");
    file(&s, "main.c", "int y;");
    refused(&s, "it is there twice");
}

TEST(what_unpacks_to_too_much_is_refused)
{
    char *big = mem_zalloc(1 << 20);
    struct story s;
    char name[32];
    int i;

    begin(&s, false);
    entry(&s, "main.c", AE_IFREG, NULL, (struct str){big, 1 << 20});
    refused(&s, "may have 256 KiB at most");
    begin(&s, true); /* passed over, but unpacked all the same */
    for (i = 0; i < 129; i++) {
        snprintf(name, sizeof(name), "node.d/%d", i);
        entry(&s, name, AE_IFREG, NULL, (struct str){big, 1 << 20});
    }
    CHECK(s.bytes.len < 1 << 20);
    refused(&s, "unpacks to more than 128 MiB");
    begin(&s, false);
    for (i = 0; i < SUBMISSION_FILES_MAX + 2; i++) {
        snprintf(name, sizeof(name), "f%d", i);
        file(&s, name, "");
    }
    refused(&s, "more than 200 files");
    begin(&s, false);
    for (i = 0; i <= ARCHIVE_ENTRIES_MAX; i++)
        entry(&s, "d", AE_IFDIR, NULL, str_of(""));
    refused(&s, "more than 20000 entries");
    mem_free(big);
}

TEST(what_is_no_archive_is_refused)
{
    struct story s;

    begin(&s, true);
    file(&s, "main.c", "int x; int y; int z;");
    archive_write_close(s.archive);
    s.bytes.len = 40; /* cut short */
    refused(&s, "archive");
    begin(&s, true);
    refused(&s, "has no files of a program");
    s = (struct story){0};
    CHECK_INT(archive_take(str_of("int main(void) {}"), &s.s, &s.err), ERR_INPUT);
    CHECK_HAS(s.err.text, "must be a zip, tar or tar.gz");
    end(&s);
}

/* A download holds what `eddy learn` needs, and comes back as the submission it was, with the kit.
 */
TEST(a_download_is_a_folder_of_eddy_learn)
{
    struct submission s = {0}, again = {0};
    struct languages *languages = NULL;
    struct course *course = NULL;
    struct err err = {.text = ""};
    struct buf bytes = {0};

    CHECK_INT(course_open(".", &course, &err), 0);
    CHECK_INT(languages_open(".", &languages, &err), 0);
    submission_word("track", str_of("messenger"), &s.track, &err);
    submission_word("task", str_of("errors"), &s.task, &err);
    submission_word("language", str_of("c"), &s.language, &err);
    CHECK_INT(submission_add(&s, str_of("main.c"), str_of("int mine;"), &err), 0);
    CHECK_INT(archive_make(course, languages, &s, ARCHIVE_ZIP, &bytes, &err), 0);
    CHECK_INT(archive_take(buf_str(&bytes), &again, &err), 0);
    CHECK_TEXT(submission_file(&again, "main.c")->data, "int mine;");
    CHECK(submission_file(&again, "kit/node.c") != NULL);
    CHECK_TEXT(again.task, "4");
    s.task[0] = 'x';
    CHECK_INT(archive_make(course, languages, &s, ARCHIVE_TAR_GZ, &bytes, &err), ERR_INPUT);
    submission_release(&s);
    submission_release(&again);
    buf_release(&bytes);
    languages_close(languages);
    course_close(course);
}
