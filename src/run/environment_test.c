#include "environment.h"

#include "../base/mem.h"
#include "../base/str.h"
#include "../base/test.h"

#include <string.h>

/* Goal: what changes how a program behaves does not reach a graded node; what it needs to run does.
 * Method: an environment with both, and with names that only begin like good ones. */
TEST(a_bare_environment_has_what_programs_need_and_nothing_more)
{
    static const char *const all[] = {"PYTHONUNBUFFERED=1",
                                      "PATH=/bin",
                                      "PATH_INFO=x",
                                      "LANG=de_DE",
                                      "HOME=/h",
                                      "NODE_OPTIONS=--inspect",
                                      "EDDY_STATE=/s",
                                      "EDDYX=1",
                                      "LD_PRELOAD=/x.so",
                                      "TMPDIR=/tmp/ü ü",
                                      "LC_ALL=C",
                                      "EDDY_DATA=/old",
                                      NULL};
    static const char *const wanted[] = {
        "PATH=/bin",    "HOME=/h", "EDDY_STATE=/s", "TMPDIR=/tmp/ü ü", "LANG=C.UTF-8",
        "EDDY_DATA=/d", NULL};
    const char **bare = environment_bare(all, "EDDY_DATA=/d");
    size_t i;

    for (i = 0; wanted[i] != NULL && bare[i] != NULL; i++)
        CHECK_TEXT(bare[i], wanted[i]);
    CHECK(wanted[i] == NULL && bare[i] == NULL);
    mem_free(bare);
}

TEST(the_path_of_a_data_folder_is_equally_long_wherever_it_is)
{
    static const struct {
        const char *path;
        size_t len;
    } rows[] = {
        {"/s/data/n0", 1},
        {"/home/somebody/projects/node/store/broadcast/20261122T025456.332Z/data/n0", 1},
        {"/home/somebody/projects/quite-a-long-name/store/broadcast/20261122T025456.332Z/data/n10",
         1},
        {"/home/somebody/projects/quite-a-long-name/store/broadcast/20261122T025456.332Z/data/n100",
         1},
        {"/home/somebody/projects/quite-a-long-name/store/broadcast/20261122T025456.332Z/data/"
         "n1000",
         2},
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf env = {0};
        const char *path = rows[i].path, *at;

        environment_data(path, &env);
        CHECK_INT(env.len, strlen("EDDY_DATA=") + rows[i].len * ENVIRONMENT_DATA_STEP);
        CHECK(strncmp(env.data, "EDDY_DATA=/", 11) == 0);
        for (at = env.data + 10; *path != '\0'; path++, at++) { /* only slashes were added */
            CHECK_INT(*at, *path);
            while (*at == '/' && at[1] == '/')
                at++;
        }
        CHECK_INT(*at, '\0');
        buf_release(&env);
    }
}

TEST(an_empty_environment_gets_a_language)
{
    static const char *const none[] = {NULL};
    const char **bare = environment_bare(none, NULL);

    CHECK_TEXT(bare[0], "LANG=C.UTF-8");
    CHECK(bare[1] == NULL);
    mem_free(bare);
}
