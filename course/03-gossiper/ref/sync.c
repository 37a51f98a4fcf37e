/* sync.c - anti-entropy by a walk through the tree of hashes (Demers et al. 1987, 1.3; Dynamo 4.7).
 *
 * One type of message, with three lists, each of which may be empty:
 *
 *     compare  [[depth, index, hash], ...]  my hashes of these places
 *     want     [[depth, index], ...]        give me all that you have there; what I have is below
 *     values   [...]                        take these
 *
 * A round begins with the hash of the root. Whoever gets a hash that is not its own goes one level
 * down: it sends the hashes of the 16 children; or, where it has only a few values, these values
 * with the wish to get the others. So the walk goes to and fro between the two, follows every place
 * that differs, and costs in proportion to the difference. Equal sets cost one message, unanswered.
 *
 *     A  compare root  ------->  B   differs
 *     A  <-- compare 16 children  B
 *     A  want [3, 12], values  ->  B   takes them
 *     A  <---------------- values  B
 *
 * No message refers to an earlier one. Each says what its sender holds at that moment, and what is
 * wrong with it is found by the next round: loss, duplicates and values that arrive during a walk
 * need no care. */
#include "sync.h"

#include "links.h"
#include "node.h"
#include "push.h"
#include "set.h"
#include "spread.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROUND_MS = 200,
    SELDOM = 25, /* one round in so many, where rounds are a last resort */
    FAN = 16,
    FEW = 16,             /* with so many values we talk about them and no longer about hashes */
    BATCH_BYTES = 100000, /* values beyond this go out in a message of their own */
};

static enum sync_rounds rounds;
static int round_number;

struct outgoing {
    const char *dest;
    struct json *compare, *want, *values;
    size_t value_bytes;
    const struct json *known; /* values that dest has: they need not be sent */
};

static void begin(struct outgoing *out, const char *dest)
{
    *out = (struct outgoing){
        .dest = dest,
        .compare = json_array(),
        .want = json_array(),
        .values = json_array(),
    };
}

static void finish(struct outgoing *out)
{
    if (json_len(out->compare) + json_len(out->want) + json_len(out->values) == 0)
        return;
    node_send(out->dest, "sync", "compare", out->compare, "want", out->want, "values", out->values,
              NULL);
}

static struct json *place_json(struct place p)
{
    struct json *list = json_array();

    json_push(list, json_int(p.depth));
    json_push(list, json_int(p.index));
    return list;
}

static void add_hash(struct outgoing *out, struct place p)
{
    struct json *entry = place_json(p);

    json_push(entry, json_int(set_hash(p)));
    json_push(out->compare, entry);
}

static void add_value(int number, void *owner)
{
    struct outgoing *out = owner;
    struct json *value = set_value(number);

    if (out->value_bytes > BATCH_BYTES) {
        node_send(out->dest, "sync", "values", out->values, NULL);
        out->values = json_array();
        out->value_bytes = 0;
    }
    json_push(out->values, value);
    out->value_bytes += strlen(json_show(value));
}

static void add_unknown(int number, void *owner)
{
    struct outgoing *out = owner;

    for (size_t i = 0; i < json_len(out->known); i++) {
        if (json_equal(json_at(out->known, i), set_value(number)))
            return;
    }
    add_value(number, out);
}

static bool read_place(const struct json *entry, struct place *ret_place)
{
    int64_t depth = json_int_of(json_at(entry, 0), -1);
    int64_t index = json_int_of(json_at(entry, 1), -1);

    if (depth < 0 || depth > SET_DEPTH || index < 0 || index >= (int64_t)1 << 4 * depth)
        return false;
    *ret_place = (struct place){.depth = (int)depth, .index = (int)index};
    return true;
}

static void compare(struct outgoing *out, const struct json *theirs)
{
    struct place p;

    if (!read_place(theirs, &p) || json_int_of(json_at(theirs, 2), 0) == set_hash(p))
        return;
    if (p.depth == SET_DEPTH || set_count_below(p) <= FEW) {
        json_push(out->want, place_json(p));
        set_walk(p, add_value, out);
        return;
    }
    for (int digit = 0; digit < FAN; digit++)
        add_hash(out, (struct place){p.depth + 1, p.index * FAN + digit});
}

static void on_sync(const struct message *m)
{
    const struct json *theirs = json_get(m->body, "values");
    const struct json *want = json_get(m->body, "want");
    const struct json *hashes = json_get(m->body, "compare");
    struct outgoing out;
    struct place p;

    begin(&out, m->src);
    for (size_t i = 0; i < json_len(theirs); i++)
        spread_found(json_at(theirs, i), m->src);
    out.known = theirs;
    for (size_t i = 0; i < json_len(want); i++) {
        if (read_place(json_at(want, i), &p))
            set_walk(p, add_unknown, &out);
    }
    for (size_t i = 0; i < json_len(hashes); i++)
        compare(&out, json_at(hashes, i));
    finish(&out);
}

void sync_with(int member)
{
    struct outgoing out;

    begin(&out, node_name(member));
    add_hash(&out, (struct place){0, 0});
    finish(&out);
}

static void begin_round(void *owner)
{
    int member;

    (void)owner;
    round_number++;
    if (rounds == SYNC_OFTEN && push_draw(1, &member) > 0)
        sync_with(member);
    if (rounds == SYNC_SELDOM && round_number % SELDOM == 0 &&
        (links_draw(&member) || push_draw(1, &member) > 0))
        sync_with(member);
}

/* All nodes were started in the same instant. The first round of each comes at a time of its own,
 * or all of them would send at once for ever; and never in the instant of init itself, in which a
 * mode may still forbid rounds. */
static void begin_rounds(void *owner)
{
    begin_round(owner);
    node_every(ROUND_MS, begin_round, NULL);
}

void sync_rounds(enum sync_rounds wanted)
{
    rounds = wanted;
}

void sync_start(void)
{
    node_on("sync", on_sync);
    node_after(1 + (int)(node_random() % ROUND_MS), begin_rounds, NULL);
}
