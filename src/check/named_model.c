/* The table of models, and the guess. A guess goes by the names of the functions that clients
 * invoked, and looks at values only where names leave two models: lists or numbers read after
 * adds, appends or writes in transactions, tokens of locks. It never tries a checker out: what a
 * history is judged as must not depend on whether it would pass. */
#include "named_model.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/mem.h"
#include "checker.h"
#include "history.h"

#include <string.h>

static const struct named_model models[] = {
    {"register", "linearizable", "register", NULL, NULL, "read, write v, cas [from to]"},
    {"cas-register", "linearizable", "cas-register", NULL, NULL,
     "the same; Maelstrom's lin-kv is one for each key"},
    {"kv", "linearizable", "kv", NULL, NULL, "get k, put [k v], cas [k [from to]], delete k"},
    {"append-kv", "linearizable", "append-kv", NULL, NULL,
     "get k, put [k text], append [k text]; also called append-string"},
    {"mutex", "linearizable", "mutex", NULL, NULL, "acquire, release"},
    {"fenced-lock", "linearizable", "fenced-lock", NULL, NULL, "acquire -> token, release token"},
    {"queue", "linearizable", "queue", NULL, NULL, "enqueue v, dequeue -> v"},
    {"total-queue", "total-queue", NULL, NULL, "enqueue",
     "enqueue v, dequeue -> v, drain -> list; in any order"},
    {"set", "linearizable", "set", NULL, NULL, "add v, remove v, contains v, read -> list"},
    {"list", "linearizable", "list", NULL, NULL, "append v, read -> list"},
    {"linearizable-counter", "linearizable", "counter", NULL, NULL, "add n, read -> n"},
    {"counter", "counter", NULL, NULL, "add", "the same; adds may take their time to show"},
    {"g-set", "set-full", NULL, NULL, "add",
     "add v, read -> list; adds may take their time to show"},
    {"broadcast", "set-full", NULL, "broadcast", "broadcast",
     "broadcast v, read -> list; likewise"},
    {"unique-ids", "unique-ids", NULL, NULL, "generate", "generate -> id"},
    {"echo", "echo", NULL, NULL, "echo", "echo v -> v"},
    {"kafka", "kafka", NULL, NULL, "send", "send, poll and assign, as in Jepsen's kafka workload"},
    {"list-append", "list-append", NULL, NULL, "txn", "txn [[append k v] [r k list]]"},
    {"rw-register", "rw-register", NULL, NULL, "txn", "txn [[w k v] [r k v]]"},
    {"multi-register", "linearizable", "multi-register", NULL, NULL,
     "txn [[write k v] [read k v]]; values may repeat"},
    {"bank", "bank", NULL, NULL, "read", "transfer, read -> {account balance, ..}"},
    {"long-fork", "long-fork", NULL, NULL, "read", "write [[w k v]], read [[r k v] [r k v]]"},
};

const struct named_model *named_model_at(size_t index)
{
    return index < sizeof(models) / sizeof(models[0]) ? &models[index] : NULL;
}

const struct named_model *named_model_find(const char *name)
{
    const struct named_model *m;
    size_t i;

    if (strcmp(name, "append-string") == 0)
        name = "append-kv";
    if (strcmp(name, "set-full") == 0)
        name = "g-set";
    for (i = 0; (m = named_model_at(i)) != NULL; i++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

/* Functions that a guess knows, one bit each. */
enum {
    F_READ = 1,
    F_WRITE = 1 << 1,
    F_CAS = 1 << 2,
    F_GET = 1 << 3,
    F_PUT = 1 << 4,
    F_DELETE = 1 << 5,
    F_APPEND = 1 << 6,
    F_ACQUIRE = 1 << 7,
    F_RELEASE = 1 << 8,
    F_ENQUEUE = 1 << 9,
    F_DEQUEUE = 1 << 10,
    F_ADD = 1 << 11,
    F_REMOVE = 1 << 12,
    F_CONTAINS = 1 << 13,
    F_BROADCAST = 1 << 14,
    F_GENERATE = 1 << 15,
    F_ECHO = 1 << 16,
    F_TXN = 1 << 17,
    F_SEND = 1 << 18,
    F_POLL = 1 << 19,
    F_KAFKA = 1 << 20,
    F_DRAIN = 1 << 21,
    F_TRANSFER = 1 << 22,
    F_OTHER = 1 << 23,
};

static const struct {
    const char *name;
    unsigned bit;
} functions[] = {
    {"read", F_READ},         {"write", F_WRITE},       {"cas", F_CAS},
    {"get", F_GET},           {"put", F_PUT},           {"delete", F_DELETE},
    {"append", F_APPEND},     {"acquire", F_ACQUIRE},   {"release", F_RELEASE},
    {"enqueue", F_ENQUEUE},   {"dequeue", F_DEQUEUE},   {"add", F_ADD},
    {"remove", F_REMOVE},     {"contains", F_CONTAINS}, {"broadcast", F_BROADCAST},
    {"generate", F_GENERATE}, {"echo", F_ECHO},         {"txn", F_TXN},
    {"send", F_SEND},         {"poll", F_POLL},         {"assign", F_KAFKA},
    {"crash", F_KAFKA},       {"subscribe", F_KAFKA},   {"debug-topic-partitions", F_KAFKA},
    {"drain", F_DRAIN},       {"transfer", F_TRANSFER},
};

static unsigned function_bit(struct str name)
{
    size_t i;

    for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (str_is(name, functions[i].name))
            return functions[i].bit;
    return F_OTHER;
}

/* What a look at values tells. */
struct look {
    unsigned used;                   /* the functions of clients */
    bool reads_lists, reads_numbers; /* ok reads */
    bool pair_lists, pair_numbers;   /* x of ok reads that are [k, x] */
    bool has_tokens;                 /* integers released */
    bool appends, writes;            /* inside transactions: append, and w */
    bool long_names;                 /* inside transactions: write or read */
    bool reads_maps;                 /* ok reads */
    bool reads_mops;                 /* reads were asked for with [[r k null] ..] */
    bool has_mops;                   /* some invocation's value is [[name ..] ..] */
    bool has_final;
    uint32_t pair_count, other_count; /* values of invocations that are [k, x], and others */
};

/* The first character of x in a canonical [k, x]; 0 if value is no such pair. */
static char first_of_second(struct str value)
{
    struct json_reader r;
    struct str k;
    struct str x;

    json_reader_init(&r, value);
    if (json_next(&r) != JSON_AT_ARRAY || json_next(&r) == JSON_AT_ARRAY_END ||
        !json_skip(&r, &k) || json_next(&r) == JSON_AT_ARRAY_END || !json_skip(&r, &x))
        return '\0';
    return json_next(&r) == JSON_AT_ARRAY_END ? x.data[0] : '\0';
}

static bool begins_number(char first)
{
    return first == '-' || (first >= '0' && first <= '9');
}

/* Micro-operations begin with their name: [["append",1,2],["r",3,null]]. */
static void look_at_txn(struct look *l, struct str value)
{
    struct json_reader r;
    struct str element;

    json_reader_init(&r, value);
    if (json_next(&r) != JSON_AT_ARRAY)
        return;
    while (json_next(&r) == JSON_AT_ARRAY) {
        if (json_next(&r) == JSON_AT_STRING) {
            l->appends = l->appends || str_is(r.text, "append");
            l->writes = l->writes || str_is(r.text, "w");
            l->long_names = l->long_names || str_is(r.text, "write") || str_is(r.text, "read");
        }
        while (r.kind != JSON_AT_ARRAY_END && r.kind != JSON_AT_ERROR) {
            json_skip(&r, &element);
            json_next(&r);
        }
    }
}

static bool begins_with(struct str value, struct str beginning)
{
    return value.len >= beginning.len && memcmp(value.data, beginning.data, beginning.len) == 0;
}

static void look_at_value(struct look *l, const struct op *op, unsigned bit)
{
    char first = op->value.len > 0 ? op->value.data[0] : 'n';

    if (op->type == OP_OK && bit == F_READ) {
        char second = first_of_second(op->value);
        l->reads_lists = l->reads_lists || first == '[';
        l->reads_maps = l->reads_maps || first == '{';
        l->reads_numbers = l->reads_numbers || begins_number(first);
        l->pair_lists = l->pair_lists || second == '[';
        l->pair_numbers = l->pair_numbers || begins_number(second);
    }
    if (op->type != OP_INVOKE)
        return;
    if (begins_with(op->value, STR_LIT("[[\"")) && !(l->appends && l->writes))
        look_at_txn(l, op->value);
    l->has_mops = l->has_mops || begins_with(op->value, STR_LIT("[[\""));
    if (bit == F_READ)
        l->reads_mops = l->reads_mops || begins_with(op->value, STR_LIT("[[\"r\","));
    if (bit == F_RELEASE)
        l->has_tokens = l->has_tokens || begins_number(first);
    /* A cas without a key is a pair too, so only others tell. */
    if (bit != F_CAS && first_of_second(op->value) != '\0')
        l->pair_count++;
    else if (bit != F_CAS)
        l->other_count++;
}

static struct look look_at(const struct history *h)
{
    struct look l = {0};
    uint32_t i;

    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        unsigned bit = function_bit(history_f_name(h, op->f));
        if (op->process < 0)
            continue;
        l.used |= bit;
        l.has_final = l.has_final || op->final;
        look_at_value(&l, op, bit);
    }
    return l;
}

/* Only functions of all were used, and at least one of some. */
static bool uses(const struct look *l, unsigned all, unsigned some)
{
    return (l->used & ~all) == 0 && (l->used & some) != 0;
}

/* All invocations that could are [k, x]. */
static bool is_keyed(const struct look *l)
{
    return l->pair_count > 0 && l->other_count == 0;
}

/* Adds and reads: of a set or of a counter, told by what was read. */
static const char *guess_sum(const struct look *l)
{
    bool pairs = is_keyed(l) && (l->pair_lists || l->pair_numbers); /* some answers have no key */
    bool lists = pairs ? l->pair_lists : l->reads_lists;
    bool numbers = pairs ? l->pair_numbers : l->reads_numbers;

    return lists == numbers ? NULL : lists ? "g-set" : "counter";
}

static const char *guess_name(const struct look *l)
{
    if (l->used == F_TXN && l->long_names && !l->appends && !l->writes)
        return "multi-register";
    if (uses(l, F_TXN | (l->has_mops ? F_READ | F_WRITE : 0), F_TXN))
        return l->appends == l->writes ? NULL : l->appends ? "list-append" : "rw-register";
    if (uses(l, F_READ | F_WRITE, F_READ) && l->reads_mops)
        return "long-fork";
    if (uses(l, F_READ | F_TRANSFER, F_READ) && l->reads_maps)
        return "bank";
    if (uses(l, F_READ | F_WRITE | F_CAS, F_WRITE | F_CAS))
        return "cas-register";
    if (uses(l, F_GET | F_PUT | F_APPEND, F_APPEND))
        return "append-kv";
    if (uses(l, F_GET | F_PUT | F_CAS | F_DELETE, F_PUT))
        return "kv";
    if (uses(l, F_ACQUIRE | F_RELEASE, F_ACQUIRE))
        return l->has_tokens ? "fenced-lock" : "mutex";
    if (uses(l, F_ENQUEUE | F_DEQUEUE, F_ENQUEUE))
        return "queue";
    if (uses(l, F_ENQUEUE | F_DEQUEUE | F_DRAIN, F_DRAIN))
        return "total-queue";
    if (uses(l, F_BROADCAST | F_READ, F_BROADCAST))
        return "broadcast";
    if (uses(l, F_APPEND | F_READ, F_APPEND))
        return "list";
    if (uses(l, F_ADD | F_REMOVE | F_CONTAINS | F_READ, F_REMOVE | F_CONTAINS))
        return "set";
    if (uses(l, F_ADD | F_READ, F_ADD))
        return guess_sum(l);
    if (l->used == F_GENERATE)
        return "unique-ids";
    if (l->used == F_ECHO)
        return "echo";
    if (uses(l, F_SEND | F_POLL | F_KAFKA, F_SEND | F_POLL))
        return "kafka";
    return NULL;
}

/* The functions that clients invoked, in order of their first event. */
static void list_functions(const struct history *h, struct buf *out)
{
    enum { SHOWN_MAX = 12, NAME_MAX = 40 };
    bool *seen = mem_zalloc(history_f_count(h) * sizeof(*seen));
    uint32_t shown = 0;
    uint32_t i;

    for (i = 0; i < history_len(h) && shown <= SHOWN_MAX; i++) {
        const struct op *op = history_at(h, i);
        struct str name = history_f_name(h, op->f);
        if (op->process < 0 || seen[op->f])
            continue;
        seen[op->f] = true;
        buf_add_text(out, shown++ > 0 ? ", " : "");
        name.len = name.len > NAME_MAX ? NAME_MAX : name.len;
        buf_add_str(out, shown <= SHOWN_MAX ? name : STR_LIT("..."));
    }
    mem_free(seen);
}

static int no_guess(const struct history *h, struct err *err)
{
    struct buf names = {0};
    int status;

    list_functions(h, &names);
    if (names.len == 0)
        status = err_set(err, ERR_INPUT, "the history has no operation of a client, only faults");
    else
        status = err_set(err, ERR_INPUT,
                         "the operations (%s) do not tell what to judge this history as; say it "
                         "with --model, and --model list shows what there is",
                         names.data);
    buf_release(&names);
    return status;
}

int named_model_guess(const struct history *h, const struct named_model **ret_model,
                      struct err *err)
{
    struct look l = look_at(h);
    const char *name = guess_name(&l);

    if (name == NULL)
        return no_guess(h, err);
    *ret_model = named_model_find(name);
    return 0;
}

int named_model_suits(const struct named_model *m, const struct history *h, struct err *err)
{
    struct look l = look_at(h);
    struct buf names = {0};
    int status = 0;

    if (m->needs != NULL && (l.used & function_bit(str_of(m->needs))) == 0 &&
        !(function_bit(str_of(m->needs)) == F_TXN && l.has_mops)) {
        list_functions(h, &names);
        status =
            err_set(err, ERR_INPUT, "%s judges operations \"%s\", but the history has none (%s)",
                    m->name, m->needs, names.len > 0 ? names.data : "only faults");
    }
    buf_release(&names);
    return status;
}

json_t *named_model_options(const struct named_model *m, const struct history *h, bool *ret_keyed)
{
    struct look l = look_at(h);
    json_t *options = json_object();

    *ret_keyed = is_keyed(&l) && (m->object != NULL || strcmp(m->checker, "set-full") == 0 ||
                                  strcmp(m->checker, "counter") == 0);
    if (m->object != NULL) {
        json_object_set_new(options, "model", json_string(m->object));
        json_object_set_new(options, "keyed", json_boolean(*ret_keyed));
    }
    if (m->add != NULL)
        json_object_set_new(options, "add", json_string(m->add));
    if (strcmp(m->checker, "counter") == 0 && !l.has_final)
        json_object_set_new(options, "strict", json_true());
    return options;
}
