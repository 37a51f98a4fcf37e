/* Goal: a node sees the folder of its program and of the files that its arguments name, and no
 * folder that is everybody's. Method: files in a folder of ours, in /tmp itself, and in system
 * folders. */
#include "confine.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct world {
    char dir[64], program[96], other[96], file[96], loose[96];
};

static void world_open(struct world *w)
{
    struct err err;

    snprintf(w->dir, sizeof(w->dir), "/tmp/confine-test-XXXXXX");
    CHECK(mkdtemp(w->dir) != NULL);
    snprintf(w->program, sizeof(w->program), "%s/node", w->dir);
    snprintf(w->other, sizeof(w->other), "%s/lib", w->dir);
    snprintf(w->file, sizeof(w->file), "%s/lib/x.py", w->dir);
    snprintf(w->loose, sizeof(w->loose), "%s.loose", w->dir);
    CHECK_INT(file_mkdirs(w->other, &err), 0);
    CHECK_INT(file_write(w->program, STR_LIT(""), &err), 0);
    CHECK_INT(file_write(w->file, STR_LIT(""), &err), 0);
    CHECK_INT(file_write(w->loose, STR_LIT(""), &err), 0);
}

static void world_close(struct world *w)
{
    struct err err;

    unlink(w->loose);
    CHECK_INT(file_remove_tree(w->dir, &err), 0);
}

static bool shows(const struct confine *c, const char *path)
{
    size_t i;

    for (i = 0; c->paths != NULL && c->paths[i] != NULL; i++)
        if (strcmp(c->paths[i], path) == 0)
            return true;
    return false;
}

static size_t count(const struct confine *c)
{
    size_t len = 0;

    while (c->paths != NULL && c->paths[len] != NULL)
        len++;
    return len;
}

TEST(the_folders_of_the_program_and_of_its_files_are_shown)
{
    struct world w;
    struct confine c;
    const char *const given[] = {"/given", NULL};
    struct sandbox_spec spec = {.level = SANDBOX_A, .readable = given};

    world_open(&w);
    const char *const argv[] = {w.program, "--data", w.file, "not/there", "", NULL};
    confine_init(&c, &spec, w.program, argv);
    CHECK_INT(count(&c), 3);
    CHECK(shows(&c, "/given") && shows(&c, w.dir) && shows(&c, w.other));
    CHECK_INT(c.spec.level, SANDBOX_A);
    CHECK(c.spec.readable == (const char *const *)c.paths);
    CHECK_TEXT(c.cwd, "/"); /* our own folder is none of them */
    confine_release(&c);
    world_close(&w);
}

TEST(of_a_folder_that_is_everybodys_the_file_alone_is_shown)
{
    struct world w;
    struct confine c;
    struct sandbox_spec spec = {.level = SANDBOX_A};

    world_open(&w);
    const char *const argv[] = {w.loose, "/tmp", "/", NULL};
    confine_init(&c, &spec, w.loose, argv);
    CHECK_INT(count(&c), 1);
    CHECK(shows(&c, w.loose));
    confine_release(&c);
    world_close(&w);
}

TEST(what_the_system_has_needs_no_showing)
{
    struct confine c;
    struct sandbox_spec spec = {.level = SANDBOX_A};
    const char *const argv[] = {"sh", "/usr/bin/env", "/etc/passwd", NULL};

    confine_init(&c, &spec, "sh", argv);
    CHECK_INT(count(&c), 0);
    confine_release(&c);
}

TEST(a_node_starts_in_our_folder_if_it_sees_it)
{
    struct world w;
    struct confine c;
    struct sandbox_spec spec = {.level = SANDBOX_A};
    char before[4096];

    world_open(&w);
    CHECK(getcwd(before, sizeof(before)) != NULL && chdir(w.dir) == 0);
    const char *const argv[] = {"./node", "lib/x.py", NULL};
    confine_init(&c, &spec, "./node", argv);
    CHECK(shows(&c, w.dir) && shows(&c, w.other) && count(&c) == 2);
    CHECK_TEXT(c.cwd, w.dir);
    confine_release(&c);
    CHECK_INT(chdir(before), 0);
    world_close(&w);
}
