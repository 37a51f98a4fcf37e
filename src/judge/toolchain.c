#include "toolchain.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../course/command.h"
#include "../course/language.h"
#include "plant.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 << 10, WORD_MAX = 256 };

static const int64_t PATIENCE_NS = 20000000000;

/* What the command says; *ret_said has data in every case. 1: it succeeded; 0: it did not. */
static int ask(const char *shell, struct buf *ret_said, struct err *err)
{
    struct command command = {.shell = shell, .limit_ns = PATIENCE_NS, .output_max = ANSWER_MAX};
    struct command_result r = {0};
    int status = command_run(&command, &r, err);

    if (status < 0)
        return status;
    buf_add_text(&r.output, "");
    buf_reset(ret_said);
    buf_add_text(ret_said, r.output.data != NULL ? r.output.data : "");
    status = r.code == 0 && !r.timed_out;
    command_result_release(&r);
    return status;
}

static int find_path(struct toolchain *t, struct err *err)
{
    const char *at = t->language->tools;
    char tool[WORD_MAX], real[PATH_MAX];
    struct buf shell = {0}, said = {0};
    int status;

    language_word(&at, tool, sizeof(tool));
    buf_addf(&shell, "command -v %s", tool);
    status = ask(shell.data, &said, err);
    if (status > 0) {
        said.data[strcspn(said.data, "\n")] = '\0';
        t->path = mem_strdup(realpath(said.data, real) != NULL ? real : said.data);
    }
    buf_release(&shell);
    buf_release(&said);
    return status < 0 ? status : 0;
}

static int find_version(struct toolchain *t, struct err *err)
{
    struct buf said = {0};
    int status = ask(t->language->version, &said, err);

    if (status > 0) {
        t->version = mem_strndup(said.data, strcspn(said.data, "\n"));
    } else if (status == 0) {
        struct buf text = {0};
        buf_addf(&text, "%s is there but does not work: `%s` says: %.*s", t->language->title,
                 t->language->version, (int)strcspn(said.data, "\n"), said.data);
        t->missing = buf_take(&text);
    }
    buf_release(&said);
    return status < 0 ? status : 0;
}

static bool is_new_place(const struct toolchain *t, uint32_t count, const char *place)
{
    uint32_t i;

    for (i = 0; i < count; i++)
        if (strcmp(t->places[i], place) == 0)
            return false;
    return place[0] == '/' && count < TOOLCHAIN_PLACES_MAX;
}

static int find_places(struct toolchain *t, struct err *err)
{
    struct buf said = {0};
    uint32_t count = 0;
    char *at, *eol;
    int status = 0;

    t->places = mem_zalloc((TOOLCHAIN_PLACES_MAX + 1) * sizeof(*t->places));
    if (t->language->places[0] != '\0')
        status = ask(t->language->places, &said, err);
    for (at = said.data; status > 0 && at != NULL && (eol = strchr(at, '\n')) != NULL;
         at = eol + 1) {
        *eol = '\0';
        if (is_new_place(t, count, at))
            t->places[count++] = mem_strdup(at);
    }
    buf_release(&said);
    return status < 0 ? status : 0;
}

/* Version and place may stay while the files change, so size and time of the program go in too, as
 * do the lines of the table that say how it is used. */
static void make_seal(struct toolchain *t)
{
    const struct language *l = t->language;
    const char *texts[] = {t->version, t->path, l->config, l->shared, l->compile, l->compiling};
    struct seal *seal = seal_new();
    struct stat st = {0};
    struct buf file = {0};
    size_t i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (i != 4 || !PLANTED(3))
            seal_add(seal, str_of(texts[i]));
    for (i = 0; t->places[i] != NULL; i++)
        seal_add(seal, str_of(t->places[i]));
    if (stat(t->path, &st) == 0)
        buf_addf(&file, "%lld %lld", (long long)st.st_size, (long long)st.st_mtim.tv_sec);
    seal_add(seal, buf_str(&file));
    seal_text(seal, t->seal);
    seal_free(seal);
    buf_release(&file);
}

int toolchain_find(const struct language *l, struct toolchain *ret_toolchain, struct err *err)
{
    struct toolchain *t = ret_toolchain;
    struct err why = {.text = ""};
    int status;

    *t = (struct toolchain){.language = l};
    if (language_check_tools(l, &why) < 0) {
        t->missing = mem_strdup(why.text);
        return 0;
    }
    status = find_path(t, err);
    if (status == 0 && t->path != NULL)
        status = find_version(t, err);
    if (status == 0 && t->version != NULL)
        status = find_places(t, err);
    if (status == 0 && t->version != NULL)
        make_seal(t);
    return status;
}

void toolchain_release(struct toolchain *t)
{
    uint32_t i;

    for (i = 0; t->places != NULL && t->places[i] != NULL; i++)
        mem_free(t->places[i]);
    mem_free(t->places);
    mem_free(t->version);
    mem_free(t->path);
    mem_free(t->missing);
    *t = (struct toolchain){0};
}

void toolchain_path(const struct toolchain *t, struct buf *out)
{
    struct stat st;
    uint32_t i;

    for (i = 0; t->places[i] != NULL; i++) {
        const char *slash = strrchr(t->places[i], '/');
        if (stat(t->places[i], &st) == 0 && S_ISDIR(st.st_mode))
            buf_addf(out, "%s/bin:", t->places[i]);
        else
            buf_addf(out, "%.*s:", (int)(slash - t->places[i]), t->places[i]);
    }
}

/* ---- for people ---- */

static void add_line(const struct toolchain *t, struct buf *out)
{
    buf_addf(out, "%c %-14s %s", t->version != NULL ? '+' : '-', t->language->name,
             t->version != NULL ? t->version : t->missing);
    if (t->version != NULL)
        buf_addf(out, " (%s)", t->path);
    buf_add_char(out, '\n');
}

static json_t *json_of(const struct toolchain *t)
{
    return json_pack("{s:s, s:s, s:b, s:s?, s:s?, s:s}", "language", t->language->name, "title",
                     t->language->title, "fine", (int)(t->version != NULL), "version", t->version,
                     "path", t->path, "text", t->missing != NULL ? t->missing : t->version);
}

int toolchain_describe(const char *home, struct buf *out, json_t **ret_json, struct err *err)
{
    struct languages *languages = NULL;
    json_t *list = json_array();
    uint32_t i;
    int status = languages_open(home, &languages, err);

    for (i = 0; status == 0 && i < languages->count; i++) {
        struct toolchain t = {0};
        status = toolchain_find(&languages->list[i], &t, err);
        if (status == 0) {
            add_line(&t, out);
            json_array_append_new(list, json_of(&t));
        }
        toolchain_release(&t);
    }
    languages_close(languages);
    if (status == 0)
        *ret_json = list;
    else
        json_decref(list);
    return status;
}
