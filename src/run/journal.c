/* The send line is on the hot path (600,000 a second): it is put together by hand straight into the
 * compressor's buffer. Names and bodies are JSON texts already or need no escape (names of nodes
 * are checked, world.h). */
#include "journal.h"

#include "../base/digest.h"
#include "../base/file.h"
#include "../base/json.h"
#include "../base/mem.h"
#include "../sim/world.h"

#include <string.h>

enum { NUMBER_MAX = 20, FIXED_MAX = 128 };

struct journal {
    struct lines *out;
    struct digest digest; /* of all lines */
    uint64_t line_count;
    struct buf line; /* for the rare kinds */
};

int journal_create(const char *path, struct journal **ret_journal, struct err *err)
{
    struct lines *out;
    int status = lines_create(path, &out, err);

    if (status < 0)
        return status;
    *ret_journal = mem_zalloc(sizeof(**ret_journal));
    (*ret_journal)->out = out;
    return 0;
}

int journal_close(struct journal *j, struct err *err)
{
    int status;

    if (j == NULL)
        return 0;
    status = lines_close(j->out, err);
    buf_release(&j->line);
    mem_free(j);
    return status;
}

void journal_digest(const struct journal *j, char into[DIGEST_TEXT_SIZE], uint64_t *ret_line_count)
{
    digest_text(&j->digest, into);
    *ret_line_count = j->line_count;
}

static void count(struct journal *j, const char *line, size_t len)
{
    digest_add(&j->digest, line, len);
    j->line_count++;
}

static char *put(char *p, const char *data, size_t len)
{
    memcpy(p, data, len);
    return p + len;
}

#define PUT(p, literal) put(p, literal, sizeof(literal) - 1)

static char *put_u64(char *p, uint64_t value)
{
    char digits[NUMBER_MAX];
    char *d = digits + NUMBER_MAX;

    do {
        *--d = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return put(p, d, (size_t)(digits + NUMBER_MAX - d));
}

void journal_send(struct journal *j, int64_t now_ns, const struct message *m, struct str src,
                  struct str dest)
{
    char *line = lines_reserve(j->out, FIXED_MAX + src.len + dest.len + m->body_len);
    char *p = PUT(line, "{\"t\":");

    p = put_u64(p, (uint64_t)now_ns);
    p = PUT(p, ",\"e\":\"send\",\"id\":");
    p = put_u64(p, m->id);
    p = PUT(p, ",\"src\":\"");
    p = put(p, src.data, src.len);
    p = PUT(p, "\",\"dest\":\"");
    p = put(p, dest.data, dest.len);
    p = PUT(p, "\",\"body\":");
    p = put(p, m->body, m->body_len);
    p = PUT(p, "}\n");
    count(j, line, (size_t)(p - line));
    lines_commit(j->out, (size_t)(p - line));
}

void journal_recv(struct journal *j, int64_t now_ns, uint64_t id)
{
    char *line = lines_reserve(j->out, FIXED_MAX);
    char *p = PUT(line, "{\"t\":");

    p = put_u64(p, (uint64_t)now_ns);
    p = PUT(p, ",\"e\":\"recv\",\"id\":");
    p = put_u64(p, id);
    p = PUT(p, "}\n");
    count(j, line, (size_t)(p - line));
    lines_commit(j->out, (size_t)(p - line));
}

static void begin(struct journal *j, int64_t now_ns, const char *kind)
{
    buf_reset(&j->line);
    buf_add_text(&j->line, "{\"t\":");
    buf_add_i64(&j->line, now_ns);
    buf_add_text(&j->line, ",\"e\":\"");
    buf_add_text(&j->line, kind);
    buf_add_char(&j->line, '"');
}

static void field(struct journal *j, const char *name, struct str text)
{
    buf_add_text(&j->line, ",\"");
    buf_add_text(&j->line, name);
    buf_add_text(&j->line, "\":");
    json_quote(&j->line, text);
}

static void end(struct journal *j)
{
    buf_add_text(&j->line, "}\n");
    count(j, j->line.data, j->line.len);
    lines_add(j->out, j->line.data, j->line.len);
}

void journal_drop(struct journal *j, int64_t now_ns, uint64_t id, const char *why)
{
    begin(j, now_ns, "drop");
    buf_add_text(&j->line, ",\"id\":");
    buf_add_i64(&j->line, (int64_t)id);
    field(j, "why", str_of(why));
    end(j);
}

void journal_fault(struct journal *j, int64_t now_ns, const char *kind, const char *what,
                   const char *text)
{
    begin(j, now_ns, "fault");
    field(j, "kind", str_of(kind));
    field(j, "what", str_of(what));
    field(j, "text", str_of(text));
    end(j);
}

void journal_node(struct journal *j, int64_t now_ns, struct str node, const char *what,
                  const char *text)
{
    begin(j, now_ns, "node");
    field(j, "node", node);
    field(j, "what", str_of(what));
    field(j, "text", str_of(text));
    end(j);
}

void journal_log(struct journal *j, int64_t now_ns, struct str node, struct str text)
{
    begin(j, now_ns, "log");
    field(j, "node", node);
    field(j, "text", text);
    end(j);
}

void journal_note(struct journal *j, int64_t now_ns, const char *text)
{
    begin(j, now_ns, "note");
    field(j, "text", str_of(text));
    end(j);
}

void journal_blame(struct journal *j, int64_t now_ns, struct str node, const char *text)
{
    begin(j, now_ns, "blame");
    field(j, "node", node);
    field(j, "text", str_of(text));
    end(j);
}

void journal_input(struct journal *j, int64_t now_ns, struct str node, struct str bytes)
{
    begin(j, now_ns, "input");
    field(j, "node", node);
    buf_add_text(&j->line, ",\"bytes\":");
    buf_add_i64(&j->line, (int64_t)bytes.len);
    if (bytes.len > JOURNAL_INPUT_MAX)
        bytes.len = JOURNAL_INPUT_MAX;
    field(j, "text", bytes);
    end(j);
}

void journal_net(struct journal *j, int64_t now_ns, uint32_t socket, const char *way,
                 const char *what, struct str bytes)
{
    begin(j, now_ns, "net");
    buf_add_text(&j->line, ",\"socket\":");
    buf_add_i64(&j->line, socket);
    field(j, "way", str_of(way));
    field(j, "what", str_of(what));
    buf_add_text(&j->line, ",\"bytes\":");
    buf_add_i64(&j->line, (int64_t)bytes.len);
    if (bytes.len > JOURNAL_NET_MAX)
        bytes.len = JOURNAL_NET_MAX;
    field(j, "text", bytes);
    end(j);
}

void journal_step(struct journal *j, int64_t now_ns, const char *what, const char *text)
{
    begin(j, now_ns, "step");
    field(j, "what", str_of(what));
    field(j, "text", str_of(text));
    buf_add_text(&j->line, strcmp(what, "failed") == 0 ? ",\"ok\":false" : ",\"ok\":true");
    end(j);
}
