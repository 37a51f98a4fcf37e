/* The steps of a task, and why one failed.
 *
 *     [no step] --step_begin--> [open] --step_end--> [passed], next
 *         |                       |
 *         +------ step_fail ------+-----> [failed]: the story is over, s->done
 *
 * Steps do not nest and only the last can be open, so a failure belongs to the open step; where
 * none is open, to one called "the story". The first failure counts: what other strands say
 * afterwards is no news. A failure is texts and ids of messages, ready to be shown; nothing here
 * judges. */
#include "script_parts.h"

#include "../base/assert.h"
#include "../base/mem.h"
#include "../check/checker.h"
#include "../check/history.h"
#include "../check/verdict.h"
#include "../sim/world.h"
#include "observe.h"
#include "rule.h"
#include "value.h"

#include <lauxlib.h>
#include <string.h>

#ifndef PLANT_SCRIPT /* tests/planted/scenario.sh: bugs that the tests must find */
#define PLANT_SCRIPT 0
#endif

enum { FAILURE_TEXT_MAX = 2000, TRAIL_BODY_MAX = 1000 };

static struct script_step *last_step(struct task *t)
{
    return t->step_len > 0 ? &t->steps[t->step_len - 1] : NULL;
}

void step_begin(struct script *s, const char *name)
{
    struct task *t = s->task;

    ASSERT(!t->step_open);
    t->steps = mem_grow(t->steps, &t->step_cap, t->step_len + 1, sizeof(*t->steps));
    t->steps[t->step_len++] = (struct script_step){
        .name = mem_strdup(name), .from_ns = world_now(s->world), .to_ns = world_now(s->world)};
    t->step_open = true;
    s->host.step(s->host.owner, "begin", name);
}

static void step_end(struct script *s, bool passed)
{
    struct task *t = s->task;
    struct script_step *step = last_step(t);

    ASSERT(t->step_open);
    t->step_open = false;
    step->to_ns = world_now(s->world);
    step->passed = passed;
    step->failed = !passed;
    s->host.step(s->host.owner, passed ? "passed" : "failed", step->name);
}

/* Cut between characters. */
static char *bounded(const char *text)
{
    size_t len = strlen(text);
    struct buf out = {0};

    if (len <= FAILURE_TEXT_MAX)
        return mem_strdup(text);
    len = FAILURE_TEXT_MAX - 3;
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    buf_add(&out, text, len);
    buf_add_text(&out, "...");
    return buf_take(&out);
}

void step_fail(struct script *s, const struct step_fault *fault)
{
    struct task *t = s->task;
    struct script_failure *f;

    if (s->done || t->failure != NULL) {
        json_decref(fault->evidence);
        return;
    }
    if (!t->step_open)
        step_begin(s, "the story");
    f = mem_zalloc(sizeof(*f));
    f->step = PLANT_SCRIPT == 5 ? 0 : (uint32_t)t->step_len - 1;
    f->what = bounded(fault->what);
    f->expected = bounded(fault->expected);
    f->seen = bounded(fault->seen);
    f->node = bounded(fault->node != NULL ? fault->node : "");
    f->at_ns = world_now(s->world);
    f->trail_len = fault->trail_len < SCRIPT_TRAIL_MAX ? fault->trail_len : SCRIPT_TRAIL_MAX;
    if (f->trail_len > 0)
        memcpy(f->trail, fault->trail, f->trail_len * sizeof(*f->trail));
    f->evidence = fault->evidence;
    t->failure = f;
    step_end(s, false);
    s->done = true;
}

/* The last messages that the node sent or got. */
static uint32_t last_of_node(struct script *s, uint32_t node, uint64_t trail[SCRIPT_TRAIL_MAX])
{
    struct observe *o = s->task->observe;
    uint64_t id = observe_len(o);
    uint32_t len = 0;
    uint32_t i;

    while (id > 0 && len < SCRIPT_TRAIL_MAX) {
        const struct observed *r = observe_at(o, --id);

        if (r->from == node || (r->to == node && r->received_ns >= 0))
            trail[len++] = id;
    }
    for (i = 0; i < len / 2; i++) {
        uint64_t swap = trail[i];

        trail[i] = trail[len - 1 - i];
        trail[len - 1 - i] = swap;
    }
    return len;
}

void script_blamed(struct script *s, uint32_t node, const char *sentence)
{
    uint64_t trail[SCRIPT_TRAIL_MAX];
    struct buf what = {0};
    struct buf name = {0};

    if (s->task == NULL)
        return;
    buf_add_str(&name, world_name(s->world, node));
    buf_addf(&what, "%s keeps its promises", name.data);
    step_fail(s, &(struct step_fault){
                     .what = what.data,
                     .expected = "the node runs until it is stopped, answers init, and prints "
                                 "messages of the protocol only",
                     .seen = sentence,
                     .node = name.data,
                     .trail = trail,
                     .trail_len = last_of_node(s, node, trail),
                 });
    buf_release(&what);
    buf_release(&name);
}

/* ---- what Lua asks for ---- */

static int sys_step_begin(lua_State *lua)
{
    struct script *s = script_of(lua);
    const char *name = luaL_checkstring(lua, 1);

    if (s->task->step_len >= SCRIPT_STEPS_LISTED_MAX)
        return luaL_error(lua, "more than %d steps", SCRIPT_STEPS_LISTED_MAX);
    step_begin(s, name);
    return 0;
}

static int sys_step_end(lua_State *lua)
{
    struct script *s = script_of(lua);

    if (s->task->step_open && !s->done)
        step_end(s, true);
    return 0;
}

/* The list of ids at arg, as far as there is room. */
static uint32_t trail_arg(lua_State *lua, int arg, uint64_t trail[SCRIPT_TRAIL_MAX])
{
    uint64_t len = observe_len(script_of(lua)->task->observe);
    uint32_t count = 0;
    lua_Integer i;

    luaL_checktype(lua, arg, LUA_TTABLE);
    for (i = 1; count < SCRIPT_TRAIL_MAX && lua_rawgeti(lua, arg, i) != LUA_TNIL; i++) {
        lua_Integer id = lua_tointeger(lua, -1);

        if (id >= 0 && (uint64_t)id < len)
            trail[count++] = (uint64_t)id;
        lua_pop(lua, 1);
    }
    return count;
}

static json_t *json_of(lua_State *lua, int arg)
{
    struct buf text = {0};
    json_t *value;

    if (lua_isnoneornil(lua, arg))
        return NULL;
    lua_getglobal(lua, "json_text"); /* raises before anything is held here */
    lua_pushvalue(lua, arg);
    lua_call(lua, 1, 1);
    buf_add_text(&text, lua_tostring(lua, -1));
    value = json_loadb(text.data, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    buf_release(&text);
    return value;
}

/* sys.fail(what, expected, seen, node or "", list of message ids, evidence or nil) */
static int sys_fail(lua_State *lua)
{
    struct script *s = script_of(lua);
    uint64_t trail[SCRIPT_TRAIL_MAX];
    struct step_fault fault = {
        .what = luaL_checkstring(lua, 1),
        .expected = luaL_checkstring(lua, 2),
        .seen = luaL_checkstring(lua, 3),
        .node = luaL_checkstring(lua, 4),
        .trail = trail,
    };

    fault.trail_len = trail_arg(lua, 5, trail);
    fault.evidence = json_of(lua, 6);
    step_fail(s, &fault);
    return 0;
}

/* sys.last_messages(node) -> ids of the last messages that it sent or got */
static int sys_last_messages(lua_State *lua)
{
    uint64_t trail[SCRIPT_TRAIL_MAX];
    uint32_t len = last_of_node(script_of(lua), sys_node_arg(lua, 1), trail);
    uint32_t i;

    lua_createtable(lua, (int)len, 0);
    for (i = 0; i < len; i++) {
        lua_pushinteger(lua, (lua_Integer)trail[i]);
        lua_rawseti(lua, -2, i + 1);
    }
    return 1;
}

static int sys_tell(lua_State *lua)
{
    struct script *s = script_of(lua);

    s->host.step(s->host.owner, "tell", luaL_checkstring(lua, 1));
    return 0;
}

/* sys.check_now(checker, options) -> true, or false: the step has failed with its evidence */
static int sys_check_now(lua_State *lua)
{
    struct script *s = script_of(lua);
    const struct checker *c = checker_find(luaL_checkstring(lua, 1));
    json_t *options = json_of(lua, 2);
    struct verdict v = {.sentence = NULL};
    struct err err = {.text = ""};
    struct buf what = {0};
    bool valid;
    int status;

    if (c == NULL) {
        json_decref(options);
        return luaL_error(lua, "there is no checker \"%s\"", lua_tostring(lua, 1));
    }
    status = checker_run(c, s->history, options, &v, &err);
    json_decref(options);
    if (status < 0)
        return luaL_error(lua, "%s", err.text);
    valid = v.valid == VALID_TRUE;
    buf_addf(&what, "the history passes %s", c->name);
    if (!valid)
        step_fail(s, &(struct step_fault){
                         .what = what.data,
                         .expected = c->summary,
                         .seen = v.sentence != NULL ? v.sentence : "the checker cannot tell",
                         .evidence = json_incref(v.details),
                     });
    buf_release(&what);
    verdict_release(&v);
    lua_pushboolean(lua, valid);
    return 1;
}

void step_open(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"step_begin", sys_step_begin},
        {"step_end", sys_step_end},
        {"fail", sys_fail},
        {"last_messages", sys_last_messages},
        {"tell", sys_tell},
        {"check_now", sys_check_now},
        {NULL, NULL},
    };

    luaL_setfuncs(lua, functions, 0);
}

/* ---- for the one who runs it ---- */

bool script_is_task(const struct script *s)
{
    return s->task != NULL;
}

const struct script_step *script_steps(const struct script *s, uint32_t *ret_count)
{
    struct script_step *step;

    if (s->task == NULL) {
        *ret_count = 0;
        return NULL;
    }
    step = last_step(s->task);
    if (step != NULL && s->task->step_open)
        step->to_ns = world_now(s->world);
    *ret_count = (uint32_t)s->task->step_len;
    return s->task->steps;
}

const struct script_failure *script_failure(const struct script *s)
{
    return s->task != NULL ? s->task->failure : NULL;
}

/* The body, or its beginning as a string where it is long. */
static json_t *body_json(const struct message *m)
{
    json_t *body = NULL;
    size_t len = m->body_len;

    if (len <= TRAIL_BODY_MAX)
        body = json_loadb(m->body, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (body != NULL)
        return body;
    len = len < TRAIL_BODY_MAX ? len : TRAIL_BODY_MAX;
    while (len > 0 && (body = json_stringn(m->body, len)) == NULL)
        len--;
    return body;
}

static json_t *name_json(const struct script *s, endpoint_t e)
{
    struct str name = world_name(s->world, e);

    return json_stringn(name.data, name.len);
}

void script_trail_json(const struct script *s, json_t *list)
{
    const struct script_failure *f = script_failure(s);
    struct observe *o = s->task->observe;
    uint32_t i;

    for (i = 0; f != NULL && i < f->trail_len; i++) {
        const struct observed *r = observe_at(o, f->trail[i]);
        struct str type = observe_type_text(o, r->type);
        json_t *m = json_pack("{s:I, s:o, s:o, s:s%, s:I}", "id", (json_int_t)f->trail[i], "from",
                              name_json(s, r->from), "to", name_json(s, r->to), "type", type.data,
                              type.len, "sent-ns", (json_int_t)r->sent_ns);

        if (r->received_ns >= 0)
            json_object_set_new(m, "received-ns", json_integer(r->received_ns));
        if (r->dropped != NULL)
            json_object_set_new(m, "dropped", json_string(r->dropped));
        if (r->m != NULL)
            json_object_set_new(m, "body", body_json(r->m));
        json_array_append_new(list, m);
    }
}

void task_free(struct task *t)
{
    size_t i;

    if (t == NULL)
        return;
    for (i = 0; i < t->step_len; i++)
        mem_free(t->steps[i].name);
    if (t->failure != NULL) {
        mem_free(t->failure->what);
        mem_free(t->failure->expected);
        mem_free(t->failure->seen);
        mem_free(t->failure->node);
        json_decref(t->failure->evidence);
        mem_free(t->failure);
    }
    mem_free(t->steps);
    observe_free(t->observe);
    rules_free(t->rules);
    mem_free(t->exits);
    mem_free(t->trapped);
    socks_free(t->socks);
    mem_free(t->awaiting);
    for (i = 0; i < t->node_count; i++)
        buf_release(&t->logs[i]);
    mem_free(t->logs);
    mem_free(t);
}
