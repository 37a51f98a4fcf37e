/* main.c - which engine the folder belongs to, and which handler a request goes to. */
#include "config.h"
#include "engine.h"
#include "file.h"
#include "log.h"
#include "node.h"

#include <string.h>

static const struct engine *const engines[] = {&engine_wal, &engine_kv, &engine_lsm, &engine_btree,
                                               &engine_dlog};
enum { ENGINE_COUNT = sizeof(engines) / sizeof(engines[0]), ROUTES_MAX = 96 };

static const struct engine *current; /* NULL: the folder is new */

static struct route {
    const char *type;
    const struct engine *engine;
    void (*handler)(const struct message *m);
} routes[ROUTES_MAX];
static int route_count;

static void on_request(const struct message *m)
{
    for (int i = 0; i < route_count; i++) {
        if (routes[i].engine == current && strcmp(routes[i].type, m->type) == 0) {
            routes[i].handler(m);
            return;
        }
    }
    node_error(m, NODE_NOT_SUPPORTED, "not a request of this engine");
}

void engine_on(const char *type, const struct engine *engine,
               void (*handler)(const struct message *m))
{
    bool is_new = true;

    for (int i = 0; i < route_count; i++)
        is_new = is_new && strcmp(routes[i].type, type) != 0;
    if (is_new)
        node_on(type, on_request);
    routes[route_count++] = (struct route){.type = type, .engine = engine, .handler = handler};
}

void engine_open_log(uint64_t from)
{
    struct log_config c = {
        .segment_bytes = (uint64_t)config_int("segment_bytes", 1 << 20),
        .index_every = (uint32_t)config_int("index_every", 4096),
        .from = from,
    };

    log_open(&c);
}

static const struct engine *engine_find(const char *name)
{
    for (int i = 0; i < ENGINE_COUNT; i++) {
        if (strcmp(engines[i]->name, name) == 0)
            return engines[i];
    }
    return NULL;
}

static void on_store_config(const struct message *m)
{
    const char *name = json_text_of(json_get(m->body, "engine"));
    const struct engine *engine = name == NULL ? NULL : engine_find(name);
    int status;

    if (current != NULL) {
        node_error(m, NODE_PRECONDITION, "this folder has an engine");
        return;
    }
    if (engine == NULL) {
        node_error(m, NODE_MALFORMED, "no such engine");
        return;
    }
    status = config_store(m->body);
    if (status < 0) {
        node_error(m, NODE_UNAVAILABLE, strerror(-status));
        return;
    }
    current = engine;
    current->open();
    node_reply(m, "store_config_ok", NULL);
}

static void start(void)
{
    folder_open();
    if (!config_load())
        return;
    current = engine_find(config_text("engine", "wal"));
    current->open();
}

int main(void)
{
    node_on("store_config", on_store_config);
    for (int i = 0; i < ENGINE_COUNT; i++)
        engines[i]->routes();
    node_on_start(start);
    return node_run();
}
