/* What can be wrong with a program, through the front: each fault and its sentence. */
#include "spawn.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "cage.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void on_text(void *owner, uint32_t node, struct str text)
{
    (void)owner, (void)node, (void)text;
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    (void)owner, (void)node, (void)how;
}

static struct cage *open_cage(void)
{
    struct cage_config config = {
        .node_count = 1,
        .events = {NULL, on_text, on_text, on_text, on_exited, NULL, NULL, NULL},
    };
    struct cage *c = NULL;
    struct err err = {.text = ""};

    alarm(600);
    if (cage_open(&config, &c, &err) < 0)
        fail_msg("%s", err.text);
    return c;
}

static void check_found(const char *name, const char *search_path, const char *wanted)
{
    struct err err = {.text = ""};
    char *path = NULL;

    if (spawn_find(name, search_path, &path, &err) < 0)
        fail_msg("%s", err.text);
    CHECK_TEXT(path, wanted);
    mem_free(path);
}

TEST(names_are_found_in_path_and_paths_are_made_absolute)
{
    struct err err = {.text = ""};
    char *path = NULL;

    check_found("/x/y", "", "/x/y");
    check_found("sh", "/nowhere:/bin", "/bin/sh");
    CHECK_INT(chdir("/usr"), 0);
    check_found("./node", "", "/usr/./node");
    check_found("bin/env", "/nowhere", "/usr/bin/env");
    CHECK_INT(spawn_find("bin", "/usr", &path, &err), ERR_INPUT); /* a folder is no program */
    CHECK_INT(spawn_find("", "/usr", &path, &err), ERR_INPUT);
    CHECK(path == NULL);
}

/* ---- programs that cannot be started ---- */

static void make_file(const char *folder, const char *name, const char *text, mode_t mode,
                      char *ret_path)
{
    FILE *f;

    sprintf(ret_path, "%s/%s", folder, name);
    f = fopen(ret_path, "w");
    CHECK(f != NULL);
    fputs(text, f);
    fclose(f);
    chmod(ret_path, mode);
}

static void check_refused(struct cage *c, const char *path, const char *cwd, const char *sentence)
{
    const char *argv[] = {"x", NULL};
    struct cage_program program = {.path = path, .argv = argv, .cwd = cwd};
    struct err err = {.text = ""};

    CHECK_INT(cage_start(c, 0, &program, &err), ERR_INPUT);
    CHECK_HAS(err.text, sentence);
    CHECK(!cage_running(c, 0));
}

static void check_refused_file(struct cage *c, const char *text, mode_t mode, const char *sentence)
{
    char folder[] = "/tmp/cage-test-XXXXXX";
    char path[64];

    CHECK(mkdtemp(folder) != NULL);
    make_file(folder, "node", text, mode, path);
    check_refused(c, path, NULL, sentence);
    unlink(path);
    rmdir(folder);
}

TEST(programs_that_cannot_start_are_refused_with_the_reason)
{
    struct cage *c = open_cage();
    const char *argv[] = {"cat", NULL};
    struct cage_program fine = {.path = "cat", .argv = argv};
    struct err err = {.text = ""};

    check_refused(c, "/nowhere/node", NULL, "there is no program at /nowhere/node");
    check_refused(c, "no-such-program-here", NULL, "in the folders of PATH");
    check_refused(c, "/usr", NULL, "/usr is a folder");
    check_refused(c, "/bin/sh", "/nowhere", "its folder /nowhere cannot be entered");
    check_refused_file(c, "#!/bin/sh\n", 0644, "is not executable; run: chmod +x /tmp/");
    check_refused_file(c, "#!/usr/bin/no-such\n", 0755,
                       "names the interpreter /usr/bin/no-such, which is not there");
    check_refused_file(c, "#!/bin/sh\r\necho\r\n", 0755, "as Windows ends lines");
    check_refused_file(c, "\001\002 is no text\n", 0755, "a script with a #! line");
    check_refused_file(c, "echo hello\n", 0644, "is not executable; run: chmod +x /tmp/");
    check_refused_file(c, "", 0755, "is empty");
    check_refused_file(c, "\177ELF\002\001\001 and then nothing", 0755,
                       "another kind of processor");
    CHECK_INT(cage_start(c, 0, &fine, &err), 0); /* the node is as good as new */
    CHECK(cage_running(c, 0));
    cage_close(c);
}

TEST(arguments_that_are_too_long_are_refused)
{
    struct cage *c = open_cage();
    char *text = mem_zalloc(200001);
    const char *argv[] = {"sh", text, NULL};
    struct cage_program program = {.path = "/bin/sh", .argv = argv};
    struct err err = {.text = ""};

    memset(text, 'x', 200000);
    CHECK_INT(cage_start(c, 0, &program, &err), ERR_INPUT);
    CHECK_HAS(err.text, "arguments and environment");
    mem_free(text);
    cage_close(c);
}
