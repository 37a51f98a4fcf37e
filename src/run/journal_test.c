/* Every kind of line is written as journal.h shows it, and is JSON whatever the texts are. */
#include "journal.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "../sim/world.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1 << 20 };

static char path[] = "/tmp/eddy-journal-XXXXXX.jsonl.zst";

static struct journal *begin(void)
{
    struct journal *j = NULL;
    struct err err;
    int fd;

    snprintf(path, sizeof(path), "/tmp/eddy-journal-XXXXXX.jsonl.zst");
    fd = mkstemps(path, (int)strlen(".jsonl.zst"));
    CHECK(fd >= 0);
    close(fd);
    CHECK_INT(journal_create(path, &j, &err), 0);
    return j;
}

/* Closes the journal and gives all of its text; the caller frees it. */
static char *end(struct journal *j)
{
    struct lines_reader *r = NULL;
    struct buf all = {0};
    struct str line;
    struct err err;

    CHECK_INT(journal_close(j, &err), 0);
    CHECK_INT(lines_open(path, &r, &err), 0);
    while (lines_next(r, LINE_MAX_BYTES, &line, &err) > 0) {
        json_t *json = json_loadb(line.data, line.len, JSON_ALLOW_NUL, NULL);
        CHECK(json_is_object(json));
        json_decref(json);
        buf_add_str(&all, line);
        buf_add_char(&all, '\n');
    }
    lines_reader_close(r);
    unlink(path);
    return buf_take(&all);
}

static struct message *message(uint64_t id, const char *body)
{
    size_t len = strlen(body);
    struct message *m = mem_zalloc(sizeof(*m) + len);

    m->id = id;
    m->body_len = (uint32_t)len;
    memcpy(m->body, body, len);
    return m;
}

TEST(lines_are_as_the_header_shows_them)
{
    struct journal *j = begin();
    struct message *m = message(5, "{\"type\":\"x\"}");
    char *text;

    journal_send(j, 12, m, STR_LIT("c3"), STR_LIT("n1"));
    journal_recv(j, 15, 5);
    journal_drop(j, 15, 5, "partition");
    journal_fault(j, 16, "kill", "start", "n0");
    journal_node(j, 16, STR_LIT("n0"), "kill", "");
    journal_log(j, 17, STR_LIT("n0"), STR_LIT("hello"));
    journal_note(j, 18, "well");
    journal_input(j, 19, STR_LIT("n1"), STR_LIT("{ \xff\n"));
    journal_step(j, 20, "begin", "it");
    journal_step(j, 21, "failed", "it");
    journal_blame(j, INT64_MAX, STR_LIT("n0"), "why");
    text = end(j);
    CHECK_TEXT(
        text,
        "{\"t\":12,\"e\":\"send\",\"id\":5,\"src\":\"c3\",\"dest\":\"n1\",\"body\":{\"type\":"
        "\"x\"}}\n"
        "{\"t\":15,\"e\":\"recv\",\"id\":5}\n"
        "{\"t\":15,\"e\":\"drop\",\"id\":5,\"why\":\"partition\"}\n"
        "{\"t\":16,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"start\",\"text\":\"n0\"}\n"
        "{\"t\":16,\"e\":\"node\",\"node\":\"n0\",\"what\":\"kill\",\"text\":\"\"}\n"
        "{\"t\":17,\"e\":\"log\",\"node\":\"n0\",\"text\":\"hello\"}\n"
        "{\"t\":18,\"e\":\"note\",\"text\":\"well\"}\n"
        "{\"t\":19,\"e\":\"input\",\"node\":\"n1\",\"bytes\":4,\"text\":\"{ \xef\xbf\xbd\\n\"}\n"
        "{\"t\":20,\"e\":\"step\",\"what\":\"begin\",\"text\":\"it\",\"ok\":true}\n"
        "{\"t\":21,\"e\":\"step\",\"what\":\"failed\",\"text\":\"it\",\"ok\":false}\n"
        "{\"t\":9223372036854775807,\"e\":\"blame\",\"node\":\"n0\",\"text\":\"why\"}\n");
    mem_free(text);
    mem_free(m);
}

TEST(numbers_at_their_ends)
{
    struct journal *j = begin();
    struct message *m = message(UINT64_MAX / 2, "{}");
    char *text;

    journal_send(j, 0, m, STR_LIT("a"), STR_LIT("b"));
    journal_recv(j, INT64_MAX, 0);
    text = end(j);
    CHECK_HAS(text, "{\"t\":0,\"e\":\"send\",\"id\":9223372036854775807,");
    CHECK_HAS(text, "{\"t\":9223372036854775807,\"e\":\"recv\",\"id\":0}");
    mem_free(text);
    mem_free(m);
}

/* What nodes write to stderr is any bytes; end() holds that each line is JSON all the same. */
TEST(hostile_texts_stay_one_line_of_json)
{
    struct journal *j = begin();
    char all_bytes[256];
    char *text;
    int i;

    for (i = 0; i < 256; i++)
        all_bytes[i] = (char)i;
    journal_log(j, 1, STR_LIT("n0"), (struct str){all_bytes, sizeof(all_bytes)});
    journal_note(j, 2, "\"quoted\" \\ and\nbroken \x1b[31m");
    text = end(j);
    CHECK_HAS(text, "\\\"quoted\\\" \\\\ and\\nbroken ");
    CHECK(strchr(text, '\x1b') == NULL);
    mem_free(text);
}

TEST(a_large_body_is_whole)
{
    enum { SIZE = 700000 };
    struct journal *j = begin();
    char *body = mem_zalloc(SIZE + 16);
    struct message *m;
    char *text;

    memcpy(body, "{\"p\":\"", 6);
    memset(body + 6, 'x', SIZE);
    memcpy(body + 6 + SIZE, "\"}", 3);
    m = message(1, body);
    journal_send(j, 1, m, STR_LIT("n0"), STR_LIT("n1"));
    text = end(j);
    CHECK_HAS(text, body);
    mem_free(text);
    mem_free(m);
    mem_free(body);
}

TEST(a_journal_that_cannot_be_made_or_written_says_so)
{
    struct journal *j = NULL;
    struct err err = {.text = ""};

    CHECK(journal_create("/nowhere/at/all/j.zst", &j, &err) < 0);
    CHECK_HAS(err.text, "/nowhere/at/all/j.zst");
    CHECK(j == NULL);
    CHECK_INT(journal_close(NULL, &err), 0);
    CHECK_INT(journal_create("/dev/full", &j, &err), 0);
    journal_note(j, 1, "lost");
    CHECK(journal_close(j, &err) < 0);
    CHECK_HAS(err.text, "No space left");
}
