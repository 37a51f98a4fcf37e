/* Clients number their requests from 1 and match replies by in_reply_to, as Maelstrom's do. A reply
 * to a request that is not pending (answered before, timed out, never made) resumes nobody, but its
 * author may be at a loss why, so each is worth a note.
 *
 * The deadline of a request and its reply may come in either order at the same instant: whichever
 * event the world takes first wins, and the other finds nothing to do. */
#include "script_parts.h"

#include "../base/assert.h"
#include "../base/mem.h"
#include "../sim/world.h"
#include "value.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

uint32_t client_new(struct script *s)
{
    uint32_t endpoint = world_client_new(s->world);

    if (s->client_len == 0)
        s->first_client = endpoint;
    ASSERT(endpoint == s->first_client + s->client_len); /* all clients of a run are made here */
    s->clients = mem_grow(s->clients, &s->client_cap, s->client_len + 1, sizeof(*s->clients));
    s->clients[s->client_len++] = (struct client){.next_msg_id = 1};
    return endpoint;
}

static struct client *client_at(struct script *s, uint32_t endpoint)
{
    ASSERT(endpoint >= s->first_client && endpoint - s->first_client < s->client_len);
    return &s->clients[endpoint - s->first_client];
}

/* Raises a Lua error if the body cannot be written, so it comes before all that cannot be undone.
 */
static void write_body(struct script *s, int index)
{
    buf_reset(&s->scratch);
    value_add_json(s->strands[s->running].co, index, &s->scratch);
}

void client_send(struct script *s, uint32_t client, uint32_t dest, int index)
{
    write_body(s, index);
    world_send(s->world, client, dest, buf_str(&s->scratch));
}

/* The slot of a pending request, or -1. */
static long pending_find(const struct client *c, int64_t msg_id)
{
    size_t i;

    for (i = 0; i < c->pending_len; i++)
        if (c->pending[i].msg_id == msg_id)
            return (long)i;
    return -1;
}

static void pending_remove(struct client *c, size_t i)
{
    c->pending_len--;
    memmove(c->pending + i, c->pending + i + 1, (c->pending_len - i) * sizeof(*c->pending));
}

static void on_timeout(void *owner, uint64_t cookie)
{
    struct script *s = owner;
    struct client *c = client_at(s, (uint32_t)(cookie >> 32));
    long i = pending_find(c, (int64_t)(uint32_t)cookie);
    int32_t strand;

    if (i < 0)
        return;
    strand = c->pending[i].strand;
    pending_remove(c, (size_t)i);
    strand_resume(s, strand, 0);
}

void client_request(struct script *s, uint32_t client, uint32_t dest, int index, int64_t timeout_ns)
{
    struct client *c = client_at(s, client);
    lua_State *lua = s->strands[s->running].co;
    int64_t msg_id = c->next_msg_id++;
    int64_t due_ns = world_now(s->world) + timeout_ns;

    ASSERT(msg_id <= UINT32_MAX);
    index = lua_absindex(lua, index);
    lua_pushinteger(lua, msg_id);
    lua_setfield(lua, index, "msg_id");
    write_body(s, index);
    c->pending = mem_grow(c->pending, &c->pending_cap, c->pending_len + 1, sizeof(*c->pending));
    c->pending[c->pending_len++] = (struct pending){
        .msg_id = msg_id,
        .strand = s->running,
        .timer =
            world_at(s->world, due_ns, on_timeout, s, (uint64_t)client << 32 | (uint32_t)msg_id),
    };
    strand_wait(s, INT64_MAX);
    world_send(s->world, client, dest, buf_str(&s->scratch));
}

/* A late answer is legal (the network may have held it up), but its author may want to know. */
static void note_answer(struct script *s, const struct message *m, int64_t msg_id)
{
    struct str from = world_name(s->world, m->src);
    struct str to = world_name(s->world, m->dest);
    bool sent = msg_id >= 1 && msg_id < client_at(s, m->dest)->next_msg_id;
    char at[DURATION_TEXT_MAX];
    char text[256];

    duration_text(world_now(s->world), at);
    if (sent)
        snprintf(text, sizeof(text),
                 "%.*s answered request %lld of %.*s at %s, when it was no longer waiting; ignored",
                 STR_ARG(from), (long long)msg_id, STR_ARG(to), at);
    else
        snprintf(text, sizeof(text),
                 "%.*s answered request %lld of %.*s, which it never sent, at %s; ignored",
                 STR_ARG(from), (long long)msg_id, STR_ARG(to), at);
    s->host.note(s->host.owner, text);
}

static void note_no_answer(struct script *s, const struct message *m)
{
    struct str from = world_name(s->world, m->src);
    struct str to = world_name(s->world, m->dest);
    char at[DURATION_TEXT_MAX];
    char text[256];

    snprintf(
        text, sizeof(text),
        "%.*s sent %.*s a message without \"in_reply_to\" at %s: it answers no request; ignored",
        STR_ARG(from), STR_ARG(to), duration_text(world_now(s->world), at));
    s->host.note(s->host.owner, text);
}

/* In Lua: a message -> the value of its body. Lua may run out of memory here, so this is called. */
static int read_body(lua_State *lua)
{
    const struct message *m = lua_touserdata(lua, 1);

    return value_push_json(lua, (struct str){m->body, m->body_len}) ? 1 : 0;
}

/* Pushes the body's table; false, and the scenario has failed, if there is no room for it. */
static bool push_body(struct script *s, const struct message *m)
{
    lua_pushcfunction(s->lua, read_body);
    lua_pushlightuserdata(s->lua, (void *)(uintptr_t)m);
    if (lua_pcall(s->lua, 1, 1, 0) != LUA_OK)
        script_fail(s, lua_tostring(s->lua, -1));
    else if (lua_istable(s->lua, -1))
        return true;
    lua_pop(s->lua, 1);
    return false;
}

void client_deliver(struct script *s, const struct message *m)
{
    struct client *c;
    struct pending found;
    lua_State *co;
    int64_t msg_id;
    long i;

    if (m->dest < world_node_count(s->world) || client_at(s, m->dest)->in_task) {
        member_deliver(s, m);
        return;
    }
    c = client_at(s, m->dest);
    if (s->stopped || s->done || !push_body(s, m))
        return;
    if (lua_getfield(s->lua, -1, "in_reply_to") != LUA_TNUMBER || !lua_isinteger(s->lua, -1)) {
        lua_pop(s->lua, 2);
        note_no_answer(s, m);
        return;
    }
    msg_id = lua_tointeger(s->lua, -1);
    lua_pop(s->lua, 1);
    i = pending_find(c, msg_id);
    if (i < 0) {
        lua_pop(s->lua, 1);
        note_answer(s, m, msg_id);
        return;
    }
    found = c->pending[i];
    pending_remove(c, (size_t)i);
    world_cancel(s->world, found.timer);
    co = s->strands[found.strand].co;
    lua_xmove(s->lua, co, 1);
    strand_resume(s, found.strand, 1);
}

void clients_release(struct script *s)
{
    size_t i;

    for (i = 0; i < s->client_len; i++)
        mem_free(s->clients[i].pending);
    mem_free(s->clients);
}
