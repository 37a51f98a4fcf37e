/* The closed state. Lua's own libraries offer several holes through which the machine shows: files
 * and processes (io, os, require, load*), chance (math.random), addresses (tostring of a table,
 * %p), hash order (next, pairs), the garbage collector's moments (collectgarbage, __gc). They are
 * either not opened here or replaced in prelude.lua. What is left depends on the world alone.
 *
 * Memory is capped in the allocator; instructions are counted by a hook and start from 0 at every
 * resume. */
#include "script.h"

#include "../base/assert.h"
#include "../base/embedded.h"
#include "../base/mem.h"
#include "../sim/streams.h"
#include "../sim/world.h"
#include "observe.h"
#include "rule.h"
#include "script_parts.h"
#include "value.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOOK_EVERY = 100000 };

struct script *script_of(lua_State *lua)
{
    return *(struct script **)lua_getextraspace(lua);
}

static void *allocate(void *owner, void *old, size_t old_size, size_t new_size)
{
    struct script *s = owner;
    size_t had = old != NULL ? old_size : 0;
    void *p;

    if (new_size == 0) {
        free(old);
        s->memory_used -= had;
        return NULL;
    }
    if (new_size > had && s->memory_used + (new_size - had) > SCRIPT_MEMORY_MAX)
        return NULL; /* Lua raises "not enough memory" */
    p = realloc(old, new_size);
    if (p != NULL)
        s->memory_used += new_size - had;
    return p;
}

static void on_hook(lua_State *lua, lua_Debug *where __attribute__((unused)))
{
    struct script *s = script_of(lua);

    s->steps += HOOK_EVERY;
    if (s->steps > SCRIPT_STEPS_MAX)
        luaL_error(lua, "the scenario computed for %d million instructions without waiting",
                   SCRIPT_STEPS_MAX / 1000000);
}

void script_fail(struct script *s, const char *sentence)
{
    if (s->task != NULL && s->task->failure != NULL)
        return; /* the story was over: what strands meet on their way out is no news */
    if (s->status == 0)
        s->status = err_set(&s->err, ERR_INPUT, "the scenario is broken: %s", sentence);
    s->done = true;
}

static bool is_authors(const char *source)
{
    return source[0] == '@' && strncmp(source, "@src/script/", 12) != 0;
}

const char *script_place(lua_State *lua, char into[SCRIPT_PLACE_MAX])
{
    lua_Debug where;
    int level;

    into[0] = '\0';
    for (level = 0; lua_getstack(lua, level, &where) != 0; level++) {
        lua_getinfo(lua, "Sl", &where);
        if (!is_authors(where.source) || where.currentline <= 0)
            continue;
        snprintf(into, SCRIPT_PLACE_MAX, "%.200s:%d: ", where.source + 1, where.currentline);
        break;
    }
    return into;
}

/* What is wrong with an argument is found in the prelude, but it is the author's line that is to be
 * changed: that one stands first. */
void script_fail_at(struct script *s, lua_State *co)
{
    const char *text = lua_tostring(co, -1);
    char place[SCRIPT_PLACE_MAX];
    struct buf sentence = {0};
    const char *rest;

    if (text == NULL)
        text = "an error that is no text";
    if (strncmp(text, "src/script/", 11) == 0 && script_place(co, place)[0] != '\0') {
        rest = strstr(text, ": ");
        buf_addf(&sentence, "%s%s", place, rest != NULL ? rest + 2 : text);
        text = sentence.data;
    }
    luaL_traceback(co, co, text, 0);
    script_fail(s, lua_tostring(co, -1));
    buf_release(&sentence);
}

static void open_closed_libraries(lua_State *lua)
{
    static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},
                                         {LUA_TABLIBNAME, luaopen_table},
                                         {LUA_STRLIBNAME, luaopen_string},
                                         {LUA_MATHLIBNAME, luaopen_math},
                                         {LUA_UTF8LIBNAME, luaopen_utf8}};
    static const char *const removed[] = {"dofile",         "loadfile", "load",
                                          "collectgarbage", "print",    "warn"};
    size_t i;

    for (i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
        luaL_requiref(lua, libraries[i].name, libraries[i].func, 1);
        lua_pop(lua, 1);
    }
    for (i = 0; i < sizeof(removed) / sizeof(removed[0]); i++) {
        lua_pushnil(lua);
        lua_setglobal(lua, removed[i]);
    }
}

/* Loads and runs a chunk; leaves its one result on the stack. */
static int run_chunk(struct script *s, const char *path, struct str source, struct err *err)
{
    struct buf name = {0};
    int failed;

    buf_addf(&name, "@%s", path);
    failed = luaL_loadbufferx(s->lua, source.data, source.len, name.data, "t") != LUA_OK ||
             lua_pcall(s->lua, 0, 1, 0) != LUA_OK;
    buf_release(&name);
    if (failed)
        return err_set(err, ERR_INPUT, "the scenario is broken: %s", lua_tostring(s->lua, -1));
    return 0;
}

static char *field_text(lua_State *lua, int index, const char *field)
{
    char *text;

    lua_getfield(lua, index, field);
    text = mem_strdup(lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "");
    lua_pop(lua, 1);
    return text;
}

static void push_tree(struct script *s, const json_t *tree)
{
    char *text = json_dumps(tree, JSON_COMPACT | JSON_ENCODE_ANY);
    bool pushed = text != NULL && value_push_json(s->lua, str_of(text));

    free(text);
    ASSERT(pushed);
}

static char *name_of_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    size_t len = strlen(base);

    return mem_strndup(base, len > 4 && strcmp(base + len - 4, ".lua") == 0 ? len - 4 : len);
}

static void begin_task(struct script *s)
{
    uint32_t nodes = world_node_count(s->world);

    s->task = mem_zalloc(sizeof(*s->task));
    s->task->observe = observe_new(s->world);
    s->task->rules = rules_new();
    s->task->exits = mem_zalloc(nodes * sizeof(*s->task->exits));
    s->task->socks = socks_new();
    socks_listen(s);
    s->task->trapped = mem_zalloc(nodes * sizeof(*s->task->trapped));
    s->task->logs = mem_zalloc(nodes * sizeof(*s->task->logs));
    s->task->node_count = nodes;
    mem_free(s->name);
    s->name = name_of_file(s->path);
}

/* Calls the prelude's prepare(definition, options, decisions, part), which checks them and leaves
 * the function that is the whole story; it is kept in the registry under the script's address. */
static int prepare(struct script *s, const struct script_config *config, struct err *err)
{
    int definition = lua_gettop(s->lua);

    if (!lua_istable(s->lua, definition))
        return err_set(
            err, ERR_INPUT,
            "the scenario %s must end with `return workload {...}` or `return task {...}`",
            s->path);
    s->name = field_text(s->lua, definition, "name");
    s->summary = field_text(s->lua, definition, "summary");
    lua_getfield(s->lua, definition, "is_task");
    if (lua_toboolean(s->lua, -1))
        begin_task(s);
    lua_getglobal(s->lua, "prepare");
    lua_pushvalue(s->lua, definition);
    push_tree(s, config->options);
    if (config->decisions != NULL)
        push_tree(s, config->decisions);
    else
        lua_pushnil(s->lua);
    lua_pushstring(s->lua, config->part);
    if (lua_pcall(s->lua, 4, 1, 0) != LUA_OK)
        return err_set(err, ERR_INPUT, "%s", lua_tostring(s->lua, -1));
    lua_rawsetp(s->lua, LUA_REGISTRYINDEX, s);
    lua_settop(s->lua, 0);
    return 0;
}

static char *beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    struct buf out = {0};

    if (slash != NULL)
        buf_add(&out, path, (size_t)(slash - path) + 1);
    buf_add_text(&out, name);
    return buf_take(&out);
}

int script_load(const struct script_text *text, struct world *world, struct script **ret_script,
                struct err *err)
{
    struct script *s = mem_zalloc(sizeof(*s));
    const struct embedded *prelude = embedded_find("src/script/prelude.lua");
    int status;

    ASSERT(prelude != NULL);
    s->world = world;
    s->streams = world == NULL ? streams_new(text->seed) : NULL;
    s->path = mem_strdup(text->path);
    s->common = text->common;
    s->common_path = beside(text->path, "common.lua");
    s->running = s->free_strand = STRAND_NONE;
    s->lua = lua_newstate(allocate, s);
    ASSERT(s->lua != NULL);
    *(struct script **)lua_getextraspace(s->lua) = s;
    /* Collected when memory has grown fourfold, not doubled: 70,000 calls of a task cost 0.63 s
     * instead of 0.75. The cap holds all the same: what fails to fit is collected first. */
    lua_gc(s->lua, LUA_GCINC, 400, 0, 0);
    lua_sethook(s->lua, on_hook, LUA_MASKCOUNT, HOOK_EVERY);
    open_closed_libraries(s->lua);
    value_open(s->lua);
    sys_open(s);
    *ret_script = s;

    status = run_chunk(s, prelude->path, (struct str){prelude->text, prelude->len}, err);
    return status < 0 ? status : run_chunk(s, text->path, text->source, err);
}

int script_open(const struct script_config *config, struct script **ret_script, struct err *err)
{
    struct script_text text = {config->path, config->source, config->common, 0};
    struct script *s;
    int status = script_load(&text, config->world, &s, err);

    s->history = config->history;
    s->host = config->host;
    s->process_count =
        config->process_count > 0 ? config->process_count : world_node_count(config->world);
    if (status == 0)
        status = prepare(s, config, err);
    s->common = (struct str){NULL, 0};
    if (status < 0) {
        script_close(s);
        return status;
    }
    *ret_script = s;
    return 0;
}

void script_close(struct script *s)
{
    size_t i;

    if (s == NULL)
        return;
    lua_close(s->lua);
    strands_release(s);
    clients_release(s);
    watch_free(s->watch);
    task_free(s->task);
    streams_free(s->streams);
    mem_free(s->common_path);
    for (i = 0; i < s->check_len; i++) {
        mem_free(s->checks[i].name);
        json_decref(s->checks[i].options);
    }
    mem_free(s->checks);
    mem_free(s->path);
    mem_free(s->name);
    mem_free(s->summary);
    buf_release(&s->scratch);
    buf_release(&s->scratch_canonical);
    mem_free(s);
}

void script_start(struct script *s)
{
    lua_rawgetp(s->lua, LUA_REGISTRYINDEX, s);
    strand_spawn(s, s->lua, 0);
}

void script_deliver(struct script *s, const struct message *m)
{
    client_deliver(s, m);
}

void script_stop(struct script *s)
{
    s->stopped = true;
}

bool script_done(const struct script *s)
{
    return s->done;
}

int script_status(const struct script *s, struct err *err)
{
    if (s->status < 0)
        *err = s->err;
    return s->status;
}

const struct script_check *script_checks(const struct script *s, uint32_t *ret_count)
{
    *ret_count = (uint32_t)s->check_len;
    return s->checks;
}

const char *script_name(const struct script *s)
{
    return s->name;
}

const char *script_summary(const struct script *s)
{
    return s->summary;
}
