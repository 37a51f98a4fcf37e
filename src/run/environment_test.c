#include "environment.h"

#include "../base/mem.h"
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

TEST(an_empty_environment_gets_a_language)
{
    static const char *const none[] = {NULL};
    const char **bare = environment_bare(none, NULL);

    CHECK_TEXT(bare[0], "LANG=C.UTF-8");
    CHECK(bare[1] == NULL);
    mem_free(bare);
}
