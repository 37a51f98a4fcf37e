#include "environment.h"

#include "../base/mem.h"
#include "../base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool passes(const char *variable)
{
    static const char *const heads[] = {"PATH=", "HOME=", "USER=", "LOGNAME=", "TMPDIR=", "EDDY_"};
    size_t i;

    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        if (strncmp(variable, heads[i], strlen(heads[i])) == 0)
            return true;
    return false;
}

static bool same_name(const char *a, const char *b)
{
    size_t len = b != NULL ? strcspn(b, "=") + 1 : 0;

    return len > 0 && strncmp(a, b, len) == 0;
}

void environment_data(const char *path, struct buf *out)
{
    const char *name = strrchr(path, '/');
    size_t len = strlen(path),
           fill = (ENVIRONMENT_DATA_STEP - len % ENVIRONMENT_DATA_STEP) % ENVIRONMENT_DATA_STEP;

    buf_add_text(out, "EDDY_DATA=");
    if (name == NULL) { /* no path of ours: as it is */
        buf_add_text(out, path);
        return;
    }
    buf_add(out, path, (size_t)(name - path));
    while (fill-- > 0)
        buf_add_char(out, '/');
    buf_add_text(out, name);
}

const char **environment_bare(const char *const *all, const char *own)
{
    const char **bare;
    size_t count = 0;
    size_t i;

    while (all[count] != NULL)
        count++;
    bare = mem_zalloc((count + 3) * sizeof(*bare));
    for (i = count = 0; all[i] != NULL; i++)
        if (passes(all[i]) && !same_name(all[i], own))
            bare[count++] = all[i];
    bare[count++] = "LANG=C.UTF-8";
    bare[count] = own;
    return bare;
}
