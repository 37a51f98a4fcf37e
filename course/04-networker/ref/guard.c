/* guard.c - interceptors.
 *
 * The order matters. Who it is must be known before tokens are taken, else strangers could use up
 * those of others; and both come before anything is done. The log is written where calls end, and
 * every call ends there, refused ones too.
 *
 * A bucket holds at most `burst` tokens and gets `rate` of them a second. Nobody fills it: how many
 * there are is computed when somebody asks, from the time that has passed on the monotonic clock.
 */
#include "guard.h"

#include "h2.h"
#include "node.h"

#include <stdlib.h>
#include <string.h>

struct user {
    struct user *next;
    double tokens;
    int64_t filled_ms; /* when there were so many */
    char name[];
};

struct pass {
    struct pass *next;
    struct user *user;
    char token[];
};

struct guard {
    struct pass *passes;
    struct user *users;
    double rate, burst;
};

struct entry {
    struct entry *next;
    const char *user; /* NULL: nobody that we know */
    int status;
    int64_t ms;
    char method[];
};

static struct entry *entries, **entries_end = &entries;

static void *must(void *memory)
{
    if (memory == NULL) {
        node_log("out of memory");
        exit(1);
    }
    return memory;
}

static struct user *user_named(struct guard *g, const char *name)
{
    struct user *u = g->users;

    while (u != NULL && strcmp(u->name, name) != 0)
        u = u->next;
    if (u == NULL) {
        u = must(calloc(1, sizeof(*u) + strlen(name) + 1));
        strcpy(u->name, name);
        u->tokens = g->burst;
        u->filled_ms = node_now_ms();
        u->next = g->users;
        g->users = u;
    }
    return u;
}

struct guard *guard_new(const struct json *listen)
{
    const struct json *tokens = json_get(listen, "tokens");
    struct guard *g;

    if (tokens == NULL || tokens->type != JSON_OBJECT)
        return NULL;
    g = must(calloc(1, sizeof(*g)));
    g->rate = (double)json_int_of(json_get(listen, "rate"), 10);
    g->burst = (double)json_int_of(json_get(listen, "burst"), 20);
    for (uint32_t i = 0; i < tokens->len; i++) {
        const struct json_member *member = &tokens->members[i];
        const char *name = json_text_of(member->value);
        struct pass *p = must(calloc(1, sizeof(*p) + member->key_len + 1));

        memcpy(p->token, member->key, member->key_len);
        p->user = user_named(g, name != NULL ? name : "");
        p->next = g->passes;
        g->passes = p;
    }
    return g;
}

static struct user *authenticate(const struct guard *g, const struct grpc_call *c)
{
    static const char scheme[] = "Bearer ";
    const struct bytes *header = headers_get(&c->stream->request, "authorization");
    size_t len = sizeof(scheme) - 1;

    if (header == NULL || header->len < len || memcmp(header->at, scheme, len) != 0)
        return NULL;
    for (const struct pass *p = g->passes; p != NULL; p = p->next) {
        if (bytes_are((struct bytes){header->at + len, header->len - len}, p->token))
            return p->user;
    }
    return NULL;
}

static bool take_token(const struct guard *g, struct user *u)
{
    int64_t now = node_now_ms();

    u->tokens += g->rate * (double)(now - u->filled_ms) / 1000;
    if (u->tokens > g->burst)
        u->tokens = g->burst;
    u->filled_ms = now;
    if (u->tokens < 1)
        return false;
    u->tokens -= 1;
    return true;
}

enum grpc_status guard_admit(struct guard *g, struct grpc_call *c, const char **ret_why)
{
    struct user *u;

    if (g == NULL)
        return GRPC_OK;
    u = authenticate(g, c);
    if (u == NULL) {
        *ret_why = "a valid token is needed";
        return GRPC_UNAUTHENTICATED;
    }
    c->user = u->name;
    if (take_token(g, u))
        return GRPC_OK;
    *ret_why = "too many calls";
    return GRPC_RESOURCE_EXHAUSTED;
}

void guard_log(const struct grpc_call *c, enum grpc_status status)
{
    const struct bytes *path = headers_get(&c->stream->request, ":path");
    struct entry *e = must(calloc(1, sizeof(*e) + path->len + 1));

    memcpy(e->method, path->at, path->len);
    e->user = c->user;
    e->status = status;
    e->ms = node_now_ms() - c->begun_ms;
    *entries_end = e;
    entries_end = &e->next;
}

void on_log(const struct message *m)
{
    struct json *list = json_array();

    for (const struct entry *e = entries; e != NULL; e = e->next) {
        struct json *o = json_object();

        json_set(o, "user", e->user != NULL ? json_string(e->user) : json_null());
        json_set(o, "method", json_string(e->method));
        json_set(o, "status", json_int(e->status));
        json_set(o, "ms", json_int(e->ms));
        json_push(list, o);
    }
    node_reply(m, "log_ok", "entries", list, NULL);
}
