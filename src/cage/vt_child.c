/* All of this is inherited by every process of the node and survives exec. Only the filter is
 * indispensable: Docker refuses to turn off address randomization, and the run goes on without (of
 * the runtimes tried, only Node.js then differs from run to run). */
#include "vt_child.h"

#include "cage.h"
#include "vt_entropy.h"
#include "vt_filter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef PLANT_VT
#define PLANT_VT 0
#endif

enum { ENVIRONMENT_STEP = 16384 };

/* The stack begins below the environment, so its addresses depend on how long that is: on the path
 * of the run's folder in EDDY_DATA, on the PWD of whoever typed the command. Lua draws the seed of
 * its tables from such an address, and then says the keys of an object in another order. So two
 * last variables fill the environment up to a multiple of 16 KiB, the pointers to it counted; one
 * of them may be missing, so that the pointers are even in number and nothing is lost to
 * alignment. */
static void level_environment(void)
{
    static char fill[sizeof("EDDY_PAD=") + ENVIRONMENT_STEP];
    static char even[] = "EDDY_EVEN=";
    size_t bytes = sizeof("EDDY_PAD="), count = 1, i;

    unsetenv("EDDY_PAD");
    unsetenv("EDDY_EVEN");
    for (i = 0; environ[i] != NULL; i++, count++)
        bytes += strlen(environ[i]) + 1;
    if (count % 2 == 1) {
        putenv(even);
        bytes += sizeof(even);
        count++;
    }
    bytes += count * sizeof(char *);
    memcpy(fill, "EDDY_PAD=", sizeof("EDDY_PAD=") - 1);
    memset(fill + sizeof("EDDY_PAD=") - 1, '.', ENVIRONMENT_STEP - bytes % ENVIRONMENT_STEP);
    putenv(fill);
}

uint32_t vt_child_flags(const struct cage_config *config)
{
    return VT_CHILD_TRACED | (config->entropy_real ? 0 : VT_CHILD_ENTROPY) |
           (config->disk_latency_ns > 0 ? VT_CHILD_DISK : 0) |
           (config->disk_dirs != NULL ? VT_CHILD_FOLLOW : 0);
}

int vt_child_prepare(uint32_t flags)
{
    struct vt_filter_options options = {
        .entropy = (flags & VT_CHILD_ENTROPY) != 0 && PLANT_VT != 1,
        .disk = (flags & VT_CHILD_DISK) != 0,
        .follow = (flags & VT_CHILD_FOLLOW) != 0,
    };
    int i;

    if ((flags & VT_CHILD_ENTROPY) != 0) {
        for (i = 0; vt_entropy_env[i] != NULL; i++)
            putenv((char *)(uintptr_t)vt_entropy_env[i]);
        if (PLANT_VT != 22)
            level_environment();
        if (PLANT_VT != 8)
            personality(ADDR_NO_RANDOMIZE);
        if (PLANT_VT != 2)
            prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return vt_filter_install(vt_filter_new(options)); /* never freed: exec is next */
}
