/* main.c - the elector: one leader at a time. README.md says which file holds what. */
#include "lease.h"
#include "node.h"
#include "office.h"
#include "vault.h"
#include "votes.h"

#include <string.h>

static bool by_lease;

struct office office_now(void)
{
    return by_lease ? lease_office() : votes_office();
}

bool office_mine(int64_t *ret_token)
{
    return by_lease ? lease_mine(ret_token) : votes_mine(ret_token);
}

void office_lost(int64_t token)
{
    if (by_lease)
        lease_lost(token);
    else
        votes_lost(token);
}

static struct json *leader_json(void)
{
    const char *leader = office_now().leader;

    return leader == NULL ? json_null() : json_string(leader);
}

void office_refuse(const struct message *m)
{
    if (m->msg_id == NODE_NO_ID)
        return;
    node_reply(m, "error", "code", json_int(1001), "text", json_string("not the leader"), "leader",
               leader_json(), NULL);
}

static void on_state(const struct message *m)
{
    struct office now = office_now();

    node_reply(m, "state_ok", "role", json_string(now.role), "term", json_int(now.term), "leader",
               leader_json(), NULL);
}

static void on_mode(const struct message *m)
{
    const char *mode = json_text_of(json_get(m->body, "mode"));

    if (mode == NULL || strcmp(mode, "lease") != 0) {
        node_error(m, NODE_MALFORMED, "the only mode to change to is \"lease\"");
        return;
    }
    if (!by_lease) {
        by_lease = true;
        votes_stop();
        lease_begin();
        vault_beat();
    }
    node_reply(m, "mode_ok", NULL);
}

int main(void)
{
    node_on("state", on_state);
    node_on("mode", on_mode);
    votes_register();
    vault_register();
    node_on_start(votes_on_start);
    return node_run();
}
