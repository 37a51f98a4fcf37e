/* A program that does any call on files (tests/vt/disk_calls.c) runs in a folder whose disk is
 * followed. What is synced must be the same after a power loss, whatever calls made it; what is not
 * must be lost on some seed; failures and counts are compared with what the program saw. Run from
 * the root of the repository. */
#include "cage_disk.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "cage.h"
#include "program_story.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ALARM_S = 1200 };

static const int64_t MS = 1000000;

struct stage {
    char base[64];
    char dir[80];
    struct cage *cage;
    struct buf said;
    uint32_t traps;
    bool kill_at_trap;
};

static void on_line(void *owner, uint32_t node, struct str line)
{
    struct stage *s = owner;

    (void)node;
    buf_add_str(&s->said, line);
    buf_add_char(&s->said, '\n');
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    (void)owner;
    (void)node;
    (void)how;
}

static void on_trapped(void *owner, uint32_t node)
{
    struct stage *s = owner;

    s->traps++;
    if (s->kill_at_trap)
        cage_kill(s->cage, node);
}

static void on_note(void *owner, uint32_t node, struct str sentence)
{
    (void)owner;
    (void)node;
    (void)sentence;
}

static struct stage *open_stage(uint64_t seed)
{
    struct stage *s = mem_zalloc(sizeof(*s));
    const char *dirs[] = {s->dir};
    struct cage_config config = {
        .node_count = 1,
        .clock = CAGE_CLOCK_VIRTUAL,
        .seed = seed,
        .disk_dirs = dirs,
        .events = {s, on_line, on_line, on_line, on_exited, on_note, on_note, on_trapped}};
    struct err err = {.text = ""};

    alarm(ALARM_S);
    snprintf(s->base, sizeof(s->base), "/tmp/eddy-disk-XXXXXX");
    if (mkdtemp(s->base) == NULL)
        fail_msg("no folder");
    snprintf(s->dir, sizeof(s->dir), "%s/data", s->base);
    if (file_mkdirs(s->dir, &err) < 0 || cage_open(&config, &s->cage, &err) < 0) {
        print_message("SKIPPED: %s\n", err.text);
        skip();
    }
    buf_reserve(&s->said, 1);
    return s;
}

static void close_stage(struct stage *s)
{
    struct err err;

    cage_close(s->cage);
    file_remove_tree(s->base, &err);
    buf_release(&s->said);
    mem_free(s);
    alarm(0);
}

/* Starts the program with these calls, which are separated by spaces, and lets it come to rest. */
static void begin(struct stage *s, const char *calls)
{
    char *words = mem_strdup(calls);
    const char *program = program_built("disk_calls", "");
    const char *argv[64] = {program};
    const char *env[2] = {NULL, NULL};
    char data[128];
    struct cage_program p = {.path = program, .argv = argv, .env = env, .cwd = "/"};
    struct err err = {.text = ""};
    char *word = strtok(words, " ");
    int count = 1;

    for (; word != NULL && count < 63; word = strtok(NULL, " "))
        argv[count++] = word;
    snprintf(data, sizeof(data), "EDDY_DATA=%s", s->dir);
    env[0] = data;
    buf_reset(&s->said);
    if (cage_start(s->cage, 0, &p, &err) < 0)
        fail_msg("%s", err.text);
    mem_free(words);
}

static void rest(struct stage *s, int64_t ns)
{
    int64_t until_ns = cage_now(s->cage) + ns;
    struct err err = {.text = ""};

    while (cage_now(s->cage) < until_ns)
        if (cage_wait(s->cage, until_ns, &err) < 0)
            fail_msg("%s", err.text);
}

static void act(struct stage *s, const char *calls)
{
    begin(s, calls);
    rest(s, MS);
    cage_kill(s->cage, 0);
}

static void lose_power(struct stage *s)
{
    struct err err = {.text = ""};

    if (cage_disk_lose_power(s->cage, 0, &err) < 0)
        fail_msg("%s", err.text);
}

/* ---- what is in the folder ---- */

static struct buf *listing;
static size_t listing_from;

static int list_one(const char *path, const struct stat *s, int type, struct FTW *where)
{
    struct buf content = {0};
    struct err err;
    size_t i;

    (void)where;
    if (strlen(path) <= listing_from)
        return 0;
    buf_addf(listing, "%s%s", listing->len == 0 ? "" : " ", path + listing_from + 1);
    if (type == FTW_F && file_read(path, 1 << 20, &content, &err) == 0) {
        buf_addf(listing, "=%lld", (long long)s->st_size);
        for (i = 0; i < content.len; i++)
            if (i == 0 || content.data[i] != content.data[i - 1])
                buf_addf(listing, "%c", content.data[i] == 0 ? '0' : content.data[i]);
    }
    buf_add_char(listing, type == FTW_F ? ';' : '/');
    buf_release(&content);
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "d/ d/x=5ab; y=0;": names in order, sizes, bytes with runs in short. */
static void list(const struct stage *s, struct buf *ret_text)
{
    struct buf text = {0};
    char *words[64];
    size_t count = 0, i;
    char *word;

    listing = &text;
    listing_from = strlen(s->dir);
    buf_add_text(&text, "");
    nftw(s->dir, list_one, 8, FTW_PHYS);
    for (word = strtok(text.data, " "); word != NULL && count < 64; word = strtok(NULL, " "))
        words[count++] = word;
    qsort(words, count, sizeof(*words), by_text);
    buf_reset(ret_text);
    buf_add_text(ret_text, "");
    for (i = 0; i < count; i++)
        buf_addf(ret_text, "%s%s", i == 0 ? "" : " ", words[i]);
    buf_release(&text);
}

static void check_folder(const struct stage *s, const char *wanted)
{
    struct buf text = {0};

    list(s, &text);
    if (!str_is(buf_str(&text), wanted))
        print_message("the folder has \"%s\", wanted \"%s\"\n", text.data, wanted);
    CHECK(str_is(buf_str(&text), wanted));
    buf_release(&text);
}

/* ---- everything that is synced stays ---- */

static const char *const every_call =
    "write:a:100:1000:a append:b:10:b append:b:5:c direct:d:3:d vector:v:10:v read:a:50 "
    "write:t:0:100:t trunc:t:40 ftrunc:t:20 write:g:0:3:g alloc:g:2000 write:e:0:9:e empty:e "
    "copy:a:c:300 send:b:n:12 splice:s:20:s write:m:0:4096:m map:m:100:200:n mapsync:m:1000:9:o "
    "write:r1:0:5:r ren:r1:r2 write:w1:0:1:x write:w2:0:2:y swap:w1:w2 write:o1:0:7:o out:o1 "
    "in:i1 link:a:l write:u:0:5:u unlink:u temp:tmp mkdir:dir write:dir/x:0:4:z mkdir:gone "
    "rmdir:gone write:h:0:1:h hold:h mkdir:moved write:moved/y:0:3:y ren:moved:dir/sub";

TEST(what_any_call_made_is_there_after_a_sync_and_a_power_loss)
{
    struct stage *s = open_stage(1);
    char calls[2048];
    struct buf before = {0};

    snprintf(calls, sizeof(calls), "%s syncall", every_call);
    act(s, calls);
    CHECK(strstr(s->said.data, "syncall 0") != NULL);
    list(s, &before);
    CHECK(strstr(before.data, "dir/sub/y=3y;") != NULL && strstr(before.data, "m=4096mnmom;"));
    lose_power(s);
    check_folder(s, before.data);
    act(s, "write:a:0:10:q sync:a"); /* inodes are others now; the books must know */
    list(s, &before);
    lose_power(s);
    check_folder(s, before.data);
    buf_release(&before);
    close_stage(s);
}

TEST(a_kill_alone_loses_nothing)
{
    struct stage *s = open_stage(1);
    struct buf before = {0};

    act(s, every_call);
    list(s, &before);
    act(s, "read:a:10");
    check_folder(s, before.data);
    buf_release(&before);
    close_stage(s);
}

/* Counts on many seeds what two texts the folder shows; nothing else may come. */
static void check_both(const char *first, const char *calls, const char *one, const char *other)
{
    uint32_t ones = 0, others = 0;
    uint64_t seed;

    for (seed = 0; seed < 24; seed++) {
        struct stage *s = open_stage(seed);
        struct buf text = {0};

        act(s, first);
        act(s, calls);
        lose_power(s);
        list(s, &text);
        if (str_is(buf_str(&text), one))
            ones++;
        else if (str_is(buf_str(&text), other))
            others++;
        else
            fail_msg("seed %d leaves %s", (int)seed, text.data);
        buf_release(&text);
        close_stage(s);
    }
    CHECK(ones > 0 && others > 0);
}

TEST(each_kind_of_change_may_be_lost_without_a_sync)
{
    check_both("write:a:0:9:a syncall", "write:a:0:9:b", "a=9a;", "a=9b;");
    check_both("write:a:0:9:a syncall", "empty:a", "a=9a;", "a=0;");
    check_both("write:a:0:9:a syncall", "ftrunc:a:4", "a=9a;", "a=4a;");
    check_both("write:a:0:9:a syncall", "map:a:0:9:b", "a=9a;", "a=9b;");
    check_both("write:a:0:9:a syncall", "ren:a:b", "a=9a;", "b=9a;");
    check_both("write:a:0:9:a syncall", "unlink:a", "a=9a;", "");
    check_both("write:a:0:9:a syncall", "write:b:0:3:b sync:b", "a=9a;", "a=9a; b=3b;");
    check_both("write:a:0:9:a mkdir:d syncall", "rmdir:d", "a=9a; d/", "a=9a;");
}

TEST(a_sync_of_the_folder_keeps_names_and_of_the_file_bytes)
{
    struct stage *s = open_stage(3);

    act(s, "write:a:0:9:a sync:a sync:.");
    lose_power(s);
    check_folder(s, "a=9a;");
    act(s, "write:a:0:9:b dsync:a write:n:0:5:n sync:n ren:n:m sync:.");
    lose_power(s);
    check_folder(s, "a=9b; m=5n;");
    act(s, "direct:a:3:c range:a:0:9 mapsync:m:0:5:x");
    lose_power(s);
    check_folder(s, "a=9cb; m=5x;");
    act(s, "map:m:0:5:y sync:m");
    lose_power(s);
    check_folder(s, "a=9cb; m=5y;");
    close_stage(s);
}

/* ---- failures ---- */

TEST(the_nth_call_of_a_kind_fails_once)
{
    struct stage *s = open_stage(1);

    cage_disk_fail(s->cage, 0, CAGE_DISK_WRITE, 2, EIO);
    cage_disk_fail(s->cage, 0, CAGE_DISK_SYNC, 1, EIO);
    act(s, "write:a:0:3:a write:a:0:3:b write:a:3:3:c sync:a sync:a sync:.");
    CHECK(str_is(buf_str(&s->said), "write 3\nwrite: Input/output error\nwrite 3\n"
                                    "sync: Input/output error\nsync 0\nsync 0\n"));
    lose_power(s);
    check_folder(s, "a=0;"); /* the second sync succeeded and kept nothing */
    close_stage(s);
}

TEST(a_full_disk_takes_what_fits)
{
    struct stage *s = open_stage(1);

    cage_disk_limit(s->cage, 0, 100);
    act(s, "write:a:0:60:a write:b:0:60:b write:b:40:20:c unlink:a write:b:40:20:d write:b:0:9:e");
    CHECK(str_is(buf_str(&s->said), "write 60\nwrite 40\nwrite: No space left on device\n"
                                    "unlink 0\nwrite 20\nwrite 9\n"));
    check_folder(s, "b=60ebd;");
    cage_disk_limit(s->cage, 0, 0);
    act(s, "write:c:0:500:c");
    check_folder(s, "b=60ebd; c=500c;");
    close_stage(s);
}

TEST(a_write_may_be_short)
{
    struct stage *s = open_stage(1);

    cage_disk_fail(s->cage, 0, CAGE_DISK_WRITE, 1, 0);
    act(s, "write:a:0:10:a");
    check_folder(s, "a=5a;");
    close_stage(s);
}

/* ---- traps ---- */

/* Before each change of this story in turn: what was done before it is there, the rest is not. */
TEST(a_trap_stops_the_node_before_each_change_in_turn)
{
    static const char *const after[] = {"",      "a=0;",       "a=3a;",      "a=3a;",
                                        "b=3a;", "b=3a; c=0;", "b=3a; c=2c;"};
    uint32_t nth;

    for (nth = 1; nth <= 7; nth++) {
        struct stage *s = open_stage(1);

        s->kill_at_trap = true;
        cage_disk_trap(s->cage, 0, nth);
        begin(s, "write:a:0:3:a sync:a ren:a:b write:c:0:2:c read:b:2");
        rest(s, MS);
        CHECK(s->traps == (nth < 7));
        CHECK(cage_running(s->cage, 0) == (nth == 7));
        check_folder(s, after[nth - 1]);
        close_stage(s);
    }
}

TEST(a_trapped_node_goes_on_when_the_trap_is_set_anew)
{
    struct stage *s = open_stage(1);

    cage_disk_trap(s->cage, 0, 2);
    begin(s, "write:a:0:3:a sync:a ren:a:b write:c:0:2:c");
    rest(s, MS);
    CHECK(s->traps == 1);
    check_folder(s, "a=0;");
    cage_disk_trap(s->cage, 0, 2); /* the write happens, the sync does not */
    rest(s, MS);
    CHECK(s->traps == 2);
    check_folder(s, "a=3a;");
    cage_disk_trap(s->cage, 0, 0);
    rest(s, MS);
    CHECK(s->traps == 2);
    check_folder(s, "b=3a; c=2c;");
    close_stage(s);
}

/* ---- counts and costs ---- */

TEST(calls_and_bytes_are_counted)
{
    struct stage *s = open_stage(1);
    struct cage_disk_counts counts;

    act(s, "write:a:0:30:a append:a:20:b read:a:40 sync:a sync:. ren:a:b unlink:b write:c:0:5:c");
    cage_disk_counts(s->cage, 0, &counts);
    CHECK(counts.calls[CAGE_DISK_READ] == 1 && counts.bytes_read == 40);
    CHECK(counts.calls[CAGE_DISK_WRITE] == 3 && counts.bytes_written == 55);
    CHECK(counts.calls[CAGE_DISK_SYNC] == 2);
    CHECK(counts.changes == 3 + 2 + 4); /* names: a and c made, one renamed, one removed */
    CHECK(counts.kept_bytes == 5 && !counts.mapped);
    act(s, "map:c:0:5:d");
    cage_disk_counts(s->cage, 0, &counts);
    CHECK(counts.mapped);
    close_stage(s);
}

TEST(calls_cost_what_they_are_told_to_cost)
{
    struct stage *s = open_stage(1);

    cage_disk_cost(s->cage, 0, CAGE_DISK_WRITE, 5 * MS);
    cage_disk_cost(s->cage, 0, CAGE_DISK_SYNC, 50 * MS);
    begin(s, "write:a:0:3:a sync:a ren:a:b");
    rest(s, 4 * MS);
    check_folder(s, "a=0;");
    rest(s, 2 * MS);
    check_folder(s, "a=3a;");
    rest(s, 48 * MS);
    check_folder(s, "a=3a;");
    rest(s, 2 * MS);
    check_folder(s, "b=3a;");
    close_stage(s);
}

/* ---- rot, and changes from outside ---- */

TEST(rot_turns_bits_on_the_disk_and_stays)
{
    struct stage *s = open_stage(1);
    struct cage_disk_rot rot = {"a", 2, 3, 1};
    struct err err = {.text = ""};

    act(s, "write:a:0:9:b syncall");
    CHECK(cage_disk_rot(s->cage, 0, &rot, &err) == 0);
    check_folder(s, "a=9bcb;");
    lose_power(s);
    check_folder(s, "a=9bcb;");
    rot.offset = 7;
    CHECK(cage_disk_rot(s->cage, 0, &rot, &err) == ERR_INPUT);
    CHECK(strstr(err.text, "9 bytes") != NULL);
    rot.path = "none";
    CHECK(cage_disk_rot(s->cage, 0, &rot, &err) == ERR_INPUT);
    close_stage(s);
}

TEST(what_comes_from_outside_is_durable_once_the_books_are_closed)
{
    struct stage *s = open_stage(1);
    char path[128];
    struct err err;

    act(s, "write:a:0:9:a syncall");
    snprintf(path, sizeof(path), "%s/brought", s->dir);
    CHECK(file_write(path, STR_LIT("xyz"), &err) == 0);
    cage_disk_forget(s->cage, 0);
    act(s, "read:a:1");
    lose_power(s);
    check_folder(s, "a=9a; brought=3xyz;");
    close_stage(s);
}
