#include "worker_folder.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Goal: programs are judged where they can be; a folder that they can reach is taken as it is. */
TEST(a_closed_folder_is_left_for_another)
{
    char top[] = "/tmp/worker-folder-XXXXXX", wanted[80], elsewhere[80], other[200];
    enum sandbox_level level;
    char *folder = NULL;
    struct err err;
    int closed;

    CHECK(mkdtemp(top) != NULL);
    snprintf(wanted, sizeof(wanted), "%s/home/worker", top);
    snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", top);
    snprintf(other, sizeof(other), "%s%s", elsewhere, wanted);
    for (closed = 0; closed < 2; closed++) {
        CHECK_INT(chmod(top, closed ? 0700 : 0755), 0);
        for (level = SANDBOX_OFF; level <= SANDBOX_A; level++) {
            bool moves = closed && geteuid() == 0 && level > SANDBOX_OFF && level < SANDBOX_B;
            CHECK_INT(worker_folder_make(wanted, level, elsewhere, &folder, &err), 0);
            CHECK_TEXT(folder, moves ? other : wanted);
            CHECK_INT(access(folder, W_OK), 0);
            mem_free(folder);
        }
    }
    CHECK_INT(file_remove_tree(top, &err), 0);
}

TEST(a_folder_that_cannot_be_made_is_told)
{
    char *folder = NULL;
    struct err err;

    CHECK(worker_folder_make("/dev/null/worker", SANDBOX_A, "/dev/null", &folder, &err) < 0);
    CHECK_HAS(err.text, "/dev/null");
}
