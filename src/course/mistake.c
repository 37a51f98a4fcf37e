#include "mistake.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "command.h"
#include "faults.h"
#include "language.h"
#include "track.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATCH_MAX = 1 << 20, PATCH_SECONDS_MAX = 20, OUTPUT_MAX = 4096 };

static struct str trimmed(const char *at, size_t len)
{
    while (len > 0 && isspace((unsigned char)*at)) {
        at++;
        len--;
    }
    while (len > 0 && isspace((unsigned char)at[len - 1]))
        len--;
    return (struct str){at, len};
}

/* If the line is "Key: value". */
static bool has_key(struct str line, const char *key, struct str *ret_value)
{
    size_t len = strlen(key);

    if (line.len <= len || memcmp(line.data, key, len) != 0 || line.data[len] != ':')
        return false;
    *ret_value = trimmed(line.data + len + 1, line.len - len - 1);
    return true;
}

static uint32_t to_number(struct str text)
{
    int64_t value;

    return str_to_i64(text, &value) && value > 0 && value < 100 ? (uint32_t)value : 0;
}

static bool begins(struct str line, const char *with)
{
    return line.len >= strlen(with) && memcmp(line.data, with, strlen(with)) == 0;
}

/* Reads the head up to the diff; *ret_diff tells whether there is one. */
static void read_patch(struct mistake *m, struct str text, bool *ret_diff)
{
    struct buf words = {0};
    struct str value, line;

    *ret_diff = false;
    while (text.len > 0 && !*ret_diff) {
        const char *eol = memchr(text.data, '\n', text.len);
        size_t len = eol != NULL ? (size_t)(eol - text.data) : text.len;

        line = trimmed(text.data, len);
        text.data += len + (eol != NULL);
        text.len -= len + (eol != NULL);
        if (begins(line, "--- ")) {
            *ret_diff = true;
            m->strip = begins(line, "--- a/") ? 1 : 0;
        } else if (has_key(line, "Task", &value)) {
            m->task = to_number(value);
        } else if (has_key(line, "Step", &value)) {
            mem_free(m->step);
            m->step = mem_strndup(value.data, value.len);
        } else if (has_key(line, "Common", &value)) {
            m->common = to_number(value);
        } else if (line.len > 0 && !begins(line, "diff ") && !begins(line, "index ")) {
            buf_addf(&words, "%s%.*s", words.len > 0 ? " " : "", STR_ARG(line));
        }
    }
    m->words = mem_strndup(words.len > 0 ? words.data : "", words.len);
    buf_release(&words);
}

static void judge(const struct mistake *m, const struct track *t, bool has_diff, size_t prefix,
                  struct faults *f)
{
    const char *shown = m->path + prefix;

    if (m->task == 0)
        faults_add(f, shown, 0, "the head has no line \"Task: NUMBER\"");
    else if (track_task(t, m->task) == NULL)
        faults_add(f, shown, 0, "the track has no task %u", m->task);
    if (m->step[0] == '\0')
        faults_add(f, shown, 0, "the head has no line \"Step: NAME\"");
    if (m->words[0] == '\0')
        faults_add(f, shown, 0, "the head does not say what is wrong, and why it is plausible");
    if (!has_diff)
        faults_add(f, shown, 0, "there is no diff: no line begins with \"--- \"");
}

static int add(struct mistakes *all, const struct track *t, const char *dir, const char *file,
               size_t prefix, struct faults *f, struct err *err)
{
    struct buf path = {0};
    struct buf text = {0};
    struct mistake m = {.name = mem_strndup(file, strlen(file) - 6), .step = mem_strdup("")};
    bool has_diff;
    int status;

    buf_addf(&path, "%s/%s", dir, file);
    m.path = buf_take(&path);
    status = file_read(m.path, PATCH_MAX, &text, err);
    read_patch(&m, buf_str(&text), &has_diff);
    if (status == 0)
        judge(&m, t, has_diff, prefix, f);
    all->list = mem_grow(all->list, &all->cap, all->count + 1, sizeof(*all->list));
    all->list[all->count++] = m;
    buf_release(&text);
    return status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct mistake *)a)->name, ((const struct mistake *)b)->name);
}

int mistakes_read(const struct track *t, size_t prefix, struct mistakes *ret_mistakes,
                  struct faults *faults, struct err *err)
{
    struct mistakes all = {0};
    struct buf path = {0};
    const struct dirent *entry;
    int status = 0;
    DIR *dir;

    buf_addf(&path, "%s/mistakes", t->dir);
    dir = opendir(path.data);
    while (dir != NULL && status == 0 && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len > 6 && strcmp(entry->d_name + len - 6, ".patch") == 0)
            status = add(&all, t, path.data, entry->d_name, prefix, faults, err);
    }
    if (dir != NULL)
        closedir(dir);
    buf_release(&path);
    if (all.count > 0)
        qsort(all.list, all.count, sizeof(*all.list), by_name);
    if (status < 0)
        mistakes_release(&all);
    else
        *ret_mistakes = all;
    return status;
}

void mistakes_release(struct mistakes *m)
{
    uint32_t i;

    for (i = 0; i < m->count; i++) {
        mem_free(m->list[i].name);
        mem_free(m->list[i].path);
        mem_free(m->list[i].step);
        mem_free(m->list[i].words);
    }
    mem_free(m->list);
    *m = (struct mistakes){0};
}

/* One line out of several, for a sentence. */
static void flatten(struct buf *text)
{
    size_t i;

    while (text->len > 0 && isspace((unsigned char)text->data[text->len - 1]))
        text->data[--text->len] = '\0';
    for (i = 0; i < text->len; i++)
        if (text->data[i] == '\n')
            text->data[i] = ';';
}

int mistake_apply(const struct mistake *m, const char *dir, struct err *err)
{
    struct buf shell = {0};
    struct command_result r = {0};
    struct command command = {
        .dir = dir,
        .limit_ns = (int64_t)PATCH_SECONDS_MAX * 1000000000,
        .output_max = OUTPUT_MAX,
    };
    int status;

    buf_addf(&shell, "patch --batch --forward --fuzz=0 --no-backup-if-mismatch -p%d -i ", m->strip);
    language_command("{out}", &(struct language_names){.out = m->path}, &shell);
    command.shell = shell.data;
    status = command_run(&command, &r, err);
    if (status == 0 && r.code == 127)
        status =
            err_set(err, ERR_MACHINE, "there is no command patch; on Debian: apt install patch");
    else if (status == 0 && (r.code != 0 || r.timed_out)) {
        flatten(&r.output);
        status = err_set(err, ERR_INPUT, "the patch does not apply: %s",
                         r.output.len > 0 ? r.output.data : "it says nothing");
    }
    command_result_release(&r);
    buf_release(&shell);
    return status;
}
