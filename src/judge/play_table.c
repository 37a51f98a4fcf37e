/* The limits are not for the reader's sake but for the machine's: a run of the largest values still
 * ends within its real time on two processors, or is stopped with a sentence that says so. What
 * changes nothing but the machine's load (--cpus, --clock real, --jobs) or needs its files
 * (--store, --bin) is not here. */
#include "play_table.h"

#include "../base/embedded.h"
#include "../base/err.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBER_LEN_MAX = 12, CHOICES_MAX = 32 };

#define TRANSACTIONS "txn-list-append,txn-rw-register"

const struct play_option play_options[PLAY_OPTION_COUNT] = {
    {"node-count", "Nodes", PLAY_INTEGER, "", "5", 1, 25, "", "",
     "How many copies of your program run, called n0, n1, and so on."},
    {"time-limit", "Time", PLAY_NUMBER, "s", "10", 1, 60, "", "",
     "How long clients work, in virtual time."},
    {"rate", "Rate", PLAY_NUMBER, "a second", "20", 0.1, 1000, "", "",
     "Operations a second, of all clients together."},
    {"concurrency", "Clients", PLAY_CLIENTS, "", "2n", 1, PLAY_CLIENTS_MAX, "", "",
     "How many clients ask at the same time; 2n is two for each node."},
    {"latency", "Latency", PLAY_NUMBER, "ms", "10", 0, 10000, "", "",
     "How long a message takes from node to node, on the mean."},
    {"latency-dist", "Distribution", PLAY_CHOICE, "", "constant", 0, 0,
     "constant,uniform,exponential", "",
     "How latencies spread: all alike, evenly from 0 to twice the mean, or mostly short and now "
     "and then long."},
    {"nemesis", "Faults", PLAY_CHOICES, "", "", 0, 0,
     "partition,partition-one,partition-halves,partition-majority,partition-minority-third,"
     "partition-one-way,partition-bridge,partition-ring,partition-leader,kill,pause,loss,"
     "duplicate,reorder,slow,clock",
     "", "What goes wrong while clients work. Each kind comes and goes by itself."},
    {"nemesis-interval", "Time between faults", PLAY_NUMBER, "s", "3", 0.1, 60, "", "",
     "How long a fault lasts and how long it stays away, on the mean."},
    {"topology", "Topology", PLAY_CHOICE, "", "grid", 0, 0, "line,grid,tree2,tree3,tree4,total",
     "broadcast", "Which neighbours each node is told of; it may talk to others all the same."},
    {"consistency-models", "Consistency", PLAY_CHOICES, "", "strict-serializable", 0, 0,
     "strict-serializable,serializable,snapshot-isolation,repeatable-read,read-committed,"
     "read-uncommitted",
     TRANSACTIONS, "What all transactions together must obey."},
    {"key-count", "Keys", PLAY_INTEGER, "", "", 1, 1000, "", "kafka," TRANSACTIONS,
     "How many keys are in use at a time; empty: as many as the workload likes."},
    {"max-txn-length", "Length of transactions", PLAY_INTEGER, "", "4", 1, 16, "", TRANSACTIONS,
     "The most operations in one transaction."},
    {"max-writes-per-key", "Writes of a key", PLAY_INTEGER, "", "16", 1, 1000, "",
     "kafka," TRANSACTIONS, "How many writes a key gets before a new one takes its place."},
    {"availability", "Availability", PLAY_NUMBER, "", "", 0, 1, "", "",
     "Which part of the operations must succeed, from 0 to 1; empty: nothing is asked."},
    {"schedule", "Order of threads", PLAY_CHOICE, "", "fifo", 0, 0, "fifo,seeded", "",
     "Which thread of a node goes next: the one that has waited longest, or one drawn by the "
     "seed."},
    {"fail-fast", "Stop at the first violation", PLAY_SWITCH, "", "off", 0, 0, "", "",
     "Stop the run once a check can no longer come out valid, and say when that was."},
    {"seed", "Seed", PLAY_INTEGER, "", "", 0, 4294967295.0, "", "",
     "The source of all chance: the same seed gives the same run. Empty: a new one."},
};

const char *play_kind_name(enum play_kind kind)
{
    static const char *const names[] = {"integer", "number",  "clients",
                                        "choice",  "choices", "switch"};

    return names[kind];
}

int play_option_find(struct str name)
{
    int i;

    for (i = 0; i < PLAY_OPTION_COUNT; i++)
        if (str_is(name, play_options[i].name))
            return i;
    return -1;
}

bool play_list_next(const char **at, struct str *ret_word)
{
    if (**at == '\0')
        return false;
    *ret_word = (struct str){*at, strcspn(*at, ",")};
    *at += ret_word->len + ((*at)[ret_word->len] == ',');
    return true;
}

static bool list_has(const char *list, struct str word)
{
    struct str one;

    while (play_list_next(&list, &one))
        if (str_eq(one, word))
            return true;
    return false;
}

bool play_option_is_for(const struct play_option *o, const char *workload)
{
    return o->workloads[0] == '\0' || list_has(o->workloads, str_of(workload));
}

/* ---- values ---- */

/* Digits, and for a fraction a point and digits; nothing that strtod() takes besides. */
static bool number_of(struct str text, bool fraction, double *ret_number)
{
    char copy[NUMBER_LEN_MAX + 1];
    size_t i, points = 0;

    if (text.len == 0 || text.len > NUMBER_LEN_MAX || text.data[0] == '.' ||
        text.data[text.len - 1] == '.')
        return false;
    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '.' && fraction)
            points++;
        else if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        copy[i] = text.data[i];
    }
    copy[i] = '\0';
    *ret_number = strtod(copy, NULL);
    return points <= 1;
}

static int check_number(const struct play_option *o, struct str value, struct err *err)
{
    bool each = o->kind == PLAY_CLIENTS && value.len > 0 && value.data[value.len - 1] == 'n';
    double n = 0;

    value.len -= each;
    if (number_of(value, o->kind == PLAY_NUMBER, &n) && n >= o->smallest && n <= o->largest)
        return 0;
    return err_set(err, ERR_INPUT, "%s (%s) must be a %snumber from %.15g to %.15g%s%s%s", o->label,
                   o->name, o->kind == PLAY_NUMBER ? "" : "whole ", o->smallest, o->largest,
                   o->unit[0] != '\0' ? " " : "", o->unit,
                   o->kind == PLAY_CLIENTS ? ", or with an n behind it, for so many a node" : "");
}

/* Each word is one of the choices, and none stands there twice. */
static bool is_some_of(const struct play_option *o, struct str value)
{
    struct str words[CHOICES_MAX];
    size_t count = 0, i;

    for (;;) {
        const char *comma = memchr(value.data, ',', value.len);
        struct str word = {value.data, comma != NULL ? (size_t)(comma - value.data) : value.len};
        for (i = 0; i < count; i++)
            if (str_eq(words[i], word))
                return false;
        if (count == CHOICES_MAX || !list_has(o->choices, word))
            return false;
        words[count++] = word;
        if (comma == NULL)
            return true;
        value.data = comma + 1;
        value.len -= word.len + 1;
    }
}

static int check_choice(const struct play_option *o, struct str value, struct err *err)
{
    if (o->kind == PLAY_CHOICE ? list_has(o->choices, value) : is_some_of(o, value))
        return 0;
    return err_set(err, ERR_INPUT, "%s (%s) must be %s: %s", o->label, o->name,
                   o->kind == PLAY_CHOICE ? "one of these"
                                          : "some of these, each once, with commas between them",
                   o->choices);
}

int play_option_check(const struct play_option *o, struct str value, struct err *err)
{
    if (value.len == 0)
        return 0;
    if (value.len > PLAY_VALUE_MAX)
        return err_set(err, ERR_INPUT, "%s (%s) has more than %d bytes", o->label, o->name,
                       PLAY_VALUE_MAX);
    switch (o->kind) {
    case PLAY_INTEGER:
    case PLAY_NUMBER:
    case PLAY_CLIENTS:
        return check_number(o, value, err);
    case PLAY_CHOICE:
    case PLAY_CHOICES:
        return check_choice(o, value, err);
    case PLAY_SWITCH:
        break;
    }
    if (str_is(value, "on") || str_is(value, "off"))
        return 0;
    return err_set(err, ERR_INPUT, "%s (%s) must be on or off", o->label, o->name);
}

/* ---- workloads ---- */

/* What stands in quotes behind "KEY = " in the text's own words about itself. */
static struct str said(struct str text, const char *key)
{
    const char *at = memmem(text.data, text.len, key, strlen(key));
    const char *end;

    if (at == NULL)
        return STR_LIT("");
    at += strlen(key);
    end = memchr(at, '"', text.len - (size_t)(at - text.data));
    return (struct str){at, end != NULL ? (size_t)(end - at) : 0};
}

bool play_workload_at(uint32_t index, struct play_workload *ret_workload)
{
    const struct embedded *e;

    for (e = embedded_texts; e->path != NULL; e++)
        if (strncmp(e->path, "workloads/", 10) == 0 && index-- == 0) {
            struct str text = {e->text, e->len};
            *ret_workload = (struct play_workload){
                .path = e->path,
                .name = {e->path + 10, strlen(e->path) - 14},
                .summary = said(text, "\n    summary = \""),
                .text = text,
            };
            return true;
        }
    return false;
}

const char *play_workload_program(const char *workload)
{
    static const char *const as[][2] = {{"pn-counter", "g-counter"},
                                        {"txn-rw-register", "txn-list-append"}};
    size_t i;

    for (i = 0; i < sizeof(as) / sizeof(as[0]); i++)
        if (strcmp(workload, as[i][0]) == 0)
            return as[i][1];
    return workload;
}

bool play_workload_find(struct str name, struct play_workload *ret_workload)
{
    struct play_workload w;
    uint32_t i;

    for (i = 0; play_workload_at(i, &w); i++)
        if (str_eq(w.name, name)) {
            *ret_workload = w;
            return true;
        }
    return false;
}
