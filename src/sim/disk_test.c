/* Each promise of POSIX is held on many seeds; each freedom that it leaves must be seen on some. */
#include "disk.h"

#include "../base/mem.h"
#include "../base/prng.h"
#include "../base/test.h"

#include <stdio.h>
#include <string.h>

enum { SEEDS = 400 };

static void add_entry(void *owner, const struct disk_entry *entry)
{
    struct buf *text = owner;
    size_t i;

    buf_addf(text, "%s%s", text->len == 0 ? "" : " ", entry->path);
    if (entry->kind == DISK_DIR) {
        buf_add_char(text, '/');
        return;
    }
    buf_add_char(text, '=');
    for (i = 0; i < entry->bytes.len; i++) /* runs of equal bytes in short */
        if (i == 0 || entry->bytes.data[i] != entry->bytes.data[i - 1])
            buf_addf(text, "%c", entry->bytes.data[i] == 0 ? '0' : entry->bytes.data[i]);
}

/* What is durable: "a/ a/x=ab y=": a directory, a file with some a and then some b, an empty file.
 */
static void show(const struct disk *d, struct buf *text)
{
    buf_reset(text);
    buf_add_text(text, "");
    disk_walk(d, add_entry, text);
}

static void check_shows(const struct disk *d, const char *wanted)
{
    struct buf text = {0};

    show(d, &text);
    if (!str_is(buf_str(&text), wanted))
        printf("durable is \"%s\", wanted \"%s\"\n", text.data, wanted);
    CHECK(str_is(buf_str(&text), wanted));
    buf_release(&text);
}

static void put(struct disk *d, uint32_t file, uint64_t offset, char c, size_t len)
{
    char *bytes = mem_alloc(len);

    memset(bytes, c, len);
    disk_write(d, file, offset, (struct str){bytes, len});
    mem_free(bytes);
}

static uint32_t create(struct disk *d, uint32_t dir, const char *name)
{
    uint32_t file = disk_place(d, DISK_FILE);

    disk_link(d, dir, str_of(name), file);
    return file;
}

/* A file with so many a that is wholly durable. */
static uint32_t create_durable(struct disk *d, const char *name, size_t len)
{
    uint32_t file = create(d, DISK_ROOT, name);

    put(d, file, 0, 'a', len);
    disk_sync(d, file);
    disk_sync(d, DISK_ROOT);
    return file;
}

/* Runs the story on many seeds, loses power at its end and counts what each outcome looks like. All
 * outcomes must be in allowed, and each of those must be seen. */
static void check_outcomes(void (*story)(struct disk *d), const char *const *allowed)
{
    uint32_t seen[32] = {0};
    struct buf text = {0};
    uint64_t seed;
    uint32_t i;

    for (seed = 0; seed < SEEDS; seed++) {
        struct disk *d = disk_new();
        struct prng chance;

        prng_init(&chance, seed, "disk");
        story(d);
        disk_lose_power(d, &chance);
        CHECK(disk_pending_bytes(d) == 0);
        show(d, &text);
        for (i = 0; allowed[i] != NULL && !str_is(buf_str(&text), allowed[i]); i++)
            ;
        if (allowed[i] == NULL)
            printf("seed %llu leaves \"%s\"\n", (unsigned long long)seed, text.data);
        CHECK(allowed[i] != NULL);
        seen[i]++;
        disk_free(d);
    }
    for (i = 0; allowed[i] != NULL; i++) {
        if (seen[i] == 0)
            printf("no seed leaves \"%s\"\n", allowed[i]);
        CHECK(seen[i] > 0);
    }
    buf_release(&text);
}

#define OUTCOMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void synced_with_its_name(struct disk *d)
{
    create_durable(d, "log", 1000);
}

TEST(what_is_synced_with_its_name_is_there)
{
    check_outcomes(synced_with_its_name, OUTCOMES("log=a"));
}

static void name_not_synced(struct disk *d)
{
    uint32_t file = create(d, DISK_ROOT, "log");

    put(d, file, 0, 'a', 1000);
    disk_sync(d, file);
}

TEST(a_synced_file_may_have_lost_its_name)
{
    check_outcomes(name_not_synced, OUTCOMES("log=a", ""));
}

static void content_not_synced(struct disk *d)
{
    uint32_t file = create(d, DISK_ROOT, "log");

    disk_sync(d, DISK_ROOT);
    put(d, file, 0, 'a', 2 * DISK_SECTOR);
}

TEST(a_synced_name_may_have_lost_its_content)
{
    check_outcomes(content_not_synced, OUTCOMES("log=", "log=a", "log=0", "log=0a"));
}

static void three_appends(struct disk *d)
{
    uint32_t file = create_durable(d, "log", DISK_SECTOR);

    put(d, file, 1 * DISK_SECTOR, 'b', DISK_SECTOR);
    put(d, file, 2 * DISK_SECTOR, 'c', DISK_SECTOR);
}

TEST(a_later_write_may_survive_an_earlier_one)
{
    check_outcomes(three_appends, OUTCOMES("log=a", "log=ab", "log=abc", "log=a0c", "log=a0"));
}

static void overwrite_of_three_sectors(struct disk *d)
{
    uint32_t file = create_durable(d, "log", 3 * DISK_SECTOR);

    put(d, file, 100, 'b', 2 * DISK_SECTOR);
}

/* The write covers the sectors 0 (from 100), 1, and 2 (up to 100): any of them may be old. */
TEST(a_write_may_be_torn_between_sectors_and_nowhere_else)
{
    struct buf text = {0};
    uint64_t seed;
    uint32_t torn = 0;

    for (seed = 0; seed < SEEDS; seed++) {
        struct disk *d = disk_new();
        struct prng chance;
        uint32_t i;

        prng_init(&chance, seed, "disk");
        overwrite_of_three_sectors(d);
        disk_lose_power(d, &chance);
        show(d, &text);
        for (i = 0; text.data[i] != 0; i++)
            CHECK(strchr("log=ab", text.data[i]) != NULL);
        torn += str_is(buf_str(&text), "log=aba") ? 0 : !str_is(buf_str(&text), "log=a");
        disk_free(d);
    }
    CHECK(torn > 0);
    buf_release(&text);
}

static void replaced_by_rename(struct disk *d)
{
    uint32_t file;

    create_durable(d, "state", 10);
    file = create(d, DISK_ROOT, "new");
    put(d, file, 0, 'b', 10);
    disk_sync(d, file);
    disk_rename(d, DISK_ROOT, STR_LIT("new"), DISK_ROOT, STR_LIT("state"), file);
}

TEST(a_rename_happens_or_does_not)
{
    check_outcomes(replaced_by_rename, OUTCOMES("state=a", "new=b state=a", "state=b"));
}

static void replaced_without_sync(struct disk *d)
{
    uint32_t file;

    create_durable(d, "state", 10);
    file = create(d, DISK_ROOT, "new");
    put(d, file, 0, 'b', 10);
    disk_rename(d, DISK_ROOT, STR_LIT("new"), DISK_ROOT, STR_LIT("state"), file);
    disk_sync(d, DISK_ROOT);
}

TEST(a_rename_before_the_sync_of_its_content_may_leave_an_empty_file)
{
    check_outcomes(replaced_without_sync, OUTCOMES("state=", "state=b", "state=0"));
}

static void removed(struct disk *d)
{
    create_durable(d, "log", 10);
    disk_unlink(d, DISK_ROOT, STR_LIT("log"));
}

TEST(a_removal_may_be_lost_until_the_directory_is_synced)
{
    struct disk *d = disk_new();
    uint32_t file = create_durable(d, "log", 10);

    check_outcomes(removed, OUTCOMES("log=a", ""));
    disk_unlink(d, DISK_ROOT, STR_LIT("log"));
    CHECK(!disk_is_dead(d, file));
    disk_sync(d, DISK_ROOT);
    check_shows(d, "");
    CHECK(disk_is_dead(d, file));
    CHECK(disk_durable_bytes(d) == 0);
    put(d, file, 0, 'b', 10); /* by a descriptor that is still open */
    CHECK(disk_pending_bytes(d) == 0);
    disk_free(d);
}

static void cut_short(struct disk *d)
{
    uint32_t file = create_durable(d, "log", 10);

    disk_truncate(d, file, 0);
}

TEST(a_truncation_may_be_lost)
{
    check_outcomes(cut_short, OUTCOMES("log=a", "log="));
}

TEST(a_new_directory_needs_its_own_name)
{
    struct disk *d = disk_new();
    uint32_t dir = disk_place(d, DISK_DIR);
    uint32_t file;

    disk_link(d, DISK_ROOT, STR_LIT("sub"), dir);
    file = create(d, dir, "x");
    put(d, file, 0, 'a', 3);
    disk_sync(d, file);
    disk_sync(d, dir);
    check_shows(d, ""); /* what is in it is durable, but nothing leads there */
    disk_sync(d, DISK_ROOT);
    check_shows(d, "sub/ sub/x=a");
    disk_free(d);
}

/* "x" comes to be in the sub-directory, pending; then a file from the root takes that name, and
 * only the root is synced. The older change may no longer undo the newer one. */
TEST(a_change_that_settles_early_is_not_undone_by_an_older_one)
{
    struct disk *d = disk_new();
    uint32_t dir = disk_place(d, DISK_DIR);
    uint32_t moved = create_durable(d, "y", 5);

    disk_link(d, DISK_ROOT, STR_LIT("sub"), dir);
    disk_sync(d, DISK_ROOT);
    create(d, dir, "x");
    disk_rename(d, DISK_ROOT, STR_LIT("y"), dir, STR_LIT("x"), moved);
    disk_sync(d, DISK_ROOT);
    check_shows(d, "sub/ sub/x=a");
    disk_sync(d, dir);
    check_shows(d, "sub/ sub/x=a");
    disk_free(d);
}

TEST(a_range_is_synced_up_to_the_durable_size)
{
    struct disk *d = disk_new();
    uint32_t file = create_durable(d, "log", 10);

    put(d, file, 5, 'b', 10);
    disk_sync_range(d, file, 0, 0);
    check_shows(d, "log=ab");
    CHECK(disk_durable_bytes(d) == 10);
    disk_sync(d, file);
    CHECK(disk_durable_bytes(d) == 15);
    disk_free(d);
}

TEST(a_failed_sync_loses_what_a_later_one_does_not_bring_back)
{
    struct disk *d = disk_new();
    uint32_t file = create_durable(d, "log", 10);
    struct buf seen = {0};

    put(d, file, 5, 'b', 10);
    disk_current(d, file, &seen);
    CHECK(str_is(buf_str(&seen), "aaaaabbbbbbbbbb"));
    disk_sync_failed(d, file);
    disk_sync(d, file);
    check_shows(d, "log=a");
    buf_release(&seen);
    disk_free(d);
}

TEST(rot_changes_what_is_durable)
{
    struct disk *d = disk_new();
    uint32_t file = create_durable(d, "log", 10);

    disk_spoil(d, file, 8, STR_LIT("xyz"));
    check_shows(d, "log=axy");
    disk_spoil(d, file, 10, STR_LIT("z"));
    CHECK(disk_durable_bytes(d) == 10);
    disk_free(d);
}

TEST(what_is_pending_has_a_cap)
{
    struct disk *d = disk_new();
    uint32_t file = create_durable(d, "log", 1);
    uint64_t i;

    for (i = 0; i * (1 << 20) <= DISK_PENDING_MAX; i++)
        put(d, file, i << 20, 'b', 1 << 20);
    CHECK(disk_pending_bytes(d) == 0); /* the last one was too much: all of it is durable */
    CHECK(disk_durable_bytes(d) == i << 20);
    disk_free(d);
}

/* ---- against a model that knows no pending things ---- */

enum { MODEL_FILES = 4, MODEL_SIZE = 3 * DISK_SECTOR, MODEL_STEPS = 60 };

/* Files by name; what is in them after all that was done. */
struct model {
    struct disk *disk;
    uint32_t place[MODEL_FILES];
    bool exists[MODEL_FILES];
    char bytes[MODEL_FILES][MODEL_SIZE];
    size_t size[MODEL_FILES];
};

static struct str model_name(uint32_t number)
{
    static const char names[] = "abcd";

    return (struct str){names + number, 1};
}

static void model_write(struct model *m, uint32_t i, struct prng *chance)
{
    size_t from = prng_below(chance, MODEL_SIZE);
    size_t len = 1 + prng_below(chance, MODEL_SIZE - from);
    char c = (char)('a' + prng_below(chance, 26));

    put(m->disk, m->place[i], from, c, len);
    if (from > m->size[i])
        memset(m->bytes[i] + m->size[i], 0, from - m->size[i]);
    memset(m->bytes[i] + from, c, len);
    if (from + len > m->size[i])
        m->size[i] = from + len;
}

static void model_step(struct model *m, struct prng *chance)
{
    uint32_t i = (uint32_t)prng_below(chance, MODEL_FILES);
    uint32_t to = (uint32_t)prng_below(chance, MODEL_FILES);

    if (!m->exists[i]) {
        m->place[i] = create(m->disk, DISK_ROOT, (char[]){model_name(i).data[0], 0});
        m->exists[i] = true;
        m->size[i] = 0;
        return;
    }
    switch (prng_below(chance, 6)) {
    case 0:
        disk_unlink(m->disk, DISK_ROOT, model_name(i));
        m->exists[i] = false;
        break;
    case 1:
        if (to == i)
            break;
        disk_rename(m->disk, DISK_ROOT, model_name(i), DISK_ROOT, model_name(to), m->place[i]);
        m->exists[i] = false;
        m->exists[to] = true;
        m->place[to] = m->place[i];
        m->size[to] = m->size[i];
        memcpy(m->bytes[to], m->bytes[i], MODEL_SIZE);
        break;
    case 2:
        disk_sync(m->disk, prng_chance(chance, 0.5) ? m->place[i] : DISK_ROOT);
        break;
    default:
        model_write(m, i, chance);
    }
}

static void compare_entry(void *owner, const struct disk_entry *entry)
{
    struct model *m = owner;
    uint32_t i = (uint32_t)(entry->path[0] - 'a');

    CHECK(i < MODEL_FILES && m->exists[i] && m->place[i] == entry->place);
    CHECK(str_eq(entry->bytes, (struct str){m->bytes[i], m->size[i]}));
    m->exists[i] = false; /* seen */
}

TEST(after_a_sync_of_all_the_disk_is_what_the_program_sees)
{
    uint64_t seed;
    uint32_t i;

    for (seed = 0; seed < SEEDS; seed++) {
        struct model m = {.disk = disk_new()};
        struct prng chance;

        prng_init(&chance, seed, "model");
        for (i = 0; i < MODEL_STEPS; i++)
            model_step(&m, &chance);
        disk_sync_all(m.disk);
        disk_walk(m.disk, compare_entry, &m);
        for (i = 0; i < MODEL_FILES; i++)
            CHECK(!m.exists[i]);
        disk_free(m.disk);
    }
}

TEST(the_same_chance_leaves_the_same)
{
    struct buf texts[2] = {{0}, {0}};
    uint64_t seed;
    uint32_t i;

    for (seed = 0; seed < 50; seed++) {
        for (i = 0; i < 2; i++) {
            struct model m = {.disk = disk_new()};
            struct prng chance;
            uint32_t step;

            prng_init(&chance, seed, "model");
            for (step = 0; step < MODEL_STEPS; step++)
                model_step(&m, &chance);
            disk_lose_power(m.disk, &chance);
            show(m.disk, &texts[i]);
            disk_free(m.disk);
        }
        CHECK(str_eq(buf_str(&texts[0]), buf_str(&texts[1])));
    }
    buf_release(&texts[0]);
    buf_release(&texts[1]);
}
