#include "cache.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/test.h"
#include "seal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct story {
    char dir[64];
    struct cache *cache;
    struct err err;
};

static const char *path_of(const struct story *s, const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", s->dir, name);
    return path;
}

static void story_open(struct story *s, int64_t bytes_max)
{
    *s = (struct story){.dir = "/tmp/eddy-cache-XXXXXX"};
    CHECK(mkdtemp(s->dir) != NULL);
    CHECK_INT(cache_open(path_of(s, "cache"), bytes_max, &s->cache, &s->err), 0);
}

static void story_close(struct story *s)
{
    cache_close(s->cache);
    CHECK_INT(file_remove_tree(s->dir, &s->err), 0);
}

static void put_text(const struct story *s, const char *name, const char *text)
{
    struct err err = {.text = ""};
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", s->dir, name);
    *strrchr(path, '/') = '\0';
    CHECK_INT(file_mkdirs(path, &err), 0);
    CHECK_INT(file_write(path_of(s, name), str_of(text), &err), 0);
}

static bool has_text(const struct story *s, const char *name, const char *text)
{
    struct buf b = {0};
    struct err err = {.text = ""};
    bool same = file_read(path_of(s, name), 1 << 20, &b, &err) == 0 && str_is(buf_str(&b), text);

    buf_release(&b);
    return same;
}

static const char *key_of(int number)
{
    static char keys[4][SEAL_TEXT_SIZE];
    static int next;
    struct seal *seal = seal_new();
    char *key = keys[next++ % 4];

    seal_add(seal, (struct str){(const char *)&number, sizeof(number)});
    seal_text(seal, key);
    seal_free(seal);
    return key;
}

/* Puts an entry of two files under the key. */
static void put(struct story *s, const char *key)
{
    put_text(s, "from/node", "program");
    put_text(s, "from/node.d/a/B.class", "class");
    CHECK_INT(chmod(path_of(s, "from/node"), 0755), 0);
    CHECK_INT(cache_put(s->cache, key, path_of(s, "from"), &s->err), 0);
}

static void entry_file(const char *key, const char *name, char into[256])
{
    snprintf(into, 256, "cache/%.2s/%s/%s", key, key, name);
}

TEST(seals_tell_pieces_apart)
{
    char a[SEAL_TEXT_SIZE], b[SEAL_TEXT_SIZE];
    struct seal *s = seal_new();

    seal_add_raw(s, "abc", 3);
    CHECK_TEXT(seal_text(s, a), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    seal_free(s);
    s = seal_new();
    seal_add(s, str_of("ab"));
    seal_add(s, str_of("c"));
    seal_text(s, a);
    seal_free(s);
    s = seal_new();
    seal_add(s, str_of("a"));
    seal_add(s, str_of("bc"));
    CHECK(strcmp(seal_text(s, b), a) != 0);
    seal_free(s);
}

TEST(what_was_put_comes_out_as_it_was)
{
    struct story s;
    struct stat st;

    story_open(&s, 1 << 20);
    CHECK_INT(cache_get(s.cache, key_of(1), path_of(&s, "to"), &s.err), 0);
    put(&s, key_of(1));
    CHECK_INT(cache_get(s.cache, key_of(2), path_of(&s, "to"), &s.err), 0);
    CHECK_INT(cache_get(s.cache, key_of(1), path_of(&s, "to"), &s.err), 1);
    CHECK(has_text(&s, "to/node", "program"));
    CHECK(has_text(&s, "to/node.d/a/B.class", "class"));
    CHECK(stat(path_of(&s, "to/node"), &st) == 0 && (st.st_mode & 0777) == 0755);
    CHECK(stat(path_of(&s, "to/node.d/a/B.class"), &st) == 0 && (st.st_mode & 0777) == 0644);
    put(&s, key_of(1)); /* a second time is fine */
    CHECK_INT(cache_counts(s.cache).hits, 1);
    CHECK_INT(cache_counts(s.cache).misses, 2);
    story_close(&s);
}

/* One way of damage each: the entry is no hit, is gone, and can be put again. */
static void damaged(void (*damage)(const struct story *s, const char *key))
{
    struct story s;

    story_open(&s, 1 << 20);
    put(&s, key_of(1));
    damage(&s, key_of(1));
    CHECK_INT(cache_get(s.cache, key_of(1), path_of(&s, "to"), &s.err), 0);
    CHECK_INT(cache_counts(s.cache).damaged, 1);
    put(&s, key_of(1));
    CHECK_INT(cache_get(s.cache, key_of(1), path_of(&s, "again"), &s.err), 1);
    CHECK(has_text(&s, "again/node", "program"));
    story_close(&s);
}

static void change_byte(const struct story *s, const char *key)
{
    char name[256];

    entry_file(key, "files/node", name);
    put_text(s, name, "progrAm");
}

static void cut_short(const struct story *s, const char *key)
{
    char name[256];

    entry_file(key, "files/node.d/a/B.class", name);
    CHECK_INT(truncate(path_of(s, name), 2), 0);
}

static void lose_file(const struct story *s, const char *key)
{
    char name[256];

    entry_file(key, "files/node", name);
    CHECK_INT(unlink(path_of(s, name)), 0);
}

static void make_link(const struct story *s, const char *key)
{
    char name[256];

    lose_file(s, key);
    entry_file(key, "files/node", name);
    put_text(s, "elsewhere", "program");
    CHECK_INT(symlink(path_of(s, "elsewhere"), path_of(s, name)), 0);
}

static void empty_list(const struct story *s, const char *key)
{
    char name[256];

    entry_file(key, "list", name);
    CHECK_INT(truncate(path_of(s, name), 0), 0);
}

static void change_mode(const struct story *s, const char *key)
{
    struct buf list = {0};
    struct err err = {.text = ""};
    char name[256];

    entry_file(key, "list", name);
    CHECK_INT(file_read(path_of(s, name), 1 << 20, &list, &err), 0);
    CHECK(strncmp(list.data, "755", 3) == 0);
    memcpy(list.data, "777", 3);
    CHECK_INT(file_write(path_of(s, name), buf_str(&list), &err), 0);
    buf_release(&list);
}

TEST(a_damaged_entry_is_noticed_and_made_again)
{
    damaged(change_byte);
    damaged(cut_short);
    damaged(lose_file);
    damaged(make_link);
    damaged(empty_list);
    damaged(change_mode);
}

static void age(const struct story *s, const char *key, int seconds)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};
    char name[256];

    entry_file(key, "list", name);
    CHECK_INT(utimensat(AT_FDCWD, path_of(s, name), times, 0), 0);
}

static bool is_there(struct story *s, const char *key)
{
    char name[256];

    entry_file(key, "list", name);
    return access(path_of(s, name), F_OK) == 0;
}

/* Each entry has 12 bytes; 60 are room for five. */
TEST(the_oldest_used_go_first)
{
    struct cache_hold hold = {0};
    struct story s;
    int i;

    story_open(&s, 60);
    for (i = 0; i < 5; i++) {
        put(&s, key_of(i));
        age(&s, key_of(i), 100 - i);
    }
    CHECK_INT(cache_get(s.cache, key_of(0), path_of(&s, "to"), &s.err), 1); /* young again */
    CHECK_INT(cache_hold(s.cache, key_of(1), &hold, &s.err), 1);
    age(&s, key_of(1), 1000); /* oldest, but held */
    put(&s, key_of(5));
    CHECK(is_there(&s, key_of(0)) && is_there(&s, key_of(1)) && is_there(&s, key_of(5)));
    CHECK(!is_there(&s, key_of(2)) && !is_there(&s, key_of(3)) && !is_there(&s, key_of(4)));
    CHECK_INT(cache_counts(s.cache).removed, 3);
    CHECK(access(hold.path, F_OK) == 0);
    cache_let_go(&hold);
    story_close(&s);
}

TEST(what_is_larger_than_the_cache_is_not_kept)
{
    struct story s;

    story_open(&s, 5);
    put(&s, key_of(1));
    CHECK(!is_there(&s, key_of(1)));
    story_close(&s);
}

TEST(a_broken_size_is_counted_anew)
{
    struct story s;

    story_open(&s, 60);
    put(&s, key_of(1));
    put_text(&s, "cache/size", "nonsense");
    put(&s, key_of(2));
    CHECK(has_text(&s, "cache/size", "24\n"));
    story_close(&s);
}

TEST(links_and_pipes_are_not_taken)
{
    struct story s;

    story_open(&s, 1 << 20);
    put_text(&s, "from/node", "program");
    CHECK_INT(symlink("/etc/passwd", path_of(&s, "from/passwd")), 0);
    CHECK_INT(cache_put(s.cache, key_of(1), path_of(&s, "from"), &s.err), ERR_INPUT);
    CHECK_HAS(s.err.text, "passwd, which is no regular file");
    CHECK_INT(unlink(path_of(&s, "from/passwd")), 0);
    CHECK_INT(mkfifo(path_of(&s, "from/pipe"), 0644), 0);
    CHECK_INT(cache_put(s.cache, key_of(1), path_of(&s, "from"), &s.err), ERR_INPUT);
    CHECK_INT(unlink(path_of(&s, "from/pipe")), 0);
    CHECK_INT(link(path_of(&s, "from/node"), path_of(&s, "from/twice")), 0);
    CHECK_INT(cache_put(s.cache, key_of(1), path_of(&s, "from"), &s.err), ERR_INPUT);
    CHECK_HAS(s.err.text, "hard link");
    CHECK(!is_there(&s, key_of(1)));
    story_close(&s);
}

/* Two processes put and get the same few entries while there is room for only some of them: what
 * comes out is right or nothing. */
static int hammer(struct story *s, int who)
{
    char to[32], file[64];
    int i, wrong = 0;

    for (i = 0; i < 60; i++) {
        const char *key = key_of(i % 7);
        snprintf(to, sizeof(to), "to-%d-%d", who, i);
        snprintf(file, sizeof(file), "%s/node", to);
        if (cache_get(s->cache, key, path_of(s, to), &s->err) == 1)
            wrong += !has_text(s, file, "program");
        else
            wrong += cache_put(s->cache, key, path_of(s, "from"), &s->err) < 0;
    }
    return wrong;
}

TEST(several_processes_use_one_cache)
{
    struct story s;
    int end = -1;
    pid_t pid;

    story_open(&s, 50);
    put(&s, key_of(0));
    pid = fork();
    if (pid == 0)
        _exit(hammer(&s, 1) > 0);
    CHECK_INT(hammer(&s, 2), 0);
    CHECK(waitpid(pid, &end, 0) == pid);
    CHECK_INT(end, 0);
    story_close(&s);
}
