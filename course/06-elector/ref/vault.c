/* vault.c - effects outside of the cluster, fenced (Kleppmann 2016; Burrows 2006, "sequencers").
 *
 * A leader cannot know that it still leads: whatever it checks may be over before its message
 * arrives. So each put bears the token with which the office was won, the vault refuses tokens
 * lower than one it has seen, and whoever is refused does not lead any more. The token is taken
 * once, together with the request, and goes through to the end; a newer one would claim what was
 * not won. */
#include "vault.h"

#include "node.h"
#include "office.h"

#include <stdlib.h>

enum { PUT_MS = 8000, BEAT_MS = 100 };

struct put {
    struct message *request; /* NULL: a beat, nobody waits for it */
    int64_t token;
};

static void on_put(void *owner, const struct message *m)
{
    struct put *p = owner;
    enum node_code code = node_code_of(m);

    if (code == NODE_PRECONDITION)
        office_lost(p->token);
    if (p->request != NULL) {
        if (code == NODE_OK)
            node_reply(p->request, "save_ok", "token", json_int(p->token), NULL);
        else if (code == NODE_PRECONDITION)
            office_refuse(p->request);
        else
            node_error(p->request, NODE_TIMEOUT, "the vault has not answered");
        node_free(p->request);
    }
    free(p);
}

static void put(struct message *request, int64_t token, struct json *key, struct json *value)
{
    struct put *p = malloc(sizeof(*p));

    if (p == NULL)
        exit(1);
    *p = (struct put){request, token};
    node_call("vault", PUT_MS, on_put, p, "put", "key", key, "value", value, "token",
              json_int(token), NULL);
}

static void on_save(const struct message *m)
{
    int64_t token;

    if (office_mine(&token))
        put(node_keep(m), token, json_get(m->body, "key"), json_get(m->body, "value"));
    else
        office_refuse(m);
}

void vault_register(void)
{
    node_on("save", on_save);
}

static void beat(void *owner)
{
    int64_t token;

    (void)owner;
    if (office_mine(&token))
        put(NULL, token, json_string("leader"), json_string(node_id()));
}

void vault_beat(void)
{
    node_every(BEAT_MS, beat, NULL);
}
