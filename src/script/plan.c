/* A task says which nodes and peers it wants, and they may be drawn from the seed, so the file must
 * be read before there is a world. Here it is: the same closed state, without one. The prelude's
 * plan() checks the definition, calls what is a function there, and gives plain values. */
#include "script_parts.h"

#include "../base/mem.h"
#include "value.h"

#include <lauxlib.h>
#include <string.h>

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static int64_t number_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void take_part(const json_t *from, struct script_part *part)
{
    const json_t *names = json_object_get(from, "names");
    uint32_t i;

    part->name = mem_strdup(text_at(from, "name"));
    part->name_count = (uint32_t)json_array_size(names);
    part->names = mem_zalloc(part->name_count * sizeof(*part->names));
    for (i = 0; i < part->name_count; i++)
        part->names[i] = mem_strdup(json_string_value(json_array_get(names, i)));
    part->process_count = (uint32_t)number_at(from, "process_count");
    part->latency_ns = number_at(from, "latency_ns");
    part->latency_dist = (int)number_at(from, "latency_dist");
    part->limit_ns = number_at(from, "limit_ns");
    part->network = json_is_true(json_object_get(from, "network"));
    part->disk = json_is_true(json_object_get(from, "disk"));
}

static struct script_plan *take_plan(const json_t *from)
{
    struct script_plan *plan = mem_zalloc(sizeof(*plan));
    const json_t *parts = json_object_get(from, "parts");
    uint32_t i;

    plan->seeds = (uint32_t)number_at(from, "seeds");
    plan->part_count = (uint32_t)json_array_size(parts);
    plan->parts = mem_zalloc(plan->part_count * sizeof(*plan->parts));
    for (i = 0; i < plan->part_count; i++)
        take_part(json_array_get(parts, i), &plan->parts[i]);
    return plan;
}

/* In Lua: what the file returned -> the plan as JSON. */
static int write_plan(lua_State *lua)
{
    struct script *s = script_of(lua);

    if (!lua_istable(lua, 1))
        return luaL_error(lua, "%s must end with `return task {...}`", s->path);
    lua_getglobal(lua, "plan");
    lua_insert(lua, 1);
    lua_call(lua, 1, 1);
    buf_reset(&s->scratch);
    value_add_json(lua, -1, &s->scratch);
    return 0;
}

static int make_plan(struct script *s, struct script_plan **ret_plan, struct err *err)
{
    json_t *root;

    lua_pushcfunction(s->lua, write_plan);
    lua_pushvalue(s->lua, -2);
    if (lua_pcall(s->lua, 1, 0, 0) != LUA_OK)
        return err_set(err, ERR_INPUT, "the scenario is broken: %s", lua_tostring(s->lua, -1));
    root = json_loadb(s->scratch.data, s->scratch.len, 0, NULL);
    *ret_plan = take_plan(root);
    json_decref(root);
    return 0;
}

int script_plan(const struct script_plan_config *config, struct script_plan **ret_plan,
                struct err *err)
{
    struct script_text text = {config->path, config->source, config->common, config->seed};
    struct script *s;
    int status = script_load(&text, NULL, &s, err);

    if (status == 0)
        status = make_plan(s, ret_plan, err);
    script_close(s);
    return status;
}

/* In Lua: what the file returned -> the list of faults that it allows, as JSON, or null. */
static int write_faults(lua_State *lua)
{
    struct script *s = script_of(lua);

    if (!lua_istable(lua, 1))
        return luaL_error(lua, "%s must end with `return workload {...}`", s->path);
    lua_getglobal(lua, "allowed_faults");
    lua_insert(lua, 1);
    lua_call(lua, 1, 1);
    buf_reset(&s->scratch);
    value_add_json(lua, -1, &s->scratch);
    return 0;
}

int script_faults(const char *path, struct str source, json_t **ret_faults, struct err *err)
{
    struct script_text text = {.path = path, .source = source};
    struct script *s;
    int status = script_load(&text, NULL, &s, err);

    if (status == 0) {
        lua_pushcfunction(s->lua, write_faults);
        lua_pushvalue(s->lua, -2);
        if (lua_pcall(s->lua, 1, 0, 0) != LUA_OK)
            status = err_set(err, ERR_INPUT, "%s", lua_tostring(s->lua, -1));
    }
    if (status == 0) {
        json_t *list = json_loadb(s->scratch.data, s->scratch.len, JSON_DECODE_ANY, NULL);
        *ret_faults = json_is_array(list) ? json_incref(list) : NULL;
        json_decref(list);
    }
    script_close(s);
    return status;
}

void script_plan_free(struct script_plan *plan)
{
    uint32_t i;
    uint32_t n;

    if (plan == NULL)
        return;
    for (i = 0; i < plan->part_count; i++) {
        for (n = 0; n < plan->parts[i].name_count; n++)
            mem_free(plan->parts[i].names[n]);
        mem_free(plan->parts[i].names);
        mem_free(plan->parts[i].name);
    }
    mem_free(plan->parts);
    mem_free(plan);
}
