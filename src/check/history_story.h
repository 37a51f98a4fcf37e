/* history_story.h - histories as short stories, for tests only: included by *_test.c alone.
 *
 *     struct history *h = story("0@1 invoke add 5   \n"
 *                               "0   ok add 5       \n"
 *                               "90ms 2 invoke! read\n"
 *                               "2 ok read [5]      \n");
 *
 * A line: [TIME] PROCESS[@NODE] TYPE[!] F [VALUE]. NODE is the node's number; ! marks an operation
 * of the final phase, and a completion takes both from its invocation. Without TIME an event comes
 * 1 ms after the one before; the first comes at 0. Process "nemesis" is the nemesis. */
#ifndef CHECK_HISTORY_STORY_H
#define CHECK_HISTORY_STORY_H

#include "history.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/test.h"

static struct str story_word(struct str *rest)
{
    struct str word;

    while (rest->len > 0 && rest->data[0] == ' ') {
        rest->data++;
        rest->len--;
    }
    word = (struct str){rest->data, 0};
    while (rest->len > 0 && rest->data[0] != ' ') {
        rest->data++;
        rest->len--;
        word.len++;
    }
    return word;
}

static struct str story_part_before(struct str word, char mark, struct str *ret_after)
{
    const char *at = word.len > 0 ? memchr(word.data, mark, word.len) : NULL;

    *ret_after = (struct str){NULL, 0};
    if (at == NULL)
        return word;
    *ret_after = (struct str){at + 1, word.len - (size_t)(at + 1 - word.data)};
    return (struct str){word.data, (size_t)(at - word.data)};
}

static int64_t story_number(struct str word)
{
    int64_t number = -1;

    if (!str_to_i64(word, &number))
        fail_msg("\"%.*s\" is no number", STR_ARG(word));
    return number;
}

static void story_who(struct op *op, struct str word)
{
    struct str node;
    struct str process = story_part_before(word, '@', &node);

    op->process = HISTORY_NEMESIS;
    if (!str_is(process, "nemesis"))
        op->process = (int32_t)story_number(process);
    if (node.data != NULL)
        op->node = (int32_t)story_number(node);
}

static void story_type(struct op *op, struct str word)
{
    struct str mark;
    struct str name = story_part_before(word, '!', &mark);

    op->final = mark.data != NULL;
    for (op->type = OP_INVOKE; op->type < OP_INFO; op->type++)
        if (str_is(name, op_type_text(op->type)))
            return;
    if (!str_is(name, "info"))
        fail_msg("\"%.*s\" is no type of event", STR_ARG(name));
}

/* A completion is final if the last invocation of its process is. */
static bool story_is_final(const struct history *h, int32_t process)
{
    uint32_t i = history_len(h);

    while (i-- > 0)
        if (history_at(h, i)->process == process && history_at(h, i)->type == OP_INVOKE)
            return history_at(h, i)->final;
    return false;
}

static void story_line(struct history *h, struct str line, int64_t *time_ns)
{
    struct op op = {.node = HISTORY_NO_NODE};
    struct buf f = {0};
    struct buf value = {0};
    struct err err = {.text = ""};
    struct str word = story_word(&line);

    if (word.len == 0)
        return;
    if (!str_to_i64(word, &(int64_t){0}) && duration_parse(word, 1, time_ns))
        word = story_word(&line);
    op.time_ns = *time_ns;
    *time_ns += 1000000;
    story_who(&op, word);
    story_type(&op, story_word(&line));
    if (op.type != OP_INVOKE && op.process >= 0)
        op.final = story_is_final(h, op.process);
    buf_add_str(&f, story_word(&line));
    op.f = history_f(h, f.data);
    while (line.len > 0 && line.data[0] == ' ')
        line.data++, line.len--;
    while (line.len > 0 && line.data[line.len - 1] == ' ')
        line.len--;
    if (line.len > 0 && !json_canonical(&value, line))
        fail_msg("\"%.*s\" is no JSON", STR_ARG(line));
    op.value = buf_str(&value);
    if (history_add(h, &op, &err) < 0)
        fail_msg("%s", err.text);
    buf_release(&f);
    buf_release(&value);
}

/* The caller frees it. A story that cannot be read fails the test. */
static struct history *story(const char *text)
{
    struct history *h = history_new();
    struct str rest = str_of(text);
    int64_t time_ns = 0;

    while (rest.len > 0) {
        struct str after;
        struct str line = story_part_before(rest, '\n', &after);
        story_line(h, line, &time_ns);
        rest = after;
    }
    return h;
}

#endif
