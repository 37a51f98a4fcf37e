/* txn_story.h - histories of transactions as short stories, for tests only.
 *
 *     txn_story("ok          x+1 y=[]  \n"
 *               "p0 @2-4 ok  y+2 x=null\n"
 *               "fail        z+3       \n")
 *
 * A line is a transaction: [pPROCESS] [@BEGIN-END] TYPE OPERATION... where TYPE is ok, fail, info
 * or open (never completed). KEY+VALUE appends, KEY:VALUE writes, KEY=VALUE reads and sees VALUE;
 * values are JSON without blanks. Keys are texts. Without pPROCESS a transaction has a process of
 * its own; without @BEGIN-END it lasts from first to last. At one moment invocations come first.
 * A moment is a millisecond. */
#ifndef CHECK_TXN_STORY_H
#define CHECK_TXN_STORY_H

#include "history.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TXN_STORY_LINES_MAX = 64, TXN_STORY_LAST = 1000 };

struct txn_story_line {
    int32_t process;
    int begin, end;
    enum op_type type; /* OP_INVOKE: never completed */
    struct buf asked, got;
};

static void txn_story_operation(struct txn_story_line *line, const char *word)
{
    size_t key_len = strcspn(word, "+:=");
    const char *value = word + key_len + 1;
    char mark = word[key_len];
    const char *f = mark == '+' ? "append" : mark == ':' ? "w" : "r";
    const char *comma = line->asked.len > 1 ? "," : "";

    if (mark == '\0') {
        fprintf(stderr, "\"%s\" is no operation\n", word);
        abort();
    }
    buf_addf(&line->asked, "%s[\"%s\",\"%.*s\",%s]", comma, f, (int)key_len, word,
             mark == '=' ? "null" : value);
    buf_addf(&line->got, "%s[\"%s\",\"%.*s\",%s]", comma, f, (int)key_len, word, value);
}

static void txn_story_word(struct txn_story_line *line, const char *word)
{
    static const char *const types[] = {"open", "ok", "fail", "info"};
    size_t i;

    for (i = 0; i < 4; i++)
        if (strcmp(word, types[i]) == 0) {
            line->type = (enum op_type)i;
            return;
        }
    if (word[0] == '@' && sscanf(word, "@%d-%d", &line->begin, &line->end) == 2)
        return;
    if (word[0] == 'p' && strpbrk(word, "+:=") == NULL)
        line->process = (int32_t)atoi(word + 1);
    else
        txn_story_operation(line, word);
}

static void txn_story_event(struct history *h, int at, const struct txn_story_line *line,
                            enum op_type type)
{
    struct err err = {.text = ""};
    struct op op = {
        .time_ns = (int64_t)at * 1000000,
        .process = line->process,
        .node = line->process % 5,
        .f = history_f(h, "txn"),
        .type = type,
        .value = buf_str(type == OP_OK ? &line->got : &line->asked),
    };

    if (history_add(h, &op, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
}

static struct history *txn_story_play(const struct txn_story_line *lines, size_t count)
{
    struct history *h = history_new();
    size_t i;
    int at;

    for (at = 0; at <= TXN_STORY_LAST; at++) {
        for (i = 0; i < count; i++)
            if (lines[i].begin == at)
                txn_story_event(h, at, &lines[i], OP_INVOKE);
        for (i = 0; i < count; i++)
            if (lines[i].end == at && lines[i].type != OP_INVOKE)
                txn_story_event(h, at, &lines[i], lines[i].type);
    }
    return h;
}

/* The caller frees it. A story that cannot be read ends the program. */
static struct history *txn_story(const char *text)
{
    struct txn_story_line lines[TXN_STORY_LINES_MAX] = {0};
    char *copy = strdup(text);
    char *line_rest, *word_rest, *line, *word;
    struct history *h;
    size_t count = 0, i;

    for (line = strtok_r(copy, "\n", &line_rest); line != NULL;
         line = strtok_r(NULL, "\n", &line_rest)) {
        struct txn_story_line *l = &lines[count];
        *l = (struct txn_story_line){.process = 100 + (int32_t)count, .end = TXN_STORY_LAST};
        buf_add_char(&l->asked, '[');
        buf_add_char(&l->got, '[');
        for (word = strtok_r(line, " ", &word_rest); word != NULL;
             word = strtok_r(NULL, " ", &word_rest))
            txn_story_word(l, word);
        buf_add_char(&l->asked, ']');
        buf_add_char(&l->got, ']');
        count += l->got.len > 2 || l->type != OP_INVOKE;
    }
    h = txn_story_play(lines, count);
    for (i = 0; i < count; i++) {
        buf_release(&lines[i].asked);
        buf_release(&lines[i].got);
    }
    free(copy);
    return h;
}

#endif
