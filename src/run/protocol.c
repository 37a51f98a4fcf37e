#include "protocol.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/mem.h"

#include <string.h>

enum { EXCERPT_MAX = 160 };

void protocol_clients_add(struct protocol_clients *c, endpoint_t client)
{
    size_t word = client / 64;
    size_t had = c->cap;

    if (word >= had) {
        c->words = mem_grow(c->words, &c->cap, word + 1, sizeof(*c->words));
        memset(c->words + had, 0, (c->cap - had) * sizeof(*c->words));
    }
    c->words[word] |= UINT64_C(1) << client % 64;
}

bool protocol_clients_has(const struct protocol_clients *c, endpoint_t client)
{
    return client / 64 < c->cap && (c->words[client / 64] >> client % 64 & 1) != 0;
}

void protocol_clients_release(struct protocol_clients *c)
{
    mem_free(c->words);
}

void protocol_add_excerpt(struct buf *out, struct str text)
{
    struct str head = text;

    if (head.len > EXCERPT_MAX) {
        head.len = EXCERPT_MAX;
        while (head.len > 0 && ((unsigned char)head.data[head.len] & 0xc0) == 0x80)
            head.len--; /* not in the middle of a character */
    }
    json_quote(out, head);
    if (head.len < text.len)
        buf_addf(out, "... (%zu bytes)", text.len);
}

/* The endpoint that a JSON string names, or ENDPOINT_NONE. */
static endpoint_t find(const struct world *w, struct str inside)
{
    struct buf plain = {0};
    endpoint_t found;

    if (memchr(inside.data, '\\', inside.len) == NULL)
        return world_find(w, inside);
    json_unescape(&plain, inside);
    found = world_find(w, buf_str(&plain));
    buf_release(&plain);
    return found;
}

static void add_whole_line(struct buf *out, struct str line)
{
    buf_add_text(out, ". The line: ");
    protocol_add_excerpt(out, line);
}

static bool not_a_message(struct buf *out, struct str name, struct str line, const char *why)
{
    buf_addf(out, "%.*s printed a line that is not a message: %s", STR_ARG(name), why);
    add_whole_line(out, line);
    buf_addf(
        out,
        ". The protocol wants one JSON object a line, such as "
        "{\"src\":\"%.*s\",\"dest\":\"c1\",\"body\":{\"type\":\"...\"}}; anything else belongs on "
        "stderr",
        STR_ARG(name));
    return false;
}

static bool wrong_src(struct buf *out, struct str name, struct str line,
                      const struct json_envelope *e)
{
    if (e->src.data == NULL) {
        buf_addf(out, "%.*s sent a message without \"src\"", STR_ARG(name));
    } else {
        buf_addf(out, "%.*s sent a message whose \"src\" is ", STR_ARG(name));
        if (e->src_is_string)
            buf_add_char(out, '"');
        buf_add_str(out,
                    e->src.len > EXCERPT_MAX ? (struct str){e->src.data, EXCERPT_MAX} : e->src);
        if (e->src_is_string)
            buf_add_char(out, '"');
    }
    buf_addf(out, "; the protocol wants its own name, \"%.*s\"", STR_ARG(name));
    add_whole_line(out, line);
    return false;
}

static void add_known_names(const struct world *w, struct buf *out)
{
    uint32_t n = world_node_count(w);
    struct str first = world_name(w, 0);
    struct str last = world_name(w, n - 1);

    buf_addf(out, "the nodes are %.*s", STR_ARG(first));
    if (n > 1)
        buf_addf(out, " to %.*s", STR_ARG(last));
    buf_add_text(out,
                 ", the services seq-kv, lin-kv, lww-kv and lin-tso, and clients are those that "
                 "have asked something");
}

static bool wrong_dest(const struct world *w, struct buf *out, struct str name, struct str line,
                       const struct json_envelope *e)
{
    if (e->dest.data == NULL)
        buf_addf(out, "%.*s sent a message without \"dest\"", STR_ARG(name));
    else if (!e->dest_is_string)
        buf_addf(out, "%.*s sent a message whose \"dest\" is not a string", STR_ARG(name));
    else {
        buf_addf(out, "%.*s sent a message to ", STR_ARG(name));
        protocol_add_excerpt(out, e->dest);
        buf_add_text(out, ", which does not exist");
    }
    buf_add_text(out, "; ");
    add_known_names(w, out);
    add_whole_line(out, line);
    return false;
}

static bool wrong_body(struct buf *out, struct str name, struct str line,
                       const struct json_envelope *e)
{
    buf_addf(out, "%.*s sent a message %s; the protocol wants a JSON object there", STR_ARG(name),
             e->body.data == NULL ? "without \"body\"" : "whose \"body\" is not an object");
    add_whole_line(out, line);
    return false;
}

static bool wrong_reply_id(struct buf *out, struct str name, struct str line)
{
    buf_addf(
        out,
        "%.*s answered a client with an \"in_reply_to\" that is not an integer; the protocol wants "
        "the request's \"msg_id\"",
        STR_ARG(name));
    add_whole_line(out, line);
    return false;
}

/* Whose name the message bears: the node's own, that of a client it may pass a request on for, or
 * ENDPOINT_NONE. */
static endpoint_t find_src(const struct world *w, endpoint_t node,
                           const struct protocol_clients *clients, const struct json_envelope *e)
{
    endpoint_t src;

    if (e->src.data == NULL || !e->src_is_string)
        return ENDPOINT_NONE;
    if (str_eq(e->src, world_name(w, node)))
        return node;
    src = find(w, e->src);
    if (src != node && e->dest_is_string && str_eq(e->dest, world_name(w, node)))
        return ENDPOINT_NONE; /* passed on to itself: a line that was only printed again */
    if (src == node || (src != ENDPOINT_NONE && protocol_clients_has(clients, src)))
        return src;
    return ENDPOINT_NONE;
}

bool protocol_read(const struct world *w, endpoint_t node, const struct protocol_clients *clients,
                   struct str line, struct protocol_message *ret_message, struct buf *ret_sentence)
{
    struct str name = world_name(w, node);
    struct json_envelope e;
    struct err err;
    endpoint_t src;
    endpoint_t dest;

    buf_reset(ret_sentence);
    if (json_envelope(line, &e, &err) < 0)
        return not_a_message(ret_sentence, name, line, err.text);
    src = find_src(w, node, clients, &e);
    if (src == ENDPOINT_NONE)
        return wrong_src(ret_sentence, name, line, &e);
    dest = e.dest.data != NULL && e.dest_is_string ? find(w, e.dest) : ENDPOINT_NONE;
    if (dest == ENDPOINT_NONE)
        return wrong_dest(w, ret_sentence, name, line, &e);
    if (!e.body_is_object)
        return wrong_body(ret_sentence, name, line, &e);
    if (e.in_reply_to.data != NULL && !e.in_reply_to_is_integer && !str_is(e.in_reply_to, "null") &&
        world_kind(w, dest) == ENDPOINT_CLIENT)
        return wrong_reply_id(ret_sentence, name, line);
    *ret_message = (struct protocol_message){src, dest, e.body};
    return true;
}

void protocol_unheard(const struct world *w, const struct message *m, struct buf *ret_sentence)
{
    struct str from = world_name(w, m->src);
    struct str to = world_name(w, m->dest);
    struct json_envelope e;
    struct buf line = {0};
    struct err err;
    char at[DURATION_TEXT_MAX];

    buf_addf(&line, "{\"body\":%.*s}", (int)m->body_len, m->body);
    duration_text(world_now(w), at);
    buf_reset(ret_sentence);
    if (json_envelope(buf_str(&line), &e, &err) == 0 && e.in_reply_to_is_integer)
        buf_addf(ret_sentence,
                 "%.*s answered request %.*s of %.*s at %s, when it was no longer waiting; ignored",
                 STR_ARG(from), (int)(e.in_reply_to.len < 20 ? e.in_reply_to.len : 20),
                 e.in_reply_to.data, STR_ARG(to), at);
    else
        buf_addf(ret_sentence, "%.*s sent %.*s a message at %s, when it had gone; ignored",
                 STR_ARG(from), STR_ARG(to), at);
    buf_release(&line);
}
