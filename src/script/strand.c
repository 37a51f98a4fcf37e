/* A strand waits for exactly one thing at a time: a timer of the world, a reply (client.c) or a
 * wake() from another strand; one that is parked may have a timer besides. Whatever comes first
 * calls strand_resume(), which runs the coroutine up to its next wait.
 *
 *    spawn -> [ready] --resume--> [running] --sleep, rpc, park--> [waiting] --resume--> [running]
 *                                      |
 *                                      +--returns or fails--> [free]
 *
 * A new strand starts through a timer that is due at once, not inside spawn: so strands start in
 * the order of their spawning and never nest. */
#include "script_parts.h"

#include "../base/assert.h"
#include "../base/mem.h"
#include "../sim/world.h"

#include <lauxlib.h>

uint64_t strand_cookie(const struct script *s, int32_t strand)
{
    return (uint64_t)s->strands[strand].generation << 32 | (uint32_t)strand;
}

int32_t strand_from_cookie(const struct script *s, uint64_t cookie)
{
    uint32_t slot = (uint32_t)cookie;

    if (slot >= s->strand_len || s->strands[slot].co == NULL ||
        s->strands[slot].generation != cookie >> 32)
        return STRAND_NONE;
    return (int32_t)slot;
}

static void on_timer(void *owner, uint64_t cookie)
{
    struct script *s = owner;
    int32_t strand = strand_from_cookie(s, cookie);

    if (strand == STRAND_NONE)
        return;
    s->strands[strand].timer = 0;
    strand_resume(
        s, strand,
        lua_status(s->strands[strand].co) == LUA_YIELD ? 0 : lua_gettop(s->strands[strand].co) - 1);
}

static int32_t free_slot(struct script *s)
{
    int32_t slot = s->free_strand;

    if (slot != STRAND_NONE) {
        s->free_strand = s->strands[slot].next_free;
        return slot;
    }
    s->strands = mem_grow(s->strands, &s->strand_cap, s->strand_len + 1, sizeof(*s->strands));
    s->strands[s->strand_len] = (struct strand){0};
    return (int32_t)s->strand_len++;
}

int32_t strand_spawn(struct script *s, lua_State *from, int nargs)
{
    int32_t slot;
    struct strand *t;

    if (s->strand_alive >= SCRIPT_STRANDS_MAX)
        luaL_error(from, "more than %d strands at once", SCRIPT_STRANDS_MAX);
    slot = free_slot(s);
    t = &s->strands[slot];
    t->co = lua_newthread(from);
    t->ref = luaL_ref(from, LUA_REGISTRYINDEX);
    t->generation++;
    t->waiting = true;
    s->strand_alive++;
    lua_xmove(from, t->co, nargs + 1);
    t->timer = world_at(s->world, world_now(s->world), on_timer, s, strand_cookie(s, slot));
    return slot;
}

static void strand_end(struct script *s, int32_t slot)
{
    struct strand *t = &s->strands[slot];

    luaL_unref(s->lua, LUA_REGISTRYINDEX, t->ref);
    t->co = NULL;
    t->listed = false;
    t->next_free = s->free_strand;
    s->free_strand = slot;
    s->strand_alive--;
}

void strand_resume(struct script *s, int32_t slot, int nargs)
{
    lua_State *co = s->strands[slot].co;
    int32_t outer = s->running;
    int results;
    int status;

    if (s->stopped || s->done)
        return;
    ASSERT(s->strands[slot].waiting);
    s->strands[slot].waiting = s->strands[slot].parked = s->strands[slot].awaiting = false;
    s->running = slot;
    s->steps = 0;
    status = lua_resume(co, NULL, nargs, &results);
    s->running = outer;
    if (status == LUA_YIELD) {
        ASSERT(s->strands[slot].waiting);
        lua_pop(co, results);
        return;
    }
    if (status != LUA_OK) {
        script_fail_at(s, co);
    }
    strand_end(s, slot);
}

void strand_wait(struct script *s, int64_t due_ns)
{
    struct strand *t;

    ASSERT(s->running != STRAND_NONE);
    t = &s->strands[s->running];
    t->waiting = true;
    t->timer = due_ns == INT64_MAX
                   ? 0
                   : world_at(s->world, due_ns, on_timer, s, strand_cookie(s, s->running));
}

void strand_park(struct script *s, int64_t due_ns)
{
    strand_wait(s, due_ns);
    s->strands[s->running].parked = true;
}

void strand_unpark(struct script *s, int32_t slot)
{
    struct strand *t = &s->strands[slot];

    ASSERT(t->waiting && t->parked);
    if (t->timer != 0)
        world_cancel(s->world, t->timer);
    t->timer = 0;
}

void strand_wake_now(struct script *s, int32_t slot)
{
    struct strand *t = &s->strands[slot];

    ASSERT(t->waiting && t->timer != 0);
    world_cancel(s->world, t->timer);
    t->timer = world_at(s->world, world_now(s->world), on_timer, s, strand_cookie(s, slot));
}

void strands_release(struct script *s)
{
    mem_free(s->strands); /* the coroutines go with the Lua state */
}
