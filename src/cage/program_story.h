/* program_story.h - the small C programs in tests/vt, built once a test program. For tests of this
 * folder only.
 *
 * Run from the root of the repository. */
#ifndef CAGE_PROGRAM_STORY_H
#define CAGE_PROGRAM_STORY_H

#include "../base/err.h"
#include "../base/file.h"
#include "../base/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char program_folder[] = "/tmp/eddy-programs-XXXXXX";
static bool program_folder_made;

static void program_folder_remove(void)
{
    struct err err;

    file_remove_tree(program_folder, &err);
}

/* Compiles tests/vt/NAME.c once; its path is valid until the next call. */
static const char *program_built(const char *name, const char *options)
{
    static char path[256];
    char command[1024];

    if (!program_folder_made) {
        program_folder_made = mkdtemp(program_folder) != NULL;
        if (!program_folder_made)
            fail_msg("no folder for programs");
        atexit(program_folder_remove);
    }
    snprintf(path, sizeof(path), "%s/%s%s", program_folder, name,
             options[0] != '\0' ? "-static" : "");
    if (access(path, X_OK) == 0)
        return path;
    snprintf(command, sizeof(command),
             "cc -std=c17 -D_GNU_SOURCE -O1 %s -o %s tests/vt/%s.c -lpthread", options, path, name);
    if (system(command) != 0)
        fail_msg("%s failed", command);
    return path;
}

#endif
