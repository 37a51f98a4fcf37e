/* example.h - what the tests of this folder share: small journals and histories, and a checker
 * of well-formedness that knows nothing of how the pictures are made. For *_test.c only. */
#ifndef REPORT_EXAMPLE_H
#define REPORT_EXAMPLE_H

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../check/history.h"
#include "pictures.h"
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct example {
    char folder[64];
    char path[96]; /* of the journal */
    struct buf journal;
    struct history *history;
    struct run_view view;
    char text[64];
};

static const char *const example_nodes[] = {"n0", "n1", "n2"};

static inline void example_init(struct example *e)
{
    *e = (struct example){0};
    snprintf(e->folder, sizeof(e->folder), "/tmp/eddy-report-XXXXXX");
    CHECK(mkdtemp(e->folder) != NULL);
    snprintf(e->path, sizeof(e->path), "%s/journal.jsonl.zst", e->folder);
    e->history = history_new();
    e->view = (struct run_view){"an example", 3, example_nodes, e->history, e->path, 2000000000};
}

static inline void example_release(struct example *e)
{
    struct err err = {.text = ""};

    CHECK_INT(file_remove_tree(e->folder, &err), 0);
    buf_release(&e->journal);
    history_free(e->history);
}

static inline void example_line(struct example *e, const char *line)
{
    buf_add_text(&e->journal, line);
    buf_add_char(&e->journal, '\n');
}

static inline void example_send(struct example *e, int64_t t_ns, uint64_t id, const char *src,
                                const char *dest, const char *body)
{
    buf_addf(&e->journal,
             "{\"t\":%lld,\"e\":\"send\",\"id\":%llu,\"src\":\"%s\",\"dest\":\"%s\",\"body\":",
             (long long)t_ns, (unsigned long long)id, src, dest);
    buf_add_text(&e->journal, body);
    buf_add_text(&e->journal, "}\n");
}

static inline void example_recv(struct example *e, int64_t t_ns, uint64_t id)
{
    buf_addf(&e->journal, "{\"t\":%lld,\"e\":\"recv\",\"id\":%llu}\n", (long long)t_ns,
             (unsigned long long)id);
}

static inline void example_drop(struct example *e, int64_t t_ns, uint64_t id, const char *why)
{
    buf_addf(&e->journal, "{\"t\":%lld,\"e\":\"drop\",\"id\":%llu,\"why\":\"%s\"}\n",
             (long long)t_ns, (unsigned long long)id, why);
}

/* One operation: an invocation, and a completion unless took_ns is negative. */
static inline void example_op(struct example *e, int32_t process, const char *f, const char *value,
                              int64_t t_ns, int64_t took_ns, enum op_type outcome)
{
    struct err err = {.text = ""};
    struct op op = {.time_ns = t_ns, .process = process, .node = 0, .type = OP_INVOKE};

    op.f = history_f(e->history, f);
    op.value = str_of(value);
    CHECK_INT(history_add(e->history, &op, &err), 0);
    op.time_ns = t_ns + took_ns;
    op.type = outcome;
    if (took_ns >= 0)
        CHECK_INT(history_add(e->history, &op, &err), 0);
}

static inline void example_write_journal(struct example *e)
{
    struct err err = {.text = ""};
    struct lines *l = NULL;

    CHECK_INT(lines_create(e->path, &l, &err), 0);
    if (e->journal.len > 0)
        lines_add(l, e->journal.data, e->journal.len);
    CHECK_INT(lines_close(l, &err), 0);
}

static inline struct story *example_story(struct example *e)
{
    struct err err = {.text = ""};
    struct story *s = NULL;

    example_write_journal(e);
    CHECK_INT(story_read(&e->view, &s, &err), 0);
    return s;
}

/* The text of one picture; mem_free. Draws all of them first. */
static inline char *example_picture(struct example *e, const char *name)
{
    struct err err = {.text = ""};
    struct buf content = {0};
    char path[160];

    example_write_journal(e);
    CHECK_INT(pictures_write(&e->view, e->folder, &err), 0);
    snprintf(path, sizeof(path), "%s/%s", e->folder, name);
    CHECK_INT(file_read(path, PICTURE_BYTES_MAX, &content, &err), 0);
    return buf_take(&content);
}

static inline unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

static inline bool is_entity(const char *at)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strncmp(at, known[i], strlen(known[i])) == 0)
            return true;
    return false;
}

/* Skips one tag's attributes to its '>' or '/'; NULL if they are broken. */
static inline const char *skip_attributes(const char *at)
{
    while (*at == ' ') {
        at += 1 + strcspn(at + 1, "=<>\"/ ");
        if (at[0] != '=' || at[1] != '"')
            return NULL;
        for (at += 2; *at != '"'; at++)
            if (*at == '\0' || *at == '<' || (*at == '&' && !is_entity(at)))
                return NULL;
        at++;
    }
    return at;
}

/* NULL if text is well-formed XML (of the plain sort that we write), else where it is not. */
static inline const char *xml_fault(const char *text)
{
    struct {
        const char *name;
        size_t len;
    } open[64];
    size_t depth = 0;
    const char *at = strncmp(text, "<!DOCTYPE html>", 15) == 0 ? text + 15 : text;

    for (; *at != '\0'; at++) {
        const char *start = at;
        size_t len;

        if ((*at == '&' && !is_entity(at)) || *at == '>' ||
            ((unsigned char)*at < 32 && *at != '\n' && *at != '\t'))
            return start;
        if (*at != '<')
            continue;
        if (strncmp(at, "</", 2) == 0) {
            len = strcspn(at + 2, "> ");
            if (depth == 0 || open[depth - 1].len != len ||
                strncmp(open[depth - 1].name, at + 2, len) != 0)
                return start;
            depth--;
            at += 2 + len;
        } else {
            len = strcspn(at + 1, " />");
            open[depth].name = at + 1;
            open[depth].len = len;
            at = skip_attributes(at + 1 + len);
            if (at == NULL || len == 0 || depth + 1 == 64)
                return start;
            if (*at == '/')
                at++;
            else
                depth++;
            if (*at == '>' && len == 6 && strncmp(open[depth - 1].name, "script", 6) == 0)
                at = strstr(at, "</script>") - 1;
        }
        if (*at != '>' && strncmp(at + 1, "</script>", 9) != 0)
            return start;
    }
    return depth == 0 ? NULL : at;
}

#endif
