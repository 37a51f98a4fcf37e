/* raft.c - lin-kv by Raft (Ongaro and Ousterhout, "In Search of an Understandable Consensus
 * Algorithm", extended version; the sections are cited where the code obeys them).
 *
 * Every request, reads included, becomes an entry of the log and is answered when it is applied, so
 * no lease and no clock is trusted. A node that is not the leader passes requests on to the leader
 * it knows. Each request carries a number given by the node that took it from the client; a number
 * is applied once only (section 8), so copies made by the network do no harm.
 *
 *     start            election_begin            role_lead (a majority of votes)
 *       |   +-----+ no word for election_ms +-----------+                +--------+
 *       +-->|FOLLO|------------------------>| CANDIDATE |--------------->| LEADER |
 *           | WER |<------------------------|           |                |        |
 *           +-----+  term_seen (newer term, +-----------+                +--------+
 *              ^     or a leader of this one)                                 |
 *              +---------------------- term_seen (newer term) ----------------+
 *
 * On disk, oldest first: {"term":T,"vote":V} and {"index":I,"term":T,"command":C}; an entry cuts
 * the log at its index. The kit writes them before any message of the same round leaves, which is
 * what "before responding to RPCs" (figure 2) asks for. The log is never compacted: runs are short.
 */
#include "disk.h"
#include "mode.h"
#include "node.h"
#include "table.h"

enum {
    NODES_MAX = 64,
    HEARTBEAT_MS = 100,
    RESEND_MS = 300,  /* an append without an answer for so long is sent again */
    FORWARD_MS = 400, /* likewise a request that was passed on */
    FORWARDS_MAX = 3, /* in all: more than clients wait for */
    BATCH_MAX = 500,  /* entries in one append */
    NOBODY = -1,
};

static enum {
    RIGHT,
    STALE_READ,
    MINORITY,
    EARLY_ACK,
    FORGETS,
    VOTES_TWICE,
    FORGETS_VOTE,
    FORGETS_TERM,
    ANY_LOG,
    COMMITS_OLD_TERM,
    LEADER_READS,
    KEEPS_CONFLICT,
    MATCH_AHEAD,
    APPLIES_TWICE,
} mode;
static const char *const modes[] = {
    "right",        "stale-read",     "minority",     "early-ack",     "forgets",
    "votes-twice",  "forgets-vote",   "forgets-term", "any-log",       "commits-old-term",
    "leader-reads", "keeps-conflict", "match-ahead",  "applies-twice", NULL,
};

struct entry {
    int64_t term;
    struct json *command;    /* kept: {"number","type","key","value","from","to"} */
    struct message *request; /* who waits here for the outcome, or NULL */
};

struct peer {
    int64_t next, match; /* as in figure 2 */
    int64_t sent_ms;     /* of the last append */
    int64_t heard_ms;    /* of the last answer */
    bool in_flight;      /* it, or our request for a vote, has not been answered */
    bool voted;          /* for us, in this term */
};

static enum { FOLLOWER, CANDIDATE, LEADER } role;
static int64_t term;
static int vote = NOBODY;
static int leader = NOBODY;
static struct entry *entries; /* entries[i] has index i; the first stands at 1 (figure 2) */
static int64_t last_index, entry_cap;
static int64_t commit_index, applied_index;
static struct peer peers[NODES_MAX];
static int64_t election_ms = 200; /* to twice that, drawn anew each time (section 5.2) */
static int64_t election_due_ms;
static uint64_t wake_id; /* of the timer; 0: none */
static int64_t wake_due_ms;
static int64_t leader_heard_ms; /* when the leader last spoke to us */

static struct table values;  /* key to kept value */
static struct table results; /* number of a request to its kept result */
static struct table taken;   /* numbers of all requests that were ever in our log */
static uint64_t number_base, number_count;

/* What is on disk */

static void entry_put(int64_t index, int64_t entry_term, const struct json *command)
{
    if (index >= entry_cap) {
        entry_cap = 2 * index + 64;
        entries = realloc(entries, (size_t)entry_cap * sizeof(*entries));
        if (entries == NULL)
            abort();
    }
    entries[index] = (struct entry){.term = entry_term, .command = json_keep(command)};
    last_index = index;
    if (json_get(command, "number") != NULL)
        *table_at(&taken, json_text_of(json_get(command, "number"))) = &taken; /* any but NULL */
}

static int64_t term_at(int64_t index)
{
    return index < 1 || index > last_index ? 0 : entries[index].term;
}

/* Takes away all entries from index on. Whoever waits for one learns that its fate is open. */
static void log_cut(int64_t index)
{
    for (; last_index >= index; last_index--) {
        struct entry *e = &entries[last_index];

        if (e->request != NULL)
            node_error(e->request, NODE_TIMEOUT, "another leader took over");
        node_free(e->request);
        json_free(e->command);
    }
    if (applied_index > last_index) /* never in a right Raft: what is applied stays */
        applied_index = last_index;
    if (commit_index > last_index)
        commit_index = last_index;
}

static void replay(const struct json *record)
{
    struct json *index = json_get(record, "index");

    if (index == NULL) {
        if (mode == FORGETS_TERM)
            return;
        term = json_int_of(json_get(record, "term"), 0);
        vote = (int)json_int_of(json_get(record, "vote"), NOBODY);
        return;
    }
    log_cut(json_int_of(index, 0));
    entry_put(json_int_of(index, 0), json_int_of(json_get(record, "term"), 0),
              json_get(record, "command"));
}

static void term_save(int64_t new_term, int new_vote)
{
    struct json *record = json_object();

    term = new_term;
    vote = new_vote;
    json_set(record, "term", json_int(term));
    json_set(record, "vote", json_int(mode == FORGETS_VOTE ? NOBODY : vote));
    disk_append(record);
}

static void entry_append(int64_t index, int64_t entry_term, struct json *command)
{
    struct json *record = json_object();

    entry_put(index, entry_term, command);
    json_set(record, "index", json_int(index));
    json_set(record, "term", json_int(entry_term));
    json_set(record, "command", command);
    disk_append(record);
}

/* The state machine: keys and values */

static struct json *result_new(const char *type, enum node_code code, struct json *value)
{
    struct json *result = json_object();

    json_set(result, "type", json_string(type));
    json_set(result, code == NODE_OK ? "value" : "code", code == NODE_OK ? value : json_int(code));
    return json_keep(result);
}

static void value_set(const char *key, const struct json *value)
{
    void **place = table_at(&values, key);
    struct json *old = *place;

    *place = json_keep(value);
    json_free(old);
}

static struct json *command_run(const struct json *command)
{
    const char *type = json_text_of(json_get(command, "type"));
    const char *key = json_show(json_get(command, "key"));
    struct json *value = table_get(&values, key);

    if (strcmp(type, "write") == 0) {
        value_set(key, json_get(command, "value"));
        return result_new("write_ok", NODE_OK, NULL);
    }
    if (value == NULL)
        return result_new("error", NODE_NO_KEY, NULL);
    if (strcmp(type, "read") == 0)
        return result_new("read_ok", NODE_OK, value);
    if (!json_equal(value, json_get(command, "from")))
        return result_new("error", NODE_PRECONDITION, NULL);
    value_set(key, json_get(command, "to"));
    return result_new("cas_ok", NODE_OK, NULL);
}

static void request_answer(const struct message *m, const struct json *result)
{
    const char *type = json_text_of(json_get(result, "type"));

    if (strcmp(type, "error") == 0)
        node_error(m, (enum node_code)json_int_of(json_get(result, "code"), NODE_CRASH),
                   "the key does not exist or has another value");
    else if (strcmp(type, "read_ok") == 0)
        node_reply(m, type, "value", json_get(result, "value"), NULL);
    else
        node_reply(m, type, NULL);
}

static void apply_committed(void)
{
    while (applied_index < commit_index) {
        struct entry *e = &entries[++applied_index];
        const char *number = json_text_of(json_get(e->command, "number"));
        void **result;

        if (number == NULL)
            continue; /* the empty entry of a new leader */
        result = table_at(&results, number);
        if (*result == NULL || mode == APPLIES_TWICE)
            *result = command_run(e->command);
        if (e->request != NULL)
            request_answer(e->request, *result);
        node_free(e->request);
        e->request = NULL;
    }
}

/* Replication, sections 5.3 and 5.4 */

static int majority(void)
{
    return mode == MINORITY ? 1 : node_count() / 2 + 1;
}

/* A leader commits an entry of its own term that a majority has, and all before it (5.4.2). */
static void commit_advance(void)
{
    for (int64_t n = last_index; n > commit_index; n--) {
        int count = 1;

        if (entries[n].term != term && mode != COMMITS_OLD_TERM)
            break;
        for (int i = 0; i < node_count(); i++)
            count += i != node_self() && peers[i].match >= n;
        if (count >= majority()) {
            commit_index = n;
            break;
        }
    }
    apply_committed();
}

static void append_send(int i)
{
    struct peer *p = &peers[i];
    struct json *list = json_array();

    for (int64_t n = p->next; n <= last_index && n < p->next + BATCH_MAX; n++) {
        struct json *pair = json_array();

        json_push(pair, json_int(entries[n].term));
        json_push(pair, entries[n].command);
        json_push(list, pair);
    }
    p->sent_ms = node_now_ms();
    p->in_flight = true;
    node_send(node_name(i), "append", "term", json_int(term), "previous", json_int(p->next - 1),
              "previous_term", json_int(term_at(p->next - 1)), "entries", list, "commit",
              json_int(commit_index), NULL);
}

/* New entries go at once to every peer that is not busy with older ones: under load the answers
 * set the pace, and batches form by themselves. */
static void replicate(void)
{
    for (int i = 0; i < node_count(); i++) {
        if (i != node_self() && !peers[i].in_flight && peers[i].next <= last_index)
            append_send(i);
    }
    commit_advance();
}

/* A leader that hears no majority lets others try: where messages are lost in one direction only,
 * its heartbeats would keep the rest quiet for ever (Ongaro's thesis, 6.2). */
static bool majority_heard(void)
{
    int count = 1;

    for (int i = 0; i < node_count(); i++)
        count += i != node_self() && node_now_ms() - peers[i].heard_ms < 2 * election_ms;
    return count >= majority();
}

/* To whoever has heard nothing for a while; gives the moment at which to look again. */
static int64_t heartbeat(void)
{
    int64_t next_ms = node_now_ms() + HEARTBEAT_MS;

    for (int i = 0; i < node_count(); i++) {
        int64_t due_ms = peers[i].sent_ms + (peers[i].in_flight ? RESEND_MS : HEARTBEAT_MS);
        if (i == node_self())
            continue;
        if (due_ms <= node_now_ms())
            append_send(i);
        else if (due_ms < next_ms)
            next_ms = due_ms;
    }
    return next_ms;
}

/* Roles and terms, sections 5.1 and 5.2 */

static void wake(void *owner);

/* One timer, at the first moment at which something may be due: most come to nothing, since the
 * leader speaks before, and a node that looks many times a second keeps the machine busy. */
static void wake_by(int64_t due_ms)
{
    int64_t now_ms = node_now_ms();

    if (wake_id != 0 && wake_due_ms <= due_ms)
        return;
    node_cancel(wake_id);
    wake_due_ms = due_ms;
    wake_id = node_after(due_ms > now_ms ? (int)(due_ms - now_ms) : 0, wake, NULL);
}

static void election_reset(void)
{
    election_due_ms =
        node_now_ms() + election_ms + (int64_t)(node_random() % (uint64_t)election_ms);
    wake_by(election_due_ms);
}

/* "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to
 * follower" (figure 2). */
static void term_seen(int64_t seen)
{
    if (seen <= term)
        return;
    term_save(seen, NOBODY);
    role = FOLLOWER;
    leader = NOBODY;
}

static void role_lead(void)
{
    node_log("leader of term %lld", (long long)term);
    role = LEADER;
    leader = node_self();
    for (int i = 0; i < node_count(); i++) {
        peers[i].next = last_index + 1;
        peers[i].match = 0;
        peers[i].in_flight = false;
        peers[i].heard_ms = node_now_ms();
        peers[i].sent_ms = node_now_ms() - HEARTBEAT_MS;
    }
    if (mode != COMMITS_OLD_TERM)
        entry_append(last_index + 1, term, json_object()); /* commits what older terms left (8) */
    replicate();
    wake_by(node_now_ms());
}

static void votes_count(void)
{
    int count = 1;

    for (int i = 0; i < node_count(); i++)
        count += i != node_self() && peers[i].voted;
    if (role == CANDIDATE && count >= node_count() / 2 + 1)
        role_lead();
}

/* To all who have not answered: requests are sent again until they are (5.1). */
static void votes_ask(void)
{
    for (int i = 0; i < node_count(); i++) {
        if (i != node_self() && peers[i].in_flight)
            node_send(node_name(i), "vote", "term", json_int(term), "last", json_int(last_index),
                      "last_term", json_int(term_at(last_index)), NULL);
    }
}

static void election_begin(void)
{
    term_save(term + 1, node_self());
    role = CANDIDATE;
    leader = NOBODY;
    election_reset();
    for (int i = 0; i < node_count(); i++) {
        peers[i].voted = false;
        peers[i].in_flight = true;
    }
    votes_ask();
    votes_count();
}

static void wake(void *owner)
{
    (void)owner;
    wake_id = 0;
    if (role == LEADER && !majority_heard()) {
        role = FOLLOWER;
        leader = NOBODY;
        election_reset();
    }
    if (role != LEADER && node_now_ms() >= election_due_ms)
        election_begin();
    else if (role == CANDIDATE)
        votes_ask();
    wake_by(role == LEADER ? heartbeat() : election_due_ms);
    if (role == CANDIDATE)
        wake_by(node_now_ms() + HEARTBEAT_MS);
}

/* Messages between nodes */

static int64_t number_in(const struct message *m, const char *name)
{
    return json_int_of(json_get(m->body, name), 0);
}

/* RequestVote: once a term, and only for a log at least as good as ours (5.4.1). Who hears a leader
 * ignores it, so that a node that is cut off cannot disturb the others (end of section 6). */
static void on_vote(const struct message *m)
{
    int64_t their_last = number_in(m, "last"), their_term = number_in(m, "last_term");
    int64_t our_term = term_at(last_index);
    int candidate = node_find(m->src);
    bool fresh, granted;

    if (role == LEADER || (leader != NOBODY && node_now_ms() - leader_heard_ms < election_ms))
        return;
    term_seen(number_in(m, "term"));
    fresh = their_term > our_term || (their_term == our_term && their_last >= last_index);
    granted = number_in(m, "term") == term && (fresh || mode == ANY_LOG) &&
              (vote == NOBODY || vote == candidate || mode == VOTES_TWICE);
    if (granted) {
        if (vote != candidate)
            term_save(term, candidate);
        election_reset();
    }
    node_send(m->src, "vote_ok", "term", json_int(term), "granted", json_bool(granted), NULL);
}

static void on_vote_ok(const struct message *m)
{
    struct json *granted = json_get(m->body, "granted");

    term_seen(number_in(m, "term"));
    if (role != CANDIDATE || number_in(m, "term") != term || granted == NULL)
        return;
    peers[node_find(m->src)].in_flight = false;
    if (!granted->boolean)
        return;
    peers[node_find(m->src)].voted = true;
    votes_count();
}

/* The receiver's part of AppendEntries, steps 3 to 5 of figure 2. Gives the last index at which
 * our log is now known to equal the leader's. */
static int64_t entries_take(const struct message *m)
{
    struct json *list = json_get(m->body, "entries");
    int64_t index = number_in(m, "previous");

    for (size_t i = 0; i < json_len(list); i++) {
        struct json *pair = json_at(list, i);
        int64_t entry_term = json_int_of(json_at(pair, 0), 0);

        index++;
        if (index <= last_index && (term_at(index) == entry_term || mode == KEEPS_CONFLICT))
            continue;
        log_cut(index);
        entry_append(index, entry_term, json_at(pair, 1));
    }
    if (number_in(m, "commit") > commit_index)
        commit_index = number_in(m, "commit") < index ? number_in(m, "commit") : index;
    return index;
}

static void on_append(const struct message *m)
{
    int64_t previous = number_in(m, "previous");
    bool fits;
    int64_t match = 0;

    term_seen(number_in(m, "term"));
    if (number_in(m, "term") == term) {
        role = FOLLOWER; /* a candidate that hears the leader of its term gives up (5.2) */
        leader = node_find(m->src);
        leader_heard_ms = node_now_ms();
        election_reset();
    }
    fits = number_in(m, "term") == term && previous <= last_index &&
           (term_at(previous) == number_in(m, "previous_term") || mode == KEEPS_CONFLICT);
    if (fits) {
        match = entries_take(m);
        apply_committed();
    }
    node_send(m->src, "append_ok", "term", json_int(term), "fits", json_bool(fits), "match",
              json_int(match), "last", json_int(last_index), "previous", json_int(previous), NULL);
}

/* Answers may come late, twice or in any order: match only grows, next never falls to match. */
static void on_append_ok(const struct message *m)
{
    struct peer *p = &peers[node_find(m->src)];
    struct json *fits = json_get(m->body, "fits");

    term_seen(number_in(m, "term"));
    if (role != LEADER || number_in(m, "term") != term || fits == NULL)
        return;
    p->in_flight = false;
    p->heard_ms = node_now_ms();
    if (fits->boolean) {
        int64_t match = mode == MATCH_AHEAD ? last_index : number_in(m, "match");

        if (match > p->match)
            p->match = match;
        if (p->next <= p->match)
            p->next = p->match + 1;
    } else {
        int64_t back = number_in(m, "previous"), last = number_in(m, "last"), old_next = p->next;

        p->next = back < last + 1 ? back : last + 1; /* skips what the follower lacks (5.3) */
        if (p->next <= p->match)
            p->next = p->match + 1;
        p->in_flight = p->next >= old_next; /* an answer from before: the same again is no use */
    }
    replicate();
}

/* Requests of clients */

static void command_take(const struct message *m, struct json *command)
{
    const char *number = json_text_of(json_get(command, "number"));
    struct json *result = mode == APPLIES_TWICE ? NULL : table_get(&results, number);

    if (result != NULL) {
        request_answer(m, result);
        return;
    }
    entry_append(last_index + 1, term, command);
    if (mode == EARLY_ACK && strcmp(json_text_of(json_get(command, "type")), "write") == 0)
        node_reply(m, "write_ok", NULL);
    else
        entries[last_index].request = node_keep(m);
    replicate();
}

/* A leader that reads its own state can be one of the past. */
static bool read_at_once(const struct message *m, const struct json *command)
{
    struct json *value = table_get(&values, json_show(json_get(command, "key")));

    if ((mode != STALE_READ && (mode != LEADER_READS || role != LEADER)) ||
        strcmp(json_text_of(json_get(command, "type")), "read") != 0)
        return false;
    if (value != NULL)
        node_reply(m, "read_ok", "value", value, NULL);
    else
        node_error(m, NODE_NO_KEY, "key does not exist");
    return true;
}

/* To refuse is to say that it will not happen; a copy of the message may have come before. */
static void on_forward(const struct message *m)
{
    struct json *command = json_get(m->body, "command");

    if (read_at_once(m, command))
        return;
    if (role == LEADER)
        command_take(m, command);
    else if (table_get(&taken, json_text_of(json_get(command, "number"))) != NULL)
        node_error(m, NODE_TIMEOUT, "no longer the leader");
    else
        node_error(m, NODE_UNAVAILABLE, "not the leader");
}

/* A request on its way to the leader. */
struct forward {
    struct message *request;
    struct json *command; /* kept */
    int count;            /* times that it was sent */
};

static void forwarded(void *owner, const struct message *m);

static void forward_end(struct forward *f)
{
    node_free(f->request);
    json_free(f->command);
    free(f);
}

static void forward_send(struct forward *f)
{
    f->count++;
    node_call(node_name(leader), FORWARD_MS, forwarded, f, "forward", "command", f->command, NULL);
}

/* Without an answer it is sent again, under its number, to whoever leads by now. Only the first
 * leader's refusal is one: later ones know nothing of the earlier. */
static void forwarded(void *owner, const struct message *m)
{
    struct forward *f = owner;

    if (m == NULL && f->count < FORWARDS_MAX && leader != NOBODY && role != LEADER) {
        forward_send(f);
        return;
    }
    if (m == NULL && role == LEADER)
        command_take(f->request, f->command);
    else if (m == NULL)
        node_error(f->request, NODE_TIMEOUT, "the leader did not answer in time");
    else if (node_code_of(m) == NODE_OK)
        request_answer(f->request, m->body);
    else if (node_code_of(m) == NODE_UNAVAILABLE && f->count > 1)
        node_error(f->request, NODE_TIMEOUT, "the leader changed");
    else
        node_error(f->request, node_code_of(m), "the leader refused");
    forward_end(f);
}

static void forward_begin(const struct message *m, const struct json *command)
{
    struct forward *f = calloc(1, sizeof(*f));

    if (f == NULL)
        abort();
    f->request = node_keep(m);
    f->command = json_keep(command);
    forward_send(f);
}

static void on_request(const struct message *m)
{
    static const char *const fields[] = {"type", "key", "value", "from", "to"};
    struct json *command = json_object();
    char number[128];

    if (read_at_once(m, m->body))
        return;
    snprintf(number, sizeof(number), "%s-%llx-%llu", node_id(), (unsigned long long)number_base,
             (unsigned long long)++number_count);
    json_set(command, "number", json_string(number));
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (json_get(m->body, fields[i]) != NULL)
            json_set(command, fields[i], json_get(m->body, fields[i]));
    }
    if (role == LEADER)
        command_take(m, command);
    else if (leader != NOBODY)
        forward_begin(m, command);
    else
        node_error(m, NODE_UNAVAILABLE, "no leader is known");
}

static void on_start(void)
{
    if (node_count() > NODES_MAX) {
        node_log("this node knows at most %d nodes", NODES_MAX);
        exit(1);
    }
    number_base = node_random();
    if (mode != FORGETS)
        disk_open(replay);
    election_reset();
    if (node_count() == 1)
        election_begin();
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    node_on_start(on_start);
    node_on("read", on_request);
    node_on("write", on_request);
    node_on("cas", on_request);
    node_on("forward", on_forward);
    node_on("vote", on_vote);
    node_on("vote_ok", on_vote_ok);
    node_on("append", on_append);
    node_on("append_ok", on_append_ok);
    return node_run();
}
