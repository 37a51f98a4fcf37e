/* Lines are compared as texts. Only where two differ are they looked into: first whether the runs'
 * folders are all that differs, then for the node. A line about a message that arrived or was lost
 * has but its number; whose message that was stands in its send line, which an own pass over the
 * journal finds: rare, so nothing is remembered on the way.
 *
 * -DPLANT_REPLAY=1 plants a bug that tests/planted/replay.sh must find. */
#include "compare.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/json.h"
#include "../base/mem.h"

#include <string.h>

#ifndef PLANT_REPLAY
#define PLANT_REPLAY 0
#endif

/* What can be seen in a line of a journal; texts are borrowed from it. */
struct view {
    int64_t t_ns;
    struct str kind, node, src, dest, id;
};

static struct view look(struct str line)
{
    struct view v = {0};
    struct json_reader r;
    struct str value;

    json_reader_init(&r, line);
    if (json_next(&r) != JSON_AT_OBJECT)
        return v;
    while (json_next(&r) == JSON_AT_KEY) {
        struct str key = r.text;
        enum json_kind kind = json_next(&r);
        struct str text = r.text;
        if (!json_skip(&r, &value))
            return v;
        if (str_is(key, "t"))
            json_to_i64(value, &v.t_ns);
        else if (str_is(key, "id"))
            v.id = value;
        else if (kind == JSON_AT_STRING && str_is(key, "e"))
            v.kind = text;
        else if (kind == JSON_AT_STRING && str_is(key, "node"))
            v.node = text;
        else if (kind == JSON_AT_STRING && str_is(key, "src"))
            v.src = text;
        else if (kind == JSON_AT_STRING && str_is(key, "dest"))
            v.dest = text;
    }
    return v;
}

/* The time that every line begins with, {"t":12,...; negative if it does not. */
static int64_t time_of(struct str line)
{
    static const char head[] = "{\"t\":";
    size_t at = sizeof(head) - 1;
    int64_t t = 0;

    if (line.len < sizeof(head) || memcmp(line.data, head, at) != 0)
        return -1;
    for (; at < line.len && line.data[at] >= '0' && line.data[at] <= '9'; at++)
        t = t * 10 + (line.data[at] - '0');
    return t;
}

/* ---- equal but for the folders ---- */

/* A folder as it stands inside a JSON string. */
static void folder_text(const char *dir, struct buf *out)
{
    json_quote(out, str_of(dir));
    out->len--;
    memmove(out->data, out->data + 1, out->len);
    out->len--;
    out->data[out->len] = '\0';
}

static bool begins(struct str line, size_t at, struct str with)
{
    return line.len - at >= with.len && memcmp(line.data + at, with.data, with.len) == 0;
}

static bool same_but_for_folders(struct str a, struct str a_dir, struct str b, struct str b_dir)
{
    size_t i = 0;
    size_t j = 0;

    while (i < a.len && j < b.len) {
        if (begins(a, i, a_dir) && begins(b, j, b_dir)) {
            i += a_dir.len;
            j += b_dir.len;
        } else if (a.data[i++] != b.data[j++]) {
            return false;
        }
    }
    return i == a.len && j == b.len;
}

/* ---- whose line it is ---- */

/* Clients are c and a number; everybody else who sends is a node or a service. */
static bool is_client(struct str name)
{
    size_t i;

    for (i = 1; i < name.len; i++)
        if (name.data[i] < '0' || name.data[i] > '9')
            return false;
    return name.len > 1 && name.data[0] == 'c';
}

static bool is_service(struct str name)
{
    return str_is(name, "seq-kv") || str_is(name, "lin-kv") || str_is(name, "lww-kv") ||
           str_is(name, "lin-tso");
}

static char *copy_of(struct str text)
{
    return text.data != NULL ? mem_strndup(text.data, text.len) : NULL;
}

/* The name in a send line: who sent it if that is a node, else who was to get it. */
static struct str node_of_send(const struct view *v, bool arrival)
{
    struct str first = arrival ? v->dest : v->src;
    struct str second = arrival ? v->src : v->dest;

    return is_client(first) || is_service(first) ? second : first;
}

static char *journal_path(const char *dir)
{
    struct buf path = {0};

    buf_addf(&path, "%s/journal.jsonl.zst", dir);
    return buf_take(&path);
}

static char *node_of_message(const char *dir, struct str id)
{
    char *path = journal_path(dir);
    struct lines_reader *in = NULL;
    char *node = NULL;
    struct str line;
    struct err err;

    if (lines_open(path, &in, &err) == 0) {
        while (node == NULL && lines_next(in, COMPARE_LINE_MAX, &line, &err) > 0) {
            struct view v = look(line);
            if (str_is(v.kind, "send") && str_eq(v.id, id))
                node = copy_of(node_of_send(&v, true));
        }
    }
    lines_reader_close(in);
    mem_free(path);
    return node;
}

static char *node_of_line(const char *dir, const char *line)
{
    struct view v;

    if (line == NULL)
        return NULL;
    v = look(str_of(line));
    if (v.node.data != NULL)
        return copy_of(v.node);
    if (str_is(v.kind, "send"))
        return copy_of(node_of_send(&v, false));
    return v.id.data != NULL ? node_of_message(dir, v.id) : NULL;
}

/* ---- the walk ---- */

struct side {
    struct lines_reader *in;
    struct str line;
    bool over;
};

static int side_open(struct side *s, const char *dir, struct err *err)
{
    char *path = journal_path(dir);
    int status = lines_open(path, &s->in, err);

    mem_free(path);
    return status;
}

static int side_next(struct side *s, int64_t until_ns, struct err *err)
{
    int got;

    if (s->over)
        return 0;
    got = lines_next(s->in, COMPARE_LINE_MAX, &s->line, err);
    s->over = got <= 0 || time_of(s->line) >= until_ns;
    return got < 0 ? got : 0;
}

static bool same_line(const struct side *old, const struct side *new_side, struct str old_dir,
                      struct str new_dir)
{
    if (str_eq(old->line, new_side->line))
        return true;
    if (PLANT_REPLAY == 1 && str_is(look(old->line).kind, "log") &&
        str_is(look(new_side->line).kind, "log"))
        return true;
    return same_but_for_folders(old->line, old_dir, new_side->line, new_dir);
}

static void describe(const struct compare_config *c, const struct side *old,
                     const struct side *new_side, struct compare_result *result)
{
    int64_t old_t = old->over ? INT64_MAX : time_of(old->line);
    int64_t new_t = new_side->over ? INT64_MAX : time_of(new_side->line);

    result->differs = true;
    result->t_ns = old_t < new_t ? old_t : new_t;
    result->old_line = old->over ? NULL : copy_of(old->line);
    result->new_line = new_side->over ? NULL : copy_of(new_side->line);
    /* The earlier line is the one that the other run did not have. */
    if (new_t <= old_t)
        result->node = node_of_line(c->new_dir, result->new_line);
    else
        result->node = node_of_line(c->old_dir, result->old_line);
}

static int walk(const struct compare_config *c, struct side *old, struct side *new_side,
                struct compare_result *result, struct err *err)
{
    struct buf old_dir = {0};
    struct buf new_dir = {0};
    int status = 0;

    folder_text(c->old_dir, &old_dir);
    folder_text(c->new_dir, &new_dir);
    while (!result->differs) {
        status = side_next(old, c->until_ns, err);
        if (status == 0)
            status = side_next(new_side, c->until_ns, err);
        if (status < 0 || (old->over && (new_side->over || c->old_broken_off)))
            break;
        if (!old->over && !new_side->over &&
            same_line(old, new_side, buf_str(&old_dir), buf_str(&new_dir)))
            result->line_count++;
        else
            describe(c, old, new_side, result);
    }
    buf_release(&old_dir);
    buf_release(&new_dir);
    return status;
}

int compare_journals(const struct compare_config *config, struct compare_result *ret_result,
                     struct err *err)
{
    struct compare_result result = {0};
    struct side old = {0};
    struct side new_side = {0};
    int status = side_open(&old, config->old_dir, err);

    if (status == 0)
        status = side_open(&new_side, config->new_dir, err);
    if (status == 0)
        status = walk(config, &old, &new_side, &result, err);
    lines_reader_close(old.in);
    lines_reader_close(new_side.in);
    if (status == 0)
        *ret_result = result;
    return status;
}

void compare_release(struct compare_result *result)
{
    mem_free(result->node);
    mem_free(result->old_line);
    mem_free(result->new_line);
    *result = (struct compare_result){0};
}

int compare_last_time(const char *dir, int64_t *ret_ns, struct err *err)
{
    struct side s = {0};
    int64_t last = 0;
    int status = side_open(&s, dir, err);

    while (status == 0 && !s.over) {
        if (s.line.data != NULL)
            last = time_of(s.line);
        status = side_next(&s, INT64_MAX, err);
    }
    lines_reader_close(s.in);
    if (status == 0)
        *ret_ns = last;
    return status;
}
