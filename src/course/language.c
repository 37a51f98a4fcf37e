#include "language.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 256 << 10, WORD_MAX = 256 };

/* The keys of a stanza, in their order, and where each goes. */
static const struct key {
    const char *name;
    size_t offset;
} keys[] = {
    {"language", offsetof(struct language, name)},
    {"aliases", offsetof(struct language, aliases)},
    {"title", offsetof(struct language, title)},
    {"extension", offsetof(struct language, extension)},
    {"tools", offsetof(struct language, tools)},
    {"package", offsetof(struct language, package)},
    {"version", offsetof(struct language, version)},
    {"library", offsetof(struct language, library)},
    {"starter", offsetof(struct language, starter)},
    {"main", offsetof(struct language, main)},
    {"prepare", offsetof(struct language, prepare)},
    {"build", offsetof(struct language, build)},
    {"run", offsetof(struct language, run)},
    {"config", offsetof(struct language, config)},
    {"places", offsetof(struct language, places)},
    {"shared", offsetof(struct language, shared)},
    {"compile", offsetof(struct language, compile)},
    {"compiling", offsetof(struct language, compiling)},
    {"node", offsetof(struct language, node)},
};

enum { KEY_COUNT = sizeof(keys) / sizeof(keys[0]) };

static char **slot(struct language *l, size_t key)
{
    return (char **)(void *)((char *)l + keys[key].offset);
}

/* What a stanza must say to be of use; the others may be empty. */
static bool may_be_empty(size_t key)
{
    static const char *const names[] = {"aliases", "prepare", "config", "places", "shared"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(keys[key].name, names[i]) == 0)
            return true;
    return false;
}

struct reading {
    struct languages *languages;
    struct language *open; /* the stanza that is being read; NULL between two */
    size_t next;           /* the key that comes next */
    uint32_t line;
};

/* The value before is complete. */
static int close_value(const struct reading *r, struct err *err)
{
    if (r->open != NULL && r->next > 0 && (*slot(r->open, r->next - 1))[0] == '\0' &&
        !may_be_empty(r->next - 1))
        return err_set(err, ERR_INPUT, "line %u: \"%s:\" is empty", r->line - 1,
                       keys[r->next - 1].name);
    return 0;
}

static int close_stanza(struct reading *r, struct err *err)
{
    int64_t numbers[3];
    int status = close_value(r, err);

    if (status < 0 || r->open == NULL)
        return status;
    if (r->next < KEY_COUNT)
        return err_set(err, ERR_INPUT, "line %u: the stanza ends before \"%s:\"", r->line,
                       keys[r->next].name);
    if (strcmp(r->open->run, "{out}") != 0)
        return err_set(err, ERR_INPUT, "line %u: run must be {out}: the program is one file",
                       r->line);
    if (!language_numbers(r->open->compiling, numbers, 3))
        return err_set(err, ERR_INPUT,
                       "line %u: compiling must be three whole numbers: seconds, MiB and tasks",
                       r->line);
    if (!language_numbers(r->open->node, numbers, 2))
        return err_set(err, ERR_INPUT, "line %u: node must be two whole numbers: MiB and tasks",
                       r->line);
    r->open = NULL;
    r->next = 0;
    return 0;
}

/* What begins with a blank goes on with the value before it, in a line of its own. */
static void add_to_value(struct reading *r, const char *line, size_t len)
{
    char **value = slot(r->open, r->next - 1);
    struct buf text = {0};

    buf_addf(&text, "%s%s%.*s", *value, (*value)[0] != '\0' ? "\n" : "", (int)len - 1, line + 1);
    mem_free(*value);
    *value = buf_take(&text);
}

static int read_line(struct reading *r, const char *line, size_t len, struct err *err)
{
    const char *colon = memchr(line, ':', len);
    const char *value = colon + 1;
    struct languages *l = r->languages;

    r->line++;
    if (len > 0 && line[0] == '#')
        return 0;
    if (len == 0)
        return close_stanza(r, err);
    if (line[0] == ' ' && r->open != NULL) {
        add_to_value(r, line, len);
        return 0;
    }
    if (close_value(r, err) < 0)
        return ERR_INPUT;
    if (r->next == KEY_COUNT || colon == NULL ||
        (size_t)(colon - line) != strlen(keys[r->next].name) ||
        memcmp(line, keys[r->next].name, (size_t)(colon - line)) != 0)
        return err_set(err, ERR_INPUT, "line %u: expected %s%s", r->line,
                       r->next < KEY_COUNT ? keys[r->next].name : "an empty line",
                       r->next < KEY_COUNT ? ": VALUE" : "");
    if (r->open == NULL) {
        l->list = mem_grow(l->list, &l->cap, l->count + 1, sizeof(*l->list));
        r->open = &l->list[l->count++];
        *r->open = (struct language){0};
    }
    value += value < line + len && *value == ' ';
    *slot(r->open, r->next++) = mem_strndup(value, (size_t)(line + len - value));
    return 0;
}

static int read_text(struct languages *l, struct str text, struct err *err)
{
    struct reading r = {.languages = l};
    const char *at = text.data, *end = text.data + text.len;
    int status = 0;

    while (at < end && status == 0) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        if (eol == NULL)
            eol = end;
        status = read_line(&r, at, (size_t)(eol - at), err);
        at = eol + 1;
    }
    r.line++;
    if (status == 0)
        status = close_stanza(&r, err);
    if (status == 0 && l->count == 0)
        status = err_set(err, ERR_INPUT, "there is no language in it");
    return status;
}

int languages_open(const char *home, struct languages **ret_languages, struct err *err)
{
    struct languages *l = mem_zalloc(sizeof(*l));
    struct buf path = {0};
    struct buf text = {0};
    int status;

    buf_addf(&path, "%s/kits", home);
    l->kits = mem_strdup(path.data);
    buf_add_text(&path, "/languages.txt");
    status = file_read(path.data, FILE_MAX, &text, err);
    if (status == 0) {
        status = read_text(l, buf_str(&text), err);
        if (status < 0)
            err_wrap(err, "%s", path.data);
    }
    buf_release(&path);
    buf_release(&text);
    if (status < 0)
        languages_close(l);
    else
        *ret_languages = l;
    return status;
}

void languages_close(struct languages *l)
{
    uint32_t i;
    size_t k;

    if (l == NULL)
        return;
    for (i = 0; i < l->count; i++)
        for (k = 0; k < KEY_COUNT; k++)
            mem_free(*slot(&l->list[i], k));
    mem_free(l->list);
    mem_free(l->kits);
    mem_free(l);
}

int language_word(const char **at, char *into, size_t size)
{
    const char *begin = *at + strspn(*at, " ");
    size_t len = strcspn(begin, " ");

    *at = begin + len;
    if (len == 0)
        return 0;
    snprintf(into, size, "%.*s", (int)len, begin);
    return 1;
}

static bool in_list(const char *list, const char *word)
{
    char one[WORD_MAX];

    while (language_word(&list, one, sizeof(one)))
        if (strcmp(one, word) == 0)
            return true;
    return false;
}

int languages_find(const struct languages *l, const char *word, const struct language **ret_found,
                   struct err *err)
{
    struct buf names = {0};
    uint32_t i;

    for (i = 0; i < l->count; i++) {
        if (strcmp(l->list[i].name, word) == 0 || in_list(l->list[i].aliases, word)) {
            *ret_found = &l->list[i];
            buf_release(&names);
            return 0;
        }
        buf_addf(&names, "%s%s", i > 0 ? ", " : "", l->list[i].name);
    }
    err_set(err, ERR_INPUT, "there is no language \"%s\"; there are %s", word, names.data);
    buf_release(&names);
    return ERR_INPUT;
}

static void add_quoted(const char *text, struct buf *into)
{
    buf_add_char(into, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buf_add_text(into, "'\\''");
        else
            buf_add_char(into, *text);
    }
    buf_add_char(into, '\'');
}

void language_command(const char *command, const struct language_names *names, struct buf *into)
{
    const struct {
        const char *mark, *name;
    } marks[] = {
        {"{dir}", names->dir}, {"{out}", names->out}, {"{lib}", names->lib}, {"{kit}", names->kit}};
    size_t i;

    while (*command != '\0') {
        for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
            if (marks[i].name != NULL && strncmp(command, marks[i].mark, 5) == 0)
                break;
        if (i < sizeof(marks) / sizeof(marks[0])) {
            add_quoted(marks[i].name, into);
            command += 5;
        } else {
            buf_add_char(into, *command++);
        }
    }
}

bool language_numbers(const char *list, int64_t *ret_numbers, uint32_t count)
{
    char word[WORD_MAX];
    uint32_t i = 0;

    while (language_word(&list, word, sizeof(word)))
        if (i == count || !str_to_i64(str_of(word), &ret_numbers[i++]) || ret_numbers[i - 1] < 1)
            return false;
    return i == count;
}

static bool on_path(const char *tool)
{
    const char *at = getenv("PATH");
    struct buf path = {0};
    bool found = false;

    while (at != NULL && *at != '\0' && !found) {
        size_t len = strcspn(at, ":");
        buf_reset(&path);
        buf_addf(&path, "%.*s/%s", (int)len, at, tool);
        found = len > 0 && access(path.data, X_OK) == 0;
        at += len + (at[len] == ':');
    }
    buf_release(&path);
    return found;
}

int language_check_tools(const struct language *l, struct err *err)
{
    const char *at = l->tools;
    char tool[WORD_MAX];

    while (language_word(&at, tool, sizeof(tool)))
        if (!on_path(tool))
            return err_set(err, ERR_INPUT,
                           "%s needs the command %s, which is not on the PATH; on Debian: apt "
                           "install %s",
                           l->title, tool, l->package);
    return 0;
}
