/* What a machine offers is found out by doing it: versions and settings say little, since a
 * container, a security module or a sysctl may refuse what the kernel has. So each level, from the
 * strongest down, is asked to run a small program, and the first that does is ours. */
#include "sandbox_parts.h"

#include "../base/err.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { TEXT_MAX = 512 };

static struct {
    bool known;
    enum sandbox_level level;
    char missing[SANDBOX_A + 1][TEXT_MAX];
} offered;

const char *sandbox_level_name(enum sandbox_level level)
{
    static const char *const names[] = {"off", "D", "C", "B", "A"};

    return level <= SANDBOX_A ? names[level] : "?";
}

static bool offers(enum sandbox_level level, struct err *err)
{
    static const char *const argv[] = {"true", NULL};
    struct sandbox_spec spec = {.level = level,
                                .profile = SANDBOX_RUN,
                                .limits = {.memory_bytes = 64 << 20,
                                           .task_count = 8,
                                           .cpu_ns = INT64_C(5000000000),
                                           .wall_ns = INT64_C(10000000000),
                                           .scratch_bytes = 1 << 20,
                                           .scratch_files = 64}};
    struct sandbox_command command = {.path = "/bin/true", .argv = argv};
    struct sandbox_outcome outcome;
    const char *why;
    bool fine;

    if (level == SANDBOX_A && !sandbox_cgroup_works(&why)) {
        err_set(err, ERR_MACHINE, "%s", why);
        return false;
    }
    if (sandbox_try(&spec, &command, &outcome, err) < 0)
        return false;
    fine = outcome.code == 0;
    if (!fine)
        err_set(err, ERR_MACHINE, "a first program in it ended with status %d, signal %d",
                outcome.code, outcome.signal);
    sandbox_outcome_release(&outcome);
    return fine;
}

static bool says(const char *path, const char *value)
{
    char text[32] = "";
    FILE *file = fopen(path, "re");
    bool same = file != NULL && fgets(text, sizeof(text), file) != NULL &&
                strncmp(text, value, strlen(value)) == 0;

    if (file != NULL)
        fclose(file);
    return same;
}

/* What to type, by what usually stands in the way. */
static const char *advice(enum sandbox_level level)
{
    if (level == SANDBOX_A)
        return "";
    if (level == SANDBOX_B) {
        if (says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
            return "; as root type: sysctl kernel.apparmor_restrict_unprivileged_userns=0";
        if (says("/proc/sys/kernel/unprivileged_userns_clone", "0"))
            return "; as root type: sysctl kernel.unprivileged_userns_clone=1";
        if (says("/proc/sys/user/max_user_namespaces", "0"))
            return "; as root type: sysctl user.max_user_namespaces=15000";
        return "; in Docker add: --security-opt seccomp=unconfined --security-opt "
               "systempaths=unconfined --security-opt apparmor=unconfined";
    }
    if (level == SANDBOX_C && sandbox_landlock_abi() == 0)
        return "; Landlock is missing: boot with lsm=landlock,... or use a kernel of 5.13 or newer";
    return "";
}

static void find(void)
{
    enum sandbox_level level;

    offered.known = true;
    for (level = SANDBOX_A; level > SANDBOX_OFF; level--) {
        struct err err = {.text = ""};

        if (offers(level, &err)) {
            offered.level = level;
            return;
        }
        snprintf(offered.missing[level], TEXT_MAX, "%.300s%s", err.text, advice(level));
    }
}

enum sandbox_level sandbox_level(void)
{
    if (!offered.known)
        find();
    return offered.level;
}

const char *sandbox_missing(enum sandbox_level level)
{
    return level <= SANDBOX_A && sandbox_level() < level ? offered.missing[level] : "";
}

bool sandbox_level_parse(const char *text, enum sandbox_level *ret_level)
{
    enum sandbox_level level;

    if (strcmp(text, "auto") == 0) {
        *ret_level = sandbox_level();
        return true;
    }
    for (level = SANDBOX_OFF; level <= SANDBOX_A; level++)
        if (strcasecmp(text, sandbox_level_name(level)) == 0) {
            *ret_level = level;
            return true;
        }
    return false;
}

int sandbox_level_check(enum sandbox_level level, struct err *err)
{
    if (level == SANDBOX_OFF || level <= sandbox_level())
        return 0;
    return err_set(err, ERR_MACHINE, "this machine offers no sandbox of level %s, but level %s: %s",
                   sandbox_level_name(level), sandbox_level_name(sandbox_level()),
                   sandbox_missing(level));
}
