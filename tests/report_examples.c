/* Draws example pictures, to be looked at when src/report changes:
 *   make build/tests/report_examples && build/tests/report_examples build/pictures
 * then open build/pictures/echo, broadcast, kill, big (messages.svg, timeline.html, latency.svg,
 * rate.svg). A small gossip simulation makes the runs; equal code draws equal pictures. */
#include "base/err.h"
#include "base/file.h"
#include "base/prng.h"
#include "check/history.h"
#include "report/pictures.h"

#include <stdio.h>
#include <stdlib.h>

enum { NODES_MAX = 32, QUEUE_MAX = 200000 };

struct delivery {
    int64_t t_ns;
    uint64_t id;
    int from, to; /* a node, or -1 for a client */
    int value, process;
    char type; /* 'b' broadcast, 'o' broadcast_ok, 'g' gossip, 'r' read, 'a' read_ok */
};

struct run {
    const char *name;
    uint32_t node_count;
    int operation_count;
    int64_t spacing_ns, latency_ns;
    bool has_partition, has_kill;
    /* state */
    struct buf journal;
    struct history *history;
    struct prng prng;
    struct delivery *queue;
    size_t queue_len;
    uint64_t next_id;
    int64_t end_ns;
    bool *seen; /* by node and value */
    bool busy[8];
    int process_of[8];
    char names[NODES_MAX][16];
};

static const char *type_text(char type)
{
    return type == 'b'   ? "broadcast"
           : type == 'o' ? "broadcast_ok"
           : type == 'g' ? "gossip"
           : type == 'r' ? "read"
                         : "read_ok";
}

static void send_message(struct run *r, int64_t now, struct delivery d)
{
    char from[24], to[24];
    bool client = d.from < 0 || d.to < 0;

    snprintf(from, sizeof(from), d.from < 0 ? "c%d" : "n%d", d.from < 0 ? d.process + 10 : d.from);
    snprintf(to, sizeof(to), d.to < 0 ? "c%d" : "n%d", d.to < 0 ? d.process + 10 : d.to);
    d.id = r->next_id++;
    d.t_ns = now + (client ? 0
                           : r->latency_ns +
                                 (int64_t)prng_below(&r->prng, (uint64_t)r->latency_ns / 2 + 1));
    buf_addf(
        &r->journal,
        "{\"t\":%lld,\"e\":\"send\",\"id\":%llu,\"src\":\"%s\",\"dest\":\"%s\",\"body\":{\"type\":"
        "\"%s\",\"message\":%d,\"msg_id\":%llu}}\n",
        (long long)now, (unsigned long long)d.id, from, to, type_text(d.type), d.value,
        (unsigned long long)d.id);
    if (r->queue_len < QUEUE_MAX)
        r->queue[r->queue_len++] = d;
}

static void complete(struct run *r, int64_t now, const struct delivery *d, enum op_type type)
{
    struct err err = {.text = ""};
    char value[64];
    struct op op = {.time_ns = now, .process = d->process, .node = 0, .type = type};

    snprintf(value, sizeof(value), d->type == 'a' || d->type == 'r' ? "[%d,%d]" : "%d", d->value,
             d->value + 1);
    op.f = history_f(r->history, d->type == 'a' || d->type == 'r' ? "read" : "broadcast");
    op.value = str_of(value);
    if (type == OP_INFO)
        op.error = STR_LIT("[\"timeout\",\"no answer within 1 s\"]");
    if (history_add(r->history, &op, &err) < 0)
        fprintf(stderr, "%s\n", err.text);
    r->busy[d->process % 8] = false;
    if (type == OP_INFO)
        r->process_of[d->process % 8] += 8;
}

static bool is_cut(const struct run *r, int64_t now, const struct delivery *d)
{
    return r->has_partition && d->from >= 0 && d->to >= 0 && now > r->end_ns * 3 / 10 &&
           now < r->end_ns * 6 / 10 && (d->from < 2) != (d->to < 2);
}

static bool is_down(const struct run *r, int64_t now, int node)
{
    return r->has_kill && node == 1 && now > r->end_ns * 4 / 10 && now < r->end_ns * 7 / 10;
}

static void gossip(struct run *r, int64_t now, int node, int value, int from)
{
    if (r->seen[node * 4096 + value])
        return;
    r->seen[node * 4096 + value] = true;
    for (int step = -1; step <= 1; step += 2) {
        int to = node + step;

        if (to >= 0 && to < (int)r->node_count && to != from)
            send_message(r, now,
                         (struct delivery){.from = node, .to = to, .value = value, .type = 'g'});
    }
}

static void deliver(struct run *r, struct delivery d)
{
    bool down = d.to >= 0 && is_down(r, d.t_ns, d.to);

    if (down || is_cut(r, d.t_ns, &d)) {
        buf_addf(&r->journal, "{\"t\":%lld,\"e\":\"drop\",\"id\":%llu,\"why\":\"%s\"}\n",
                 (long long)d.t_ns, (unsigned long long)d.id, down ? "down" : "partition");
        if (down && (d.type == 'b' || d.type == 'r'))
            complete(r, d.t_ns + 1000000000, &d, OP_INFO);
        return;
    }
    buf_addf(&r->journal, "{\"t\":%lld,\"e\":\"recv\",\"id\":%llu}\n", (long long)d.t_ns,
             (unsigned long long)d.id);
    if (d.type == 'b' || d.type == 'r')
        send_message(r, d.t_ns + 20000,
                     (struct delivery){.from = d.to,
                                       .to = -1,
                                       .value = d.value,
                                       .process = d.process,
                                       .type = d.type == 'b' ? 'o' : 'a'});
    if (d.type == 'b')
        gossip(r, d.t_ns + 30000, d.to, d.value, -1);
    if (d.type == 'g')
        gossip(r, d.t_ns + 30000, d.to, d.value, d.from);
    if (d.type == 'o' || d.type == 'a')
        complete(r, d.t_ns + (int64_t)prng_exponential(&r->prng, 3e6), &d,
                 prng_chance(&r->prng, 0.04) ? OP_FAIL : OP_OK);
}

/* Delivers what is due before now, in order. */
static void run_until(struct run *r, int64_t now)
{
    for (;;) {
        size_t best = r->queue_len;
        struct delivery d;

        for (size_t i = 0; i < r->queue_len; i++)
            if (r->queue[i].t_ns <= now &&
                (best == r->queue_len || r->queue[i].t_ns < r->queue[best].t_ns ||
                 (r->queue[i].t_ns == r->queue[best].t_ns && r->queue[i].id < r->queue[best].id)))
                best = i;
        if (best == r->queue_len)
            return;
        d = r->queue[best];
        r->queue[best] = r->queue[--r->queue_len];
        deliver(r, d);
    }
}

static void invoke(struct run *r, int64_t now, int number)
{
    struct err err = {.text = ""};
    bool read = number % 3 == 2;
    int node = number % (int)r->node_count;
    char value[16];
    struct op op = {.time_ns = now, .node = node, .type = OP_INVOKE};
    int slot = number % 8;

    for (int i = 0; i < 8 && r->busy[slot]; i++)
        slot = (slot + 1) % 8;
    if (r->busy[slot])
        return;
    r->busy[slot] = true;
    op.process = r->process_of[slot];

    snprintf(value, sizeof(value), "%d", number % 4096);
    op.f = history_f(r->history, read ? "read" : "broadcast");
    op.value = read ? STR_LIT("null") : str_of(value);
    if (history_add(r->history, &op, &err) < 0)
        fprintf(stderr, "%s\n", err.text);
    send_message(r, now,
                 (struct delivery){.from = -1,
                                   .to = node,
                                   .value = number % 4096,
                                   .process = op.process,
                                   .type = read ? 'r' : 'b'});
}

static void at(struct run *r, int64_t now, const char *line)
{
    run_until(r, now);
    buf_addf(&r->journal, line, (long long)now);
}

static void faults(struct run *r, int64_t from, int64_t to)
{
    const struct {
        bool wanted;
        int tenths;
        const char *line;
    } all[] = {
        {r->has_partition, 3,
         "{\"t\":%lld,\"e\":\"fault\",\"kind\":\"partition\",\"what\":\"start\",\"text\":\"n0 n1 | "
         "n2 n3 n4\",\"nodes\":[\"n0\",\"n1\"]}\n"},
        {r->has_partition, 6,
         "{\"t\":%lld,\"e\":\"fault\",\"kind\":\"partition\",\"what\":\"stop\",\"text\":\"healed\","
         "\"nodes\":[]}\n"},
        {r->has_kill, 4,
         "{\"t\":%lld,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"start\",\"text\":\"n1\","
         "\"nodes\":[\"n1\"]}\n"},
        {r->has_kill, 4,
         "{\"t\":%lld,\"e\":\"node\",\"node\":\"n1\",\"what\":\"kill\",\"text\":\"\"}\n"},
        {r->has_kill, 5,
         "{\"t\":%lld,\"e\":\"step\",\"text\":\"the others agree on a value\",\"ok\":true}\n"},
        {r->has_kill, 7,
         "{\"t\":%lld,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"stop\",\"text\":\"n1\","
         "\"nodes\":[\"n1\"]}\n"},
        {r->has_kill, 7,
         "{\"t\":%lld,\"e\":\"node\",\"node\":\"n1\",\"what\":\"restart\",\"text\":\"\"}\n"},
        {r->has_kill, 7,
         "{\"t\":%lld,\"e\":\"log\",\"node\":\"n1\",\"text\":\"recovering from <disk> & "
         "peers\"}\n"},
        {r->has_kill, 8,
         "{\"t\":%lld,\"e\":\"step\",\"text\":\"n1 knows all values again\",\"ok\":false}\n"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        int64_t due = r->end_ns * all[i].tenths / 10;

        if (all[i].wanted && due >= from && due < to)
            at(r, due, all[i].line);
    }
}

static int draw(struct run *r, const char *folder, struct err *err)
{
    struct buf path = {0}, journal_path = {0};
    const char *names[NODES_MAX];
    struct run_view view;
    int status;

    for (uint32_t i = 0; i < r->node_count; i++) {
        snprintf(r->names[i], sizeof(r->names[i]), "n%u", i);
        names[i] = r->names[i];
    }
    buf_addf(&path, "%s/%s", folder, r->name);
    buf_addf(&journal_path, "%s/journal.jsonl", path.data);
    view =
        (struct run_view){r->name, r->node_count, names, r->history, journal_path.data, r->end_ns};
    status = file_mkdirs(path.data, err);
    if (status >= 0)
        status = file_write(journal_path.data, buf_str(&r->journal), err);
    if (status >= 0)
        status = pictures_write(&view, path.data, err);
    buf_release(&path);
    buf_release(&journal_path);
    return status;
}

static int make(struct run r, const char *folder, struct err *err)
{
    int64_t last = 0;
    int status;

    r.history = history_new();
    r.queue = malloc(QUEUE_MAX * sizeof(*r.queue));
    r.seen = calloc(NODES_MAX * 4096, sizeof(*r.seen));
    r.end_ns = (r.operation_count + 2) * r.spacing_ns;
    prng_init(&r.prng, 7, r.name);
    for (int i = 0; i < 8; i++)
        r.process_of[i] = i;
    for (int i = 0; i < r.operation_count; i++) {
        int64_t now = (i + 1) * r.spacing_ns;

        faults(&r, last, now);
        run_until(&r, now);
        invoke(&r, now, i);
        last = now;
    }
    faults(&r, last, r.end_ns);
    run_until(&r, r.end_ns);
    status = draw(&r, folder, err);
    history_free(r.history);
    buf_release(&r.journal);
    free(r.queue);
    free(r.seen);
    return status;
}

int main(int argc, char **argv)
{
    static const struct run runs[] = {
        {.name = "echo",
         .node_count = 1,
         .operation_count = 25,
         .spacing_ns = 200000000,
         .latency_ns = 1000},
        {.name = "broadcast",
         .node_count = 5,
         .operation_count = 200,
         .spacing_ns = 50000000,
         .latency_ns = 20000000,
         .has_partition = true},
        {.name = "kill",
         .node_count = 3,
         .operation_count = 40,
         .spacing_ns = 100000000,
         .latency_ns = 5000000,
         .has_kill = true},
        {.name = "big",
         .node_count = 25,
         .operation_count = 3000,
         .spacing_ns = 10000000,
         .latency_ns = 2000000,
         .has_partition = true,
         .has_kill = true},
    };
    struct err err = {.text = ""};

    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
        if (make(runs[i], argc > 1 ? argv[1] : "build/pictures", &err) < 0) {
            fprintf(stderr, "report_examples: %s\n", err.text);
            return 3;
        }
    return 0;
}
