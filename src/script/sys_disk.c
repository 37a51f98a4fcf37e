/* The disks of nodes, for tasks that follow them (cage/cage_disk.h says what each call means). */
#include "script_parts.h"

#include "../base/mem.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

static const struct script_disks *disks_of(lua_State *lua)
{
    const struct script_disks *disks = script_of(lua)->host.disks;

    if (disks == NULL)
        luaL_error(lua, "the disks of this part are not followed: it needs `disk = true`, and the "
                        "virtual clock");
    return disks;
}

static uint32_t node_arg(lua_State *lua, int arg)
{
    uint32_t node = sys_node_arg(lua, arg);

    luaL_argcheck(lua, node < script_of(lua)->process_count, arg, "a peer has no disk");
    return node;
}

static void *owner_of(lua_State *lua)
{
    return script_of(lua)->host.owner;
}

static enum cage_disk_op op_arg(lua_State *lua, int arg)
{
    static const char *const ops[] = {"read", "write", "sync", "name", NULL};

    return (enum cage_disk_op)luaL_checkoption(lua, arg, NULL, ops);
}

/* A path inside the folder, and no way out of it. */
/* A node may call a file "a..b"; only ".." itself leads out. */
static bool leads_out(const char *path)
{
    const char *at;

    for (at = path; (at = strstr(at, "..")) != NULL; at++)
        if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == 0))
            return true;
    return path[0] == '/' || path[0] == 0;
}

static const char *path_arg(lua_State *lua, int arg)
{
    const char *path = luaL_checkstring(lua, arg);

    luaL_argcheck(lua, !leads_out(path), arg,
                  "a path inside the node's folder, without .., is wanted");
    return path;
}

static int give(lua_State *lua, int status, const struct err *err)
{
    return status < 0 ? luaL_error(lua, "%s", err->text) : 0;
}

static void set_count(lua_State *lua, const char *field, uint64_t count)
{
    lua_pushinteger(lua, (lua_Integer)count);
    lua_setfield(lua, -2, field);
}

/* sys.disk(node) -> counts */
static int sys_disk(lua_State *lua)
{
    struct cage_disk_counts counts;

    disks_of(lua)->counts(owner_of(lua), node_arg(lua, 1), &counts);
    lua_createtable(lua, 0, 9);
    set_count(lua, "reads", counts.calls[CAGE_DISK_READ]);
    set_count(lua, "writes", counts.calls[CAGE_DISK_WRITE]);
    set_count(lua, "syncs", counts.calls[CAGE_DISK_SYNC]);
    set_count(lua, "names", counts.calls[CAGE_DISK_NAME]);
    set_count(lua, "bytes_read", counts.bytes_read);
    set_count(lua, "bytes_written", counts.bytes_written);
    set_count(lua, "changes", counts.changes);
    set_count(lua, "kept_bytes", counts.kept_bytes);
    lua_pushboolean(lua, counts.mapped);
    lua_setfield(lua, -2, "mapped");
    return 1;
}

/* sys.disk_trap(node, nth) */
static int sys_disk_trap(lua_State *lua)
{
    uint32_t node = node_arg(lua, 1);
    lua_Integer nth = luaL_checkinteger(lua, 2);

    luaL_argcheck(lua, nth >= 0, 2, "must not be negative");
    script_of(lua)->task->trapped[node] = false;
    disks_of(lua)->trap(owner_of(lua), node, (uint64_t)nth);
    return 0;
}

/* sys.disk_trapped(node) -> whether it stands before the change that was named */
static int sys_disk_trapped(lua_State *lua)
{
    lua_pushboolean(lua, script_of(lua)->task->trapped[node_arg(lua, 1)]);
    return 1;
}

/* sys.disk_fail(node, op, nth, "EIO" | "ENOSPC" | "short") */
static int sys_disk_fail(lua_State *lua)
{
    static const char *const names[] = {"short", "EIO", "ENOSPC", "EDQUOT", "EROFS", NULL};
    static const int errors[] = {0, EIO, ENOSPC, EDQUOT, EROFS};
    lua_Integer nth = luaL_checkinteger(lua, 3);

    luaL_argcheck(lua, nth >= 0, 3, "must not be negative");
    disks_of(lua)->fail(owner_of(lua), node_arg(lua, 1), op_arg(lua, 2), (uint64_t)nth,
                        errors[luaL_checkoption(lua, 4, "EIO", names)]);
    return 0;
}

/* sys.disk_limit(node, bytes); 0: none */
static int sys_disk_limit(lua_State *lua)
{
    lua_Integer bytes = luaL_checkinteger(lua, 2);

    luaL_argcheck(lua, bytes >= 0, 2, "must not be negative");
    disks_of(lua)->limit(owner_of(lua), node_arg(lua, 1), (uint64_t)bytes);
    return 0;
}

/* sys.disk_cost(node, op, ns) */
static int sys_disk_cost(lua_State *lua)
{
    lua_Integer ns = luaL_checkinteger(lua, 3);

    luaL_argcheck(lua, ns >= 0, 3, "must not be negative");
    disks_of(lua)->cost(owner_of(lua), node_arg(lua, 1), op_arg(lua, 2), ns);
    return 0;
}

/* sys.disk_lose_power(node), which must have been killed */
static int sys_disk_lose_power(lua_State *lua)
{
    struct err err = {.text = ""};
    const struct script_disks *disks = disks_of(lua);
    int status = disks->lose_power(owner_of(lua), node_arg(lua, 1), &err);

    return give(lua, status, &err);
}

/* sys.disk_rot(node, path, offset, len, mask) */
static int sys_disk_rot(lua_State *lua)
{
    struct cage_disk_rot rot = {path_arg(lua, 2), (uint64_t)luaL_checkinteger(lua, 3),
                                (uint64_t)luaL_checkinteger(lua, 4),
                                (uint8_t)luaL_checkinteger(lua, 5)};
    struct err err = {.text = ""};
    int status = disks_of(lua)->rot(owner_of(lua), node_arg(lua, 1), &rot, &err);

    return give(lua, status, &err);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* sys.disk_files(node) -> list of {path =, bytes =}, by path */
static int sys_disk_files(lua_State *lua)
{
    struct script_files files = {0};
    struct err err = {.text = ""};
    int status = disks_of(lua)->list(owner_of(lua), node_arg(lua, 1), &files, &err);
    size_t i;

    lua_createtable(lua, (int)files.len, 0);
    qsort(files.list, files.len, sizeof(*files.list), by_text);
    for (i = 0; i < files.len; i++) {
        lua_createtable(lua, 0, 2);
        lua_pushstring(lua, files.list[i].path);
        lua_setfield(lua, -2, "path");
        set_count(lua, "bytes", files.list[i].bytes);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    script_files_release(&files);
    return status < 0 ? give(lua, status, &err) : 1;
}

/* sys.disk_read(node, path) -> its bytes */
static int sys_disk_read(lua_State *lua)
{
    struct buf content = {0};
    struct err err = {.text = ""};
    int status =
        disks_of(lua)->read(owner_of(lua), node_arg(lua, 1), path_arg(lua, 2), &content, &err);

    if (status == 0)
        lua_pushlstring(lua, content.data != NULL ? content.data : "", content.len);
    buf_release(&content);
    return status < 0 ? give(lua, status, &err) : 1;
}

/* sys.disk_put(node, path, bytes or nil: remove it) */
static int sys_disk_put(lua_State *lua)
{
    struct str content = {NULL, 0};
    struct err err = {.text = ""};
    const char *path = path_arg(lua, 2);

    if (!lua_isnil(lua, 3))
        content.data = luaL_checklstring(lua, 3, &content.len);
    return give(lua, disks_of(lua)->put(owner_of(lua), node_arg(lua, 1), path, content, &err),
                &err);
}

void script_files_release(struct script_files *files)
{
    size_t i;

    for (i = 0; i < files->len; i++)
        mem_free(files->list[i].path);
    mem_free(files->list);
    *files = (struct script_files){0};
}

void script_saw_trap(struct script *s, uint32_t node)
{
    if (s->task == NULL)
        return;
    s->task->trapped[node] = true;
    member_event(s);
}

void sys_disk_open(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"disk", sys_disk},
        {"disk_trap", sys_disk_trap},
        {"disk_trapped", sys_disk_trapped},
        {"disk_fail", sys_disk_fail},
        {"disk_limit", sys_disk_limit},
        {"disk_cost", sys_disk_cost},
        {"disk_lose_power", sys_disk_lose_power},
        {"disk_rot", sys_disk_rot},
        {"disk_files", sys_disk_files},
        {"disk_read", sys_disk_read},
        {"disk_put", sys_disk_put},
        {NULL, NULL},
    };

    luaL_setfuncs(lua, functions, 0);
}
