/* lease.c - the leader by a record in a store (Gray and Cheriton 1989; Chubby, Burrows 2006).
 *
 * lin-kv holds {holder, epoch, ttl_ms, beat} under the key `leader`. The holder raises `beat` by
 * cas; the others read it, and take over, by cas and with the next epoch, when it has not changed
 * for a whole ttl.
 *
 *      holder  renew sent ---------- 0.8 ttl, own clock: stops ---|
 *      store        changed
 *      others          seen --------------------- ttl, own clock ------------| cas
 *
 * 1. Nobody compares clocks. Each measures a span with its own monotonic clock, and the fifth in
 * between is for clocks that run differently fast.
 * 2. The holder counts from before the change, the others from after it: whatever a message takes
 *    makes the gap wider.
 * 3. All changes are cas from a record that was seen: of two who take over one succeeds, and a
 * record that the holder has changed meanwhile cannot be taken.
 * 4. A cas without an answer may have happened. The next read tells: only we write our name with
 * this epoch and this beat. */
#include "lease.h"

#include "node.h"

#include <string.h>

enum {
    TTL_MS = 2000,
    STOP_MS = TTL_MS * 8 / 10,
    RENEW_MS = 400, /* after the last renewal was sent */
    POLL_MS = 200,
    ANSWER_MS = 700, /* then we ask anew */
};

static struct json *seen;      /* kept: the record as last read or written; NULL: none yet */
static int64_t seen_ms;        /* when we first saw it so */
static struct json *tried;     /* kept: what our open cas would write */
static int64_t tried_ms;       /* when it was sent */
static int64_t lease_until_ms; /* we lead till then; 0: we do not hold the lease */
static int64_t lease_epoch;
static bool must_read = true; /* what we have seen may be out of date */

static void look(void *owner);

static bool is_holder(const struct json *record)
{
    const char *holder = json_text_of(json_get(record, "holder"));

    return holder != NULL && strcmp(holder, node_id()) == 0;
}

/* What is in the store now. Not seen since the process began: the ttl begins at first sight. */
static void note(const struct json *record)
{
    struct json *old = seen;

    if (seen != NULL && json_equal(seen, record))
        return;
    seen = json_keep(record);
    json_free(old);
    seen_ms = node_now_ms();
    if (!is_holder(record))
        lease_until_ms = 0;
}

/* Our cas has happened: the lease runs from when it was sent. */
static void won(void)
{
    note(tried);
    lease_epoch = json_int_of(json_get(tried, "epoch"), 0);
    lease_until_ms = tried_ms + STOP_MS;
    json_free(tried);
    tried = NULL;
}

/* Our cas was refused: by an earlier one of ours that had no answer, or by another member. */
static void lost(void)
{
    must_read = true;
    json_free(tried);
    tried = NULL;
}

static void on_cas(void *owner, const struct message *m)
{
    (void)owner;
    if (node_code_of(m) == NODE_OK)
        won();
    else if (m != NULL)
        lost();
    node_after(m != NULL && !lease_mine(&(int64_t){0}) ? POLL_MS : 1, look, NULL);
}

static void cas(int64_t epoch, int64_t beat)
{
    struct json *record = json_object();

    json_set(record, "holder", json_string(node_id()));
    json_set(record, "epoch", json_int(epoch));
    json_set(record, "ttl_ms", json_int(TTL_MS));
    json_set(record, "beat", json_int(beat));
    json_free(tried);
    tried = json_keep(record);
    tried_ms = node_now_ms();
    node_call("lin-kv", ANSWER_MS, on_cas, NULL, "cas", "key", json_string("leader"), "from",
              seen == NULL ? json_null() : seen, "to", record, "create_if_not_exists",
              json_bool(seen == NULL), NULL);
}

/* Is it time to write? Otherwise look again later. */
static void decide(void)
{
    int64_t now_ms = node_now_ms(), epoch = json_int_of(json_get(seen, "epoch"), 0);
    int64_t beat = json_int_of(json_get(seen, "beat"), 0);

    if (seen == NULL || now_ms - seen_ms >= TTL_MS)
        cas(epoch + 1, 0);
    else if (lease_until_ms > 0 && epoch == lease_epoch && is_holder(seen))
        cas(epoch, beat + 1);
    else
        node_after(POLL_MS, look, NULL);
}

static void on_read(void *owner, const struct message *m)
{
    (void)owner;
    if (node_code_of(m) == NODE_OK) {
        const struct json *record = json_get(m->body, "value");

        must_read = false;
        if (tried != NULL && json_equal(record, tried))
            won();
        else
            note(record);
    } else if (node_code_of(m) != NODE_NO_KEY) {
        node_after(1, look, NULL);
        return;
    }
    decide();
}

static void look(void *owner)
{
    int64_t wait_ms = tried_ms + RENEW_MS - node_now_ms();

    (void)owner;
    if (!must_read && tried == NULL && lease_mine(&(int64_t){0}) && wait_ms > 0)
        node_after((int)wait_ms, look, NULL);
    else if (!must_read && tried == NULL && lease_until_ms > 0)
        decide();
    else
        node_call("lin-kv", ANSWER_MS, on_read, NULL, "read", "key", json_string("leader"), NULL);
}

void lease_begin(void)
{
    look(NULL);
}

bool lease_mine(int64_t *ret_token)
{
    *ret_token = lease_epoch;
    return lease_until_ms > 0 && node_now_ms() < lease_until_ms;
}

struct office lease_office(void)
{
    int64_t epoch;
    bool mine = lease_mine(&epoch);
    const char *holder = json_text_of(json_get(seen, "holder"));

    if (seen != NULL && !mine && (is_holder(seen) || node_now_ms() - seen_ms >= TTL_MS))
        holder = NULL; /* it was ours and has run out, or theirs has */
    return (struct office){mine ? "leader" : "follower", json_int_of(json_get(seen, "epoch"), 0),
                           holder};
}

void lease_lost(int64_t token)
{
    if (lease_epoch == token)
        lease_until_ms = 0;
}
