#include "confine.h"

#include "../base/mem.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Shared by many, or shown by the sandbox anyway. */
static bool is_common(const char *folder)
{
    static const char *const common[] = {"/",    "/tmp", "/home",    "/root", "/var",
                                         "/opt", "/srv", "/var/tmp", "/mnt",  "/etc"};
    const char *home = getenv("HOME");
    size_t i;

    for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
        if (strcmp(folder, common[i]) == 0)
            return true;
    return home != NULL && strcmp(folder, home) == 0;
}

static bool is_system(const char *path)
{
    static const char *const heads[] = {"/usr/",  "/bin/", "/lib",  "/sbin/",
                                        "/proc/", "/dev/", "/sys/", "/etc/"};
    size_t i;

    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        if (strncmp(path, heads[i], strlen(heads[i])) == 0)
            return true;
    return false;
}

static void add(struct confine *c, size_t *count, size_t *cap, const char *path)
{
    size_t i;

    for (i = 0; i < *count; i++)
        if (strcmp(c->paths[i], path) == 0)
            return;
    c->paths = mem_grow(c->paths, cap, *count + 2, sizeof(*c->paths));
    c->paths[(*count)++] = mem_strdup(path);
    c->paths[*count] = NULL;
}

/* The folder of a file, or the file; as it is called and as it is really. */
static void add_file(struct confine *c, size_t *count, size_t *cap, const char *path)
{
    char folder[PATH_MAX];
    struct stat s;
    char *slash;

    if (path[0] != '/' || is_system(path) || stat(path, &s) < 0)
        return;
    snprintf(folder, sizeof(folder), "%s", path);
    slash = strrchr(folder, '/');
    if (!S_ISDIR(s.st_mode))
        slash[slash == folder ? 1 : 0] = '\0';
    add(c, count, cap, is_common(folder) ? path : folder);
}

static void add_word(struct confine *c, size_t *count, size_t *cap, const char *word,
                     const char *cwd)
{
    char path[PATH_MAX], real[PATH_MAX];
    struct stat s;

    snprintf(path, sizeof(path), "%s%s%s", word[0] == '/' ? "" : cwd, word[0] == '/' ? "" : "/",
             word);
    if (word[0] == '\0' || stat(path, &s) < 0 || (S_ISDIR(s.st_mode) && is_common(path)))
        return;
    if (realpath(path, real) == NULL)
        return;
    /* "/a/./b" and "/a/b" are one place: the kernel makes both of the real one. */
    add_file(c, count, cap, real);
    if (strstr(path, "/./") == NULL && strstr(path, "/../") == NULL)
        add_file(c, count, cap, path);
}

static bool sees(const struct confine *c, const char *folder)
{
    size_t len = strlen(folder);
    size_t i;

    for (i = 0; c->paths != NULL && c->paths[i] != NULL; i++) {
        size_t shown = strlen(c->paths[i]);

        if ((strncmp(c->paths[i], folder, len) == 0 && strchr("/", c->paths[i][len]) != NULL) ||
            (strncmp(c->paths[i], folder, shown) == 0 && strchr("/", folder[shown]) != NULL))
            return true;
    }
    return false;
}

void confine_init(struct confine *c, const struct sandbox_spec *spec, const char *program,
                  const char *const *argv)
{
    char cwd[PATH_MAX];
    size_t count = 0, cap = 0;
    size_t i;

    *c = (struct confine){.spec = *spec};
    if (getcwd(cwd, sizeof(cwd)) == NULL)
        snprintf(cwd, sizeof(cwd), "/");
    for (i = 0; spec->readable != NULL && spec->readable[i] != NULL; i++)
        add(c, &count, &cap, spec->readable[i]);
    if (strchr(program, '/') != NULL)
        add_word(c, &count, &cap, program, cwd);
    for (i = 1; argv[0] != NULL && argv[i] != NULL; i++)
        add_word(c, &count, &cap, argv[i], cwd);
    c->spec.readable = (const char *const *)c->paths;
    c->cwd = mem_strdup(sees(c, cwd) ? cwd : "/");
}

void confine_release(struct confine *c)
{
    size_t i;

    for (i = 0; c->paths != NULL && c->paths[i] != NULL; i++)
        mem_free(c->paths[i]);
    mem_free(c->paths);
    mem_free(c->cwd);
}
