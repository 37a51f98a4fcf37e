/* lin_bench: what the order checkers cost. Makes histories by running clients against an object
 * in memory, and prints a table: CPU time of reading the history (texts to numbers) and of the
 * decision, and how much memory both added. One process a row, so that rows do not share memory.
 *
 *   lin_bench            all rows
 *   lin_bench NAME       the rows whose name contains NAME
 *
 * A client invokes, at some later turn its operation happens, at some later turn it returns: so
 * about as many operations are open as there are clients. An invalid history has some answers
 * changed at nine tenths of its length. */
#include "base/err.h"
#include "base/mem.h"
#include "base/prng.h"
#include "base/str.h"
#include "check/history.h"
#include "check/lin_decide.h"
#include "check/lin_input.h"
#include "check/lin_model.h"
#include "check/lin_space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum mix { MIX_CAS, MIX_DISTINCT, MIX_QUEUE, MIX_TEXT, MIX_LIST, MIX_SET, MIX_MUTEX, MIX_COUNTER };

struct row {
    const char *name;
    const char *model;
    enum mix mix;
    uint32_t clients;
    uint32_t operations;
    uint32_t lost; /* operations that stay indeterminate, spread evenly */
    bool broken;
    uint32_t keys; /* 1 for models without */
};

enum {
    BROKEN = 40
}; /* answers changed: one in a busy register often goes unnoticed, and 40 lost
    writes of five values excuse all of them, so no row asks for that */

static const struct row rows[] = {
    {"cas mix", "register", MIX_CAS, 10, 1000, 0, false, 1},
    {"cas mix", "register", MIX_CAS, 10, 10000, 0, false, 1},
    {"cas mix", "register", MIX_CAS, 10, 10000, 0, true, 1},
    {"cas mix", "register", MIX_CAS, 10, 100000, 0, false, 1},
    {"cas mix", "register", MIX_CAS, 10, 1000000, 0, false, 1},
    {"cas mix", "register", MIX_CAS, 20, 10000, 0, false, 1},
    {"cas mix", "register", MIX_CAS, 20, 100000, 0, false, 1},
    {"cas mix", "register", MIX_CAS, 20, 100000, 0, true, 1},
    {"cas mix, lost", "register", MIX_CAS, 10, 1000, 12, false, 1},
    {"cas mix, lost", "register", MIX_CAS, 10, 1000, 12, true, 1},
    {"cas mix, lost", "register", MIX_CAS, 10, 1000, 40, false, 1},
    {"cas mix, lost", "register", MIX_CAS, 10, 10000, 400, false, 1},
    {"distinct", "register", MIX_DISTINCT, 10, 1000, 0, false, 1},
    {"distinct", "register", MIX_DISTINCT, 10, 10000, 0, false, 1},
    {"distinct", "register", MIX_DISTINCT, 10, 100000, 0, false, 1},
    {"distinct", "register", MIX_DISTINCT, 10, 100000, 0, true, 1},
    {"distinct", "register", MIX_DISTINCT, 10, 100000, 5000, false, 1},
    {"distinct", "register", MIX_DISTINCT, 10, 1000000, 0, false, 1},
    {"lin-kv", "cas-register", MIX_CAS, 10, 100000, 500, false, 100},
    {"kv text", "append-kv", MIX_TEXT, 50, 3000, 0, false, 10},
    {"kv text", "append-kv", MIX_TEXT, 50, 3000, 0, true, 10},
    {"queue", "queue", MIX_QUEUE, 10, 10000, 0, false, 1},
    {"queue", "queue", MIX_QUEUE, 10, 100000, 0, false, 1},
    {"queue", "queue", MIX_QUEUE, 10, 1000000, 0, false, 1},
    {"queue", "queue", MIX_QUEUE, 10, 1000000, 0, true, 1},
    {"queue", "queue", MIX_QUEUE, 10, 100000, 1000, false, 1},
    {"list", "list", MIX_LIST, 10, 3000, 30, false, 1},
    {"list", "list", MIX_LIST, 10, 3000, 30, true, 1},
    {"set", "set", MIX_SET, 10, 100000, 1000, false, 1},
    {"set", "set", MIX_SET, 10, 100000, 0, true, 1},
    {"mutex", "mutex", MIX_MUTEX, 10, 100000, 100, false, 1},
    {"counter", "counter", MIX_COUNTER, 10, 1000, 0, false, 1},
    {"counter", "counter", MIX_COUNTER, 10, 10000, 0, false, 1},
};

/* ---- clients ---- */

struct object {
    int64_t value;     /* MIX_CAS, MIX_DISTINCT, MIX_MUTEX, MIX_COUNTER */
    int64_t head, len; /* MIX_QUEUE: the values are those enqueued, numbered in order */
    struct buf text;   /* MIX_TEXT, MIX_LIST */
    bool members[64];  /* MIX_SET */
};

enum stage { IDLE, ASKED, HAPPENED };

struct client {
    enum stage stage;
    int32_t process;
    const char *f;
    uint32_t key;
    int64_t x, y;
    bool failed;
    struct buf answer;
};

struct world {
    const struct row *row;
    struct prng prng;
    struct history *history;
    struct object *objects;
    struct client *clients;
    int64_t *queued; /* by order of enqueueing: the value */
    int64_t fresh;
    int32_t next_process;
    uint32_t broken; /* answers so far */
};

static void say(struct world *w, const struct client *c, enum op_type type, const char *argument,
                struct str answer)
{
    struct buf value = {0};
    struct err err = {.text = ""};
    struct op op = {.time_ns = history_len(w->history) * 1000,
                    .process = c->process,
                    .node = HISTORY_NO_NODE,
                    .type = type,
                    .f = history_f(w->history, c->f)};

    if (w->row->keys > 1)
        buf_addf(&value, "[%u,", c->key);
    if (answer.data != NULL)
        buf_add_str(&value, answer);
    else
        buf_add_text(&value, argument);
    if (w->row->keys > 1)
        buf_add_char(&value, ']');
    op.value = buf_str(&value);
    if (history_add(w->history, &op, &err) < 0) {
        fprintf(stderr, "lin_bench: %s\n", err.text);
        exit(3);
    }
    buf_release(&value);
}

static void argument_of(const struct world *w, const struct client *c, char into[64])
{
    if (strcmp(c->f, "cas") == 0)
        snprintf(into, 64, "[%lld,%lld]", (long long)c->x, (long long)c->y);
    else if (w->row->mix == MIX_TEXT && strcmp(c->f, "get") != 0)
        snprintf(into, 64, "\"x %d %lld y\"", (int)c->process, (long long)c->x);
    else if (c->x < 0)
        snprintf(into, 64, "null");
    else
        snprintf(into, 64, "%lld", (long long)c->x);
}

static void choose(struct world *w, struct client *c)
{
    uint64_t dice = prng_below(&w->prng, 10);

    c->key = (uint32_t)prng_below(&w->prng, w->row->keys);
    c->failed = false;
    c->x = -1;
    switch (w->row->mix) {
    case MIX_CAS:
        c->f = dice < 4 ? "read" : dice < 7 ? "write" : "cas";
        if (dice >= 4)
            c->x = (int64_t)prng_below(&w->prng, 5);
        c->y = (int64_t)prng_below(&w->prng, 5);
        break;
    case MIX_DISTINCT:
        c->f = dice < 5 ? "read" : "write";
        if (dice >= 5)
            c->x = w->fresh++;
        break;
    case MIX_QUEUE:
        c->f = dice < 5 ? "enqueue" : "dequeue";
        if (dice < 5)
            c->x = w->fresh++;
        break;
    case MIX_TEXT:
        c->f = dice < 3 ? "get" : dice < 9 ? "append" : "put";
        if (dice >= 3)
            c->x = w->fresh++;
        break;
    case MIX_LIST:
        c->f = dice < 5 ? "read" : "append";
        if (dice >= 5)
            c->x = w->fresh++;
        break;
    case MIX_SET:
        c->f = dice < 4 ? "contains" : dice < 7 ? "add" : "remove";
        c->x = (int64_t)prng_below(&w->prng, 64);
        break;
    case MIX_MUTEX:
        c->f = w->objects[0].value == c->process + 1 ? "release" : "acquire";
        break;
    case MIX_COUNTER:
        c->f = dice < 3 ? "read" : "add";
        if (dice >= 3)
            c->x = (int64_t)prng_below(&w->prng, 100);
        break;
    }
}

static void answer_number(struct client *c, int64_t value)
{
    if (value < 0)
        buf_add_text(&c->answer, "null");
    else
        buf_addf(&c->answer, "%lld", (long long)value);
}

static void happen_value(struct client *c, struct object *o)
{
    if (strcmp(c->f, "read") == 0) {
        answer_number(c, o->value);
    } else if (strcmp(c->f, "write") == 0) {
        o->value = c->x;
    } else if (strcmp(c->f, "add") == 0) {
        o->value += c->x;
    } else if (strcmp(c->f, "acquire") == 0) {
        c->failed = o->value != 0;
        if (!c->failed)
            o->value = c->process + 1;
    } else if (strcmp(c->f, "release") == 0) {
        o->value = 0;
    } else {
        c->failed = o->value != c->x;
        if (!c->failed)
            o->value = c->y;
    }
}

static void happen(struct world *w, struct client *c)
{
    struct object *o = &w->objects[c->key];
    char text[64];

    buf_reset(&c->answer);
    argument_of(w, c, text);
    switch (w->row->mix) {
    case MIX_QUEUE:
        if (c->x >= 0)
            w->queued[o->len++] = c->x;
        else
            answer_number(c, o->head < o->len ? w->queued[o->head++] : -1);
        break;
    case MIX_TEXT:
        if (strcmp(c->f, "get") == 0) {
            buf_addf(&c->answer, "\"%.*s\"", (int)o->text.len, o->text.data ? o->text.data : "");
            break;
        }
        if (strcmp(c->f, "put") == 0)
            buf_reset(&o->text);
        buf_addf(&o->text, "%.*s", (int)strlen(text) - 2, text + 1);
        break;
    case MIX_LIST:
        if (c->x >= 0)
            buf_addf(&o->text, "%s%s", o->text.len > 0 ? "," : "", text);
        else
            buf_addf(&c->answer, "[%.*s]", (int)o->text.len, o->text.data ? o->text.data : "");
        break;
    case MIX_SET:
        if (strcmp(c->f, "contains") == 0)
            buf_addf(&c->answer, "[%s,%s]", text, o->members[c->x] ? "true" : "false");
        else
            o->members[c->x] = strcmp(c->f, "add") == 0;
        break;
    default:
        happen_value(c, o);
    }
}

/* Makes the answer wrong; false if this one has none. */
static bool spoil(struct world *w, struct client *c)
{
    if (c->answer.len == 0 || c->failed)
        return false;
    if (w->row->mix == MIX_CAS && c->answer.data[0] != 'n')
        c->answer.data[0] = (char)('0' + prng_below(&w->prng, 5));
    else if (w->row->mix == MIX_SET)
        return strstr(c->answer.data, "true") != NULL &&
               (memcpy(strstr(c->answer.data, "true"), "null", 4), buf_reset(&c->answer),
                buf_addf(&c->answer, "[%lld,false]", (long long)c->x), true);
    else if (w->row->mix == MIX_TEXT || w->row->mix == MIX_LIST) {
        if (c->answer.len < 12)
            return false;
        memmove(c->answer.data + 1, c->answer.data + 6, c->answer.len - 6);
        c->answer.len -= 5;
    } else {
        buf_reset(&c->answer);
        buf_addf(&c->answer, "%lld", (long long)(w->fresh / 2));
    }
    return true;
}

static void turn(struct world *w, uint32_t *started, uint32_t *lost)
{
    struct client *c = &w->clients[prng_below(&w->prng, w->row->clients)];
    char text[64];

    if (c->stage == IDLE && *started < w->row->operations) {
        choose(w, c);
        argument_of(w, c, text);
        say(w, c, OP_INVOKE, text, (struct str){NULL, 0});
        c->stage = ASKED;
        ++*started;
    } else if (c->stage == ASKED) {
        happen(w, c);
        c->stage = HAPPENED;
    } else if (c->stage == HAPPENED) {
        argument_of(w, c, text);
        c->stage = IDLE;
        if (w->row->broken && w->broken<BROKEN && * started> w->row->operations / 10 * 9)
            w->broken += spoil(w, c);
        if ((uint64_t)*lost * w->row->operations < (uint64_t)*started * w->row->lost &&
            c->answer.len == 0 && !(w->row->mix == MIX_MUTEX && !c->failed)) {
            say(w, c, OP_INFO, text, (struct str){NULL, 0});
            c->process = w->next_process++;
            ++*lost;
            return;
        }
        say(w, c, c->failed ? OP_FAIL : OP_OK, text,
            c->answer.len > 0 ? buf_str(&c->answer) : (struct str){NULL, 0});
    }
}

static struct history *make(const struct row *row)
{
    struct world w = {.row = row, .history = history_new()};
    uint32_t started = 0, lost = 0, busy = 1;

    prng_init(&w.prng, 7, row->name);
    w.objects = mem_zalloc(row->keys * sizeof(*w.objects));
    w.clients = mem_zalloc(row->clients * sizeof(*w.clients));
    w.queued = mem_alloc((row->operations + 1) * sizeof(*w.queued));
    for (uint32_t i = 0; i < row->keys && (row->mix == MIX_CAS || row->mix == MIX_DISTINCT); i++)
        w.objects[i].value = -1;
    for (uint32_t i = 0; i < row->clients; i++)
        w.clients[i].process = w.next_process++;
    while (started < row->operations || busy > 0) {
        turn(&w, &started, &lost);
        busy = 0;
        for (uint32_t i = 0; started == row->operations && i < row->clients; i++)
            busy += w.clients[i].stage != IDLE;
    }
    for (uint32_t i = 0; i < row->keys; i++)
        buf_release(&w.objects[i].text);
    for (uint32_t i = 0; i < row->clients; i++)
        buf_release(&w.clients[i].answer);
    mem_free(w.objects);
    mem_free(w.clients);
    mem_free(w.queued);
    return w.history;
}

/* ---- measuring ---- */

static double cpu_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double peak_mb(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}

static void run(const struct row *row)
{
    static const char *const words[] = {"valid", "invalid", "unknown"};
    struct history *h = make(row);
    struct lin_input *in = NULL;
    struct err err = {.text = ""};
    enum lin_answer answer = LIN_VALID;
    double before_mb = peak_mb(), start = cpu_ms(), middle, end;

    if (lin_input_new(h, history_len(h), lin_model_find(row->model), row->keys > 1, &in, &err) <
        0) {
        fprintf(stderr, "lin_bench: %s\n", err.text);
        exit(3);
    }
    middle = cpu_ms();
    for (uint32_t i = 0; i < in->part_count; i++) {
        struct lin_space *space = NULL;
        struct lin_result res;
        lin_decide(in, &in->parts[i], 100000000, &space, &res, NULL);
        lin_space_free(space);
        if (res.answer == LIN_UNKNOWN || answer == LIN_VALID)
            answer = res.answer;
    }
    end = cpu_ms();
    printf("%-14s %7u %10u %6u  %-8s %9.1f %9.1f %8.1f\n", row->name, row->clients, row->operations,
           row->lost, words[answer], middle - start, end - middle, peak_mb() - before_mb);
    lin_input_free(in);
    history_free(h);
}

int main(int argc, char **argv)
{
    mem_keep_freed(); /* as eddy check does */
    printf("%-14s %7s %10s %6s  %-8s %9s %9s %8s\n", "history", "clients", "operations", "lost",
           "answer", "read ms", "check ms", "added MB");
    fflush(stdout);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pid_t child;
        int status = 0;
        if (argc > 1 && strstr(rows[i].name, argv[1]) == NULL)
            continue;
        child = fork();
        if (child == 0) {
            run(&rows[i]);
            fflush(stdout);
            _exit(0);
        }
        if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
            return 1;
    }
    return 0;
}
