/* All of this is inherited by every process of the node and survives exec. Only the filter is
 * indispensable: Docker refuses to turn off address randomization, and the run goes on without (of
 * the runtimes tried, only Node.js then differs from run to run). */
#include "vt_child.h"

#include "cage.h"
#include "vt_entropy.h"
#include "vt_filter.h"

#include <stdlib.h>
#include <sys/personality.h>
#include <sys/prctl.h>

#ifndef PLANT_VT
#define PLANT_VT 0
#endif

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
        if (PLANT_VT != 8)
            personality(ADDR_NO_RANDOMIZE);
        if (PLANT_VT != 2)
            prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return vt_filter_install(vt_filter_new(options)); /* never freed: exec is next */
}
