#include "names.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../sim/world.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_FILE_MAX = 1 << 20 };

void names_split(const char *text, char ***ret_names, uint32_t *ret_count)
{
    size_t cap = 0;

    *ret_names = NULL;
    *ret_count = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        size_t from = strspn(text, " \t");
        size_t to = len;
        while (to > from && strchr(" \t", text[to - 1]) != NULL)
            to--;
        if (from < to) {
            *ret_names = mem_grow(*ret_names, &cap, *ret_count + 1, sizeof(**ret_names));
            (*ret_names)[(*ret_count)++] = mem_strndup(text + from, to - from);
        }
        text += len + (text[len] == ',');
    }
}

void names_free(char **names, uint32_t count)
{
    uint32_t i;

    for (i = 0; i < count; i++)
        mem_free(names[i]);
    mem_free(names);
}

/* A name that can stand in JSON and in a file's name as it is. */
static bool good_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len < WORLD_NAME_MAX && name[0] != '.' && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

/* Names that the world gives to clients and services. */
static bool reserved_name(const char *name)
{
    static const char *const services[] = {"seq-kv", "lin-kv", "lww-kv", "lin-tso"};
    size_t i;

    for (i = 0; i < 4; i++)
        if (strcmp(name, services[i]) == 0)
            return true;
    return name[0] == 'c' && name[1] != '\0' && strspn(name + 1, "0123456789") == strlen(name + 1);
}

int names_check(char *const *names, uint32_t count, struct err *err)
{
    uint32_t i;
    uint32_t j;

    if (count == 0 || count > WORLD_NODES_MAX)
        return err_set(err, ERR_INPUT, "--nodes: there must be 1 to %d of them", WORLD_NODES_MAX);
    for (i = 0; i < count; i++) {
        if (!good_name(names[i]) || reserved_name(names[i]))
            return err_set(
                err, ERR_INPUT,
                "--nodes: \"%.80s\" cannot be the name of a node: letters, digits, dots, "
                "dashes and underscores only, and not the name of a client or a service",
                names[i]);
        for (j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                return err_set(err, ERR_INPUT, "--nodes: \"%s\" stands there twice", names[i]);
    }
    return 0;
}

int names_read(const char *path, struct buf *list, struct err *err)
{
    struct buf text = {0};
    size_t i;

    if (file_read(path, NAMES_FILE_MAX, &text, err) < 0) {
        err_wrap(err, "--nodes-file");
        return ERR_INPUT;
    }
    for (i = 0; i < text.len; i++)
        buf_add_char(list, text.data[i] == '\n' || text.data[i] == '\r' ? ',' : text.data[i]);
    buf_add_char(list, ',');
    buf_release(&text);
    return 0;
}

void names_count(uint32_t count, char ***ret_names, uint32_t *ret_count)
{
    char **names = mem_zalloc(count * sizeof(*names));
    uint32_t i;

    for (i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%u", i);
        names[i] = mem_strdup(name);
    }
    *ret_names = names;
    *ret_count = count;
}
