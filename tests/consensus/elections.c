/* elections.c - leader election by Raft, sections 5.1 and 5.2 (Ongaro and Ousterhout, extended
 * version), with the node library: one thread, handlers and timers. README.md has the messages.
 *
 * The first argument chooses what is wrong (README.md); without one nothing is. HEARTBEAT_MS in the
 * environment is the time between heartbeats. */
#include "../nodes/mode.h"
#include "disk.h"
#include "node.h"

enum { ELECTION_MS = 150, NODES_MAX = 64, NOBODY = -1 };

static enum { RIGHT, TWO_VOTES, FORGETS, SAME_TIMEOUT, NEVER_YIELDS } mode;
static const char *const modes[] = {
    "right", "two-votes", "forgets", "same-timeout", "never-yields", NULL,
};

static enum { FOLLOWER, CANDIDATE, LEADER } role;
static const char *const role_names[] = {"follower", "candidate", "leader"};
static int64_t term;
static int vote = NOBODY;
static int leader = NOBODY;
static bool has_voted_for_us[NODES_MAX];
static uint64_t timer;
static int heartbeat_ms = 50;

static void election_begin(void *owner);

/* On disk before any message of this round leaves: "before responding to RPCs" (figure 2). */
static void remember(int64_t new_term, int new_vote)
{
    struct json *record = json_object();

    term = new_term;
    vote = new_vote;
    json_set(record, "term", json_int(term));
    json_set(record, "vote", json_int(vote));
    if (mode != FORGETS)
        disk_append(record);
}

static void replay(const struct json *record)
{
    term = json_int_of(json_get(record, "term"), 0);
    vote = (int)json_int_of(json_get(record, "vote"), NOBODY);
}

static void election_timer_start(void)
{
    int extra = mode == SAME_TIMEOUT ? 0 : (int)(node_random() % ELECTION_MS);

    node_cancel(timer);
    timer = node_after(ELECTION_MS + extra, election_begin, NULL);
}

static void follow(int new_leader)
{
    role = FOLLOWER;
    leader = new_leader;
    election_timer_start();
}

/* Every message carries its sender's term; a newer one makes anybody a follower (5.1). */
static int64_t term_of(const struct message *m)
{
    int64_t theirs = json_int_of(json_get(m->body, "term"), 0);

    if (theirs > term && !(mode == NEVER_YIELDS && role == LEADER)) {
        remember(theirs, NOBODY);
        follow(NOBODY);
    }
    return theirs;
}

static void tell_others(const char *type)
{
    for (int i = 0; i < node_count(); i++) {
        if (i != node_self())
            node_send(node_name(i), type, "term", json_int(term), NULL);
    }
}

static void heartbeat(void *owner)
{
    (void)owner;
    tell_others("append");
    timer = node_after(heartbeat_ms, heartbeat, NULL);
}

static void count_votes(void)
{
    int count = 0;

    for (int i = 0; i < node_count(); i++)
        count += has_voted_for_us[i];
    if (count <= node_count() / 2)
        return;
    role = LEADER;
    leader = node_self();
    node_log("leader of term %lld", (long long)term);
    node_cancel(timer);
    heartbeat(NULL);
}

static void election_begin(void *owner)
{
    (void)owner;
    remember(term + 1, node_self());
    role = CANDIDATE;
    leader = NOBODY;
    memset(has_voted_for_us, 0, sizeof(has_voted_for_us));
    has_voted_for_us[node_self()] = true;
    election_timer_start();
    tell_others("request_vote");
    count_votes();
}

static void on_request_vote(const struct message *m)
{
    int64_t theirs = term_of(m);
    int candidate = node_find(m->src);
    bool is_granted = theirs == term && (vote == NOBODY || vote == candidate || mode == TWO_VOTES);

    if (is_granted) {
        if (vote != candidate)
            remember(term, candidate);
        election_timer_start();
    }
    node_send(m->src, "vote", "term", json_int(term), "granted", json_bool(is_granted), NULL);
}

static void on_vote(const struct message *m)
{
    int64_t theirs = term_of(m);
    struct json *granted = json_get(m->body, "granted");

    if (role == CANDIDATE && theirs == term && granted != NULL && granted->boolean) {
        has_voted_for_us[node_find(m->src)] = true;
        count_votes();
    }
}

static void on_append(const struct message *m)
{
    if (term_of(m) == term && role != LEADER)
        follow(node_find(m->src));
    node_send(m->src, "append_ok", "term", json_int(term), NULL);
}

static void on_append_ok(const struct message *m)
{
    term_of(m);
}

static void on_role(const struct message *m)
{
    node_reply(m, "role_ok", "role", json_string(role_names[role]), "term", json_int(term),
               "leader", json_string(leader == NOBODY ? "" : node_name(leader)), NULL);
}

static void on_echo(const struct message *m)
{
    node_reply(m, "echo_ok", "echo", json_get(m->body, "echo"), NULL);
}

static void on_work(const struct message *m)
{
    uint32_t x = 1;

    for (int64_t i = json_int_of(json_get(m->body, "rounds"), 0); i > 0; i--) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    node_reply(m, "work_ok", "value", json_int(x), NULL);
}

static void start(void)
{
    disk_open(replay);
    election_timer_start();
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    if (getenv("HEARTBEAT_MS") != NULL)
        heartbeat_ms = atoi(getenv("HEARTBEAT_MS"));
    node_on_start(start);
    node_on("request_vote", on_request_vote);
    node_on("vote", on_vote);
    node_on("append", on_append);
    node_on("append_ok", on_append_ok);
    node_on("role", on_role);
    node_on("echo", on_echo);
    node_on("work", on_work);
    return node_run();
}
