#include "err.h"
#include "file.h"
#include "mem.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A fresh folder for one test, and paths in it. */
static char folder[64];

static const char *path_of(const char *name)
{
    static char path[256];

    if (folder[0] == '\0' || access(folder, F_OK) != 0) {
        strcpy(folder, "/tmp/eddy-file-test-XXXXXX");
        CHECK(mkdtemp(folder) != NULL);
    }
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void done(void)
{
    struct err err = {""};

    CHECK_INT(file_remove_tree(folder, &err), 0);
    CHECK(access(folder, F_OK) != 0);
}

TEST(a_file_is_read_whole_or_not_at_all)
{
    struct buf content = {0};
    struct err err = {""};
    char *path = mem_strdup(path_of("a"));

    CHECK_INT(file_write(path, STR_LIT("one\0two"), &err), 0);
    CHECK_INT(file_read(path, 6, &content, &err), ERR_FULL);
    CHECK(content.data == NULL);
    CHECK_HAS(err.text, "longer than 6 bytes");
    CHECK_INT(file_read(path, 7, &content, &err), 0);
    CHECK(content.len == 7 && memcmp(content.data, "one\0two", 8) == 0);
    buf_release(&content);
    CHECK_INT(file_write(path, STR_LIT(""), &err), 0);
    CHECK_INT(file_read(path, 0, &content, &err), 0);
    CHECK_INT(content.len, 0);
    buf_release(&content);
    CHECK_INT(file_read(path_of("absent"), 7, &content, &err), ERR_MACHINE);
    CHECK_HAS(err.text, "No such file");
    CHECK_INT(file_read(folder, 7, &content, &err), ERR_MACHINE);
    mem_free(path);
    done();
}

TEST(a_full_disk_is_told)
{
    struct err err = {""};
    struct lines *l = NULL;
    int i;

    CHECK_INT(file_write("/dev/full", STR_LIT("x"), &err), ERR_MACHINE);
    CHECK_HAS(err.text, "cannot write /dev/full");
    err.text[0] = '\0';
    CHECK_INT(lines_create("/dev/full", &l, &err), 0);
    for (i = 0; i < 100000; i++)
        lines_add(l, "0123456789", 10);
    CHECK_INT(lines_flush(l, &err), ERR_MACHINE);
    CHECK_INT(lines_close(l, &err), ERR_MACHINE);
    CHECK_HAS(err.text, "No space left");
}

TEST(folders_are_made_with_their_parents)
{
    struct err err = {""};

    CHECK_INT(file_mkdirs(path_of("x//y/z/"), &err), 0);
    CHECK_INT(file_mkdirs(path_of("x/y/z"), &err), 0);
    CHECK_INT(file_mkdirs("/", &err), 0);
    CHECK_INT(file_write(path_of("x/file"), STR_LIT("1"), &err), 0);
    CHECK_INT(file_mkdirs(path_of("x/file"), &err), ERR_MACHINE);
    CHECK_INT(file_mkdirs(path_of("x/file/deeper"), &err), ERR_MACHINE);
    CHECK_INT(file_mkdirs("", &err), ERR_MACHINE);
    done();
}

TEST(removal_follows_no_link)
{
    struct err err = {""};
    char *kept = mem_strdup(path_of("kept"));
    char *tree = mem_strdup(path_of("tree/deep"));

    CHECK_INT(file_mkdirs(kept, &err), 0);
    CHECK_INT(file_write(path_of("kept/file"), STR_LIT("1"), &err), 0);
    CHECK_INT(file_mkdirs(tree, &err), 0);
    CHECK_INT(symlink(kept, path_of("tree/deep/link")), 0);
    CHECK_INT(symlink("nowhere", path_of("tree/loose")), 0);
    CHECK_INT(file_remove_tree(path_of("tree"), &err), 0);
    CHECK(access(path_of("tree"), F_OK) != 0);
    CHECK(access(path_of("kept/file"), F_OK) == 0);
    CHECK_INT(symlink(kept, path_of("link")), 0);
    CHECK_INT(file_remove_tree(path_of("link"), &err), 0);
    CHECK(access(path_of("kept/file"), F_OK) == 0);
    CHECK_INT(file_remove_tree(path_of("absent"), &err), 0);
    mem_free(kept);
    mem_free(tree);
    done();
}

/* Goal: what a hostile program left behind goes too: a path far longer than PATH_MAX, more levels
 * than descriptors, folders without rights, and the names that the removal itself uses. */
TEST(removal_ends_on_any_tree)
{
    enum { LEVELS = 3000 };
    struct err err = {""};
    char *tree = mem_strdup(path_of("tree"));
    int at;
    int i;

    CHECK_INT(file_mkdirs(path_of("tree/.removed-0/full"), &err), 0);
    CHECK_INT(file_write(path_of("tree/.removed-1"), STR_LIT("1"), &err), 0);
    at = open(tree, O_RDONLY | O_DIRECTORY);
    for (i = 0; i < LEVELS; i++) {
        int next;
        CHECK_INT(mkdirat(at, "level", 0700), 0);
        CHECK_INT(mkdirat(at, "shut", i % 100 == 0 ? 0 : 0500), 0);
        next = openat(at, "level", O_RDONLY | O_DIRECTORY);
        CHECK(next >= 0);
        if (i % 100 == 0)
            CHECK_INT(fchmod(at, 0500), 0);
        close(at);
        at = next;
    }
    close(at);
    CHECK_INT(file_remove_tree(tree, &err), 0);
    CHECK(access(tree, F_OK) != 0);
    mem_free(tree);
    done();
}

/* Writes count lines "line K" in both ways of writing, then one without a newline. */
static void write_lines(const char *path, int count)
{
    struct lines *l = NULL;
    struct err err = {""};
    int i;

    CHECK_INT(lines_create(path, &l, &err), 0);
    for (i = 0; i < count; i++) {
        char text[32];
        int len = snprintf(text, sizeof(text), "line %d\n", i);
        if (i % 2 == 0) {
            lines_add(l, text, (size_t)len);
        } else {
            memcpy(lines_reserve(l, sizeof(text)), text, (size_t)len);
            lines_commit(l, (size_t)len);
        }
    }
    lines_add(l, "last", 4);
    CHECK_INT(lines_close(l, &err), 0);
}

static void read_lines(const char *path, int count)
{
    struct lines_reader *r = NULL;
    struct err err = {""};
    struct str line;
    int i;

    CHECK_INT(lines_open(path, &r, &err), 0);
    for (i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof(text), "line %d", i);
        CHECK_INT(lines_next(r, 100, &line, &err), 1);
        CHECK(str_is(line, text));
    }
    CHECK_INT(lines_next(r, 100, &line, &err), 1);
    CHECK(str_is(line, "last"));
    CHECK_INT(lines_next(r, 100, &line, &err), 0);
    CHECK_INT(lines_next(r, 100, &line, &err), 0);
    lines_reader_close(r);
}

TEST(lines_come_back_as_they_were_written)
{
    struct stat plain;
    struct stat packed;

    write_lines(path_of("plain"), 100000);
    read_lines(path_of("plain"), 100000);
    CHECK_INT(stat(path_of("plain"), &plain), 0);
    write_lines(path_of("packed.zst"), 100000);
    read_lines(path_of("packed.zst"), 100000);
    CHECK_INT(stat(path_of("packed.zst"), &packed), 0);
    CHECK(packed.st_size < plain.st_size / 2);
    write_lines(path_of("none.zst"), 0);
    read_lines(path_of("none.zst"), 0);
    done();
}

static int count_lines(const char *path, int *ret_status)
{
    struct lines_reader *r = NULL;
    struct err err = {""};
    struct str line;
    int count = 0;

    CHECK_INT(lines_open(path, &r, &err), 0);
    while ((*ret_status = lines_next(r, 1000, &line, &err)) > 0)
        count++;
    lines_reader_close(r);
    return count;
}

TEST(what_was_flushed_can_be_read_while_writing_goes_on)
{
    static const char *const names[] = {"plain", "packed.zst"};
    size_t i;

    for (i = 0; i < 2; i++) {
        struct lines *l = NULL;
        struct err err = {""};
        int status;
        CHECK_INT(lines_create(path_of(names[i]), &l, &err), 0);
        lines_add(l, "a\nb\n", 4);
        CHECK_INT(lines_flush(l, &err), 0);
        CHECK_INT(count_lines(path_of(names[i]), &status), 2);
        CHECK_INT(status, 0);
        lines_add(l, "c\n", 2);
        CHECK_INT(lines_flush(l, &err), 0);
        CHECK_INT(count_lines(path_of(names[i]), &status), 3);
        CHECK_INT(lines_close(l, &err), 0);
        CHECK_INT(count_lines(path_of(names[i]), &status), 3);
        CHECK_INT(status, 0);
    }
    done();
}

TEST(a_compressed_file_cut_short_reads_to_where_it_goes)
{
    struct stat whole;
    int status;
    int count;

    write_lines(path_of("a.zst"), 100000);
    CHECK_INT(stat(path_of("a.zst"), &whole), 0);
    CHECK_INT(truncate(path_of("a.zst"), whole.st_size / 2), 0);
    count = count_lines(path_of("a.zst"), &status);
    CHECK_INT(status, 0);
    CHECK(count > 10000 && count < 100000);
    CHECK_INT(truncate(path_of("a.zst"), 0), 0);
    CHECK_INT(count_lines(path_of("a.zst"), &status), 0);
    CHECK_INT(status, 0);
    done();
}

TEST(a_damaged_compressed_file_is_told)
{
    struct err err = {""};
    int status;

    CHECK_INT(file_write(path_of("a.zst"), STR_LIT("{\"this\": \"is no zstd\"}\n"), &err), 0);
    CHECK_INT(count_lines(path_of("a.zst"), &status), 0);
    CHECK_INT(status, ERR_INPUT);
    done();
}

TEST(a_line_has_a_longest_length)
{
    static const char *const names[] = {"plain", "packed.zst"};
    enum { LONG = 500000 };
    char *text = mem_alloc(LONG + 1);
    size_t i;

    memset(text, 'x', LONG);
    text[LONG] = '\n';
    for (i = 0; i < 2; i++) {
        struct lines *l = NULL;
        struct lines_reader *r = NULL;
        struct err err = {""};
        struct str line;
        CHECK_INT(lines_create(path_of(names[i]), &l, &err), 0);
        lines_add(l, text, LONG + 1);
        memcpy(lines_reserve(l, LONG + 1), text, LONG + 1);
        lines_commit(l, LONG + 1);
        lines_add(l, "\n", 1);
        CHECK_INT(lines_close(l, &err), 0);

        CHECK_INT(lines_open(path_of(names[i]), &r, &err), 0);
        CHECK_INT(lines_next(r, LONG, &line, &err), 1);
        CHECK(line.len == LONG && memcmp(line.data, text, LONG) == 0);
        CHECK_INT(lines_next(r, LONG - 1, &line, &err), ERR_FULL);
        CHECK_HAS(err.text, "line longer than 499999 bytes");
        CHECK_INT(lines_next(r, LONG, &line, &err), 1);
        CHECK_INT(lines_next(r, LONG, &line, &err), 1);
        CHECK_INT(line.len, 0);
        CHECK_INT(lines_next(r, LONG, &line, &err), 0);
        lines_reader_close(r);
    }
    mem_free(text);
    done();
}

TEST(opening_what_is_not_there_fails)
{
    struct lines *l = NULL;
    struct lines_reader *r = NULL;
    struct err err = {""};

    CHECK_INT(lines_open(path_of("absent"), &r, &err), ERR_MACHINE);
    CHECK_INT(lines_create(path_of("absent/x"), &l, &err), ERR_MACHINE);
    CHECK(r == NULL && l == NULL);
    CHECK_INT(lines_close(NULL, &err), 0);
    lines_reader_close(NULL);
    done();
}

/* Goal: nothing below a stranger's folder leads out of it. */
TEST(what_is_below_a_folder_stays_there)
{
    char *inside = mem_strdup(path_of("inside"));
    char *outside = mem_strdup(path_of("outside"));
    struct buf content = {0};
    struct err err = {""};
    int fd = -1;

    CHECK_INT(file_mkdirs(path_of("inside/real"), &err), 0);
    CHECK_INT(file_write(outside, STR_LIT("secret"), &err), 0);
    CHECK_INT(symlink(outside, path_of("inside/link")), 0);
    CHECK_INT(symlink(folder, path_of("inside/folder")), 0);
    CHECK_INT(mkfifo(path_of("inside/fifo"), 0600), 0);

    CHECK_INT(file_read_below(inside, "link", 100, &content, &err), ERR_INPUT);
    CHECK_HAS(err.text, "no regular file link");
    CHECK_INT(file_read_below(inside, "folder/outside", 100, &content, &err), ERR_INPUT);
    CHECK_INT(file_read_below(inside, "../outside", 100, &content, &err), ERR_INPUT);
    CHECK_INT(file_read_below(inside, "real/../../outside", 100, &content, &err), ERR_INPUT);
    CHECK_INT(file_read_below(inside, "fifo", 100, &content, &err), ERR_INPUT);
    CHECK_INT(file_read_below(inside, "real", 100, &content, &err), ERR_INPUT);
    CHECK_INT(file_open_below(inside, "fifo", O_WRONLY, &fd, &err), ERR_INPUT);
    CHECK_INT(file_write_below(inside, "link", STR_LIT("x"), &err), ERR_INPUT);
    CHECK_INT(file_write_below(inside, "folder/outside", STR_LIT("x"), &err), ERR_INPUT);
    CHECK_INT(file_unlink_below(inside, "folder/outside", &err), ERR_INPUT);
    CHECK_INT(file_read(outside, 100, &content, &err), 0);
    CHECK(content.len == 6 && memcmp(content.data, "secret", 6) == 0);
    buf_release(&content);

    CHECK_INT(file_write_below(inside, "real/file", STR_LIT("longer"), &err), 0);
    CHECK_INT(file_write_below(inside, "real/file", STR_LIT("own"), &err), 0);
    CHECK_INT(file_read_below(inside, "real/file", 100, &content, &err), 0);
    CHECK(content.len == 3 && memcmp(content.data, "own", 3) == 0);
    buf_release(&content);
    CHECK_INT(file_unlink_below(inside, "link", &err), 0); /* the link, not what it means */
    CHECK_INT(access(outside, F_OK), 0);
    mem_free(inside);
    mem_free(outside);
    done();
}
