/* Writes pages for tests/page/run.sh, and to be looked at when src/report/page changes:
 *   make build/tests/page_examples && build/tests/page_examples build/pages
 * big.html has 100,000 messages; failed.html two runs, a shrunk one and the whole, with faults,
 * logs and a window; hostile.html texts that try to break out; wide.html 1,000 nodes; empty.html
 * nothing. Equal code writes equal pages. */
#include "base/err.h"
#include "base/file.h"
#include "check/history.h"
#include "report/pictures.h"
#include "report/report_html.h"

#include <stdio.h>
#include <stdlib.h>

enum { NODES_MAX = 1000, BIG_ROUNDS = 12500, MS = 1000000 };

struct example {
    const char *folder;
    struct buf journal;
    struct buf journal_path;
    struct history *history;
    struct run_view view;
    uint64_t next_id;
};

static char name_texts[NODES_MAX][16];
static const char *names[NODES_MAX];

static void begin(struct example *e, const char *folder, const char *title, uint32_t node_count)
{
    *e = (struct example){.folder = folder, .history = history_new()};
    e->view = (struct run_view){
        .title = title, .node_count = node_count, .node_names = names, .history = e->history};
}

static void line(struct example *e, const char *text)
{
    buf_addf(&e->journal, "%s\n", text);
}

static uint64_t send(struct example *e, int64_t t_ns, const char *src, const char *dest,
                     const char *body)
{
    buf_addf(&e->journal,
             "{\"t\":%lld,\"e\":\"send\",\"id\":%llu,\"src\":\"%s\",\"dest\":\"%s\",\"body\":%s}\n",
             (long long)t_ns, (unsigned long long)e->next_id, src, dest, body);
    return e->next_id++;
}

static void arrive(struct example *e, int64_t t_ns, uint64_t id)
{
    buf_addf(&e->journal, "{\"t\":%lld,\"e\":\"recv\",\"id\":%llu}\n", (long long)t_ns,
             (unsigned long long)id);
}

static void op(struct example *e, int32_t process, const char *f, const char *value, int64_t t_ns,
               enum op_type type)
{
    struct err err = {.text = ""};
    struct op added = {.time_ns = t_ns, .process = process, .node = 0, .type = type};

    added.f = history_f(e->history, f);
    added.value = str_of(value);
    if (history_add(e->history, &added, &err) < 0)
        fprintf(stderr, "%s\n", err.text);
}

/* One operation of client c1 at n0, which asks its three neighbours: 8 messages. */
static void round_of(struct example *e, int64_t t_ns, int number)
{
    char body[200], answer[200];
    uint64_t ids[4];

    op(e, 0, "read", "null", t_ns, OP_INVOKE);
    snprintf(body, sizeof(body), "{\"type\":\"read\",\"msg_id\":%d}", number);
    arrive(e, t_ns, send(e, t_ns, "c1", "n0", body));
    for (int i = 1; i < 4; i++) {
        snprintf(body, sizeof(body),
                 "{\"type\":\"fetch\",\"msg_id\":%d,\"keys\":[1,2,3],\"epoch\":%d}", 4 * number + i,
                 number / 10);
        ids[i] = send(e, t_ns, "n0", names[i], body);
    }
    for (int i = 1; i < 4; i++) {
        arrive(e, t_ns + i * MS, ids[i]);
        snprintf(answer, sizeof(answer),
                 "{\"type\":\"fetch_ok\",\"in_reply_to\":%d,\"values\":[%d,%d]}", 4 * number + i,
                 number, number + i);
        ids[i] = send(e, t_ns + i * MS, names[i], "n0", answer);
    }
    for (int i = 1; i < 4; i++)
        arrive(e, t_ns + i * MS + MS / 2, ids[i]);
    snprintf(answer, sizeof(answer), "{\"type\":\"read_ok\",\"in_reply_to\":%d,\"value\":%d}",
             number, number);
    arrive(e, t_ns + 4 * MS, send(e, t_ns + 4 * MS, "n0", "c1", answer));
    snprintf(answer, sizeof(answer), "%d", number);
    op(e, 0, "read", answer, t_ns + 4 * MS, number % 50 == 7 ? OP_FAIL : OP_OK);
    e->view.end_ns = t_ns + 5 * MS;
}

/* Writes the journal, so that the view can be shown. */
static int finish(struct example *e, const char *name, struct err *err)
{
    buf_addf(&e->journal_path, "%s/%s.jsonl", e->folder, name);
    e->view.journal_path = e->journal_path.data;
    return file_write(e->journal_path.data, buf_str(&e->journal), err);
}

static void release(struct example *e)
{
    buf_release(&e->journal);
    buf_release(&e->journal_path);
    history_free(e->history);
}

static int show(const struct report_run *runs, uint32_t count, const char *folder, const char *name,
                struct err *err)
{
    struct buf path = {0};
    int status;

    buf_addf(&path, "%s/%s.html", folder, name);
    status = report_html_write(runs, count, path.data, err);
    buf_release(&path);
    return status;
}

static int write_one(struct example *e, const char *name, struct err *err)
{
    struct report_run run = {.view = &e->view, .command = "eddy test -w kv --seed 7"};
    int status = finish(e, name, err);

    if (status == 0)
        status = show(&run, 1, e->folder, name, err);
    release(e);
    return status;
}

static int write_big(const char *folder, struct err *err)
{
    struct example e;

    begin(&e, folder, "big", 4);
    for (int i = 0; i < BIG_ROUNDS; i++)
        round_of(&e, (int64_t)i * 10 * MS, i);
    return write_one(&e, "big", err);
}

static void fail_story(struct example *e, int rounds)
{
    line(e, "{\"t\":0,\"e\":\"node\",\"node\":\"n0\",\"what\":\"start\",\"text\":\"\"}");
    for (int i = 0; i < rounds; i++) {
        int64_t t_ns = (int64_t)i * 10 * MS;

        if (i == rounds / 2)
            buf_addf(
                &e->journal,
                "{\"t\":%lld,\"e\":\"fault\",\"kind\":\"partition\",\"what\":\"start\",\"text\":"
                "\"n0 | n1 n2 n3\"}\n",
                (long long)t_ns);
        round_of(e, t_ns, i);
        buf_addf(&e->journal,
                 "{\"t\":%lld,\"e\":\"log\",\"node\":\"n0\",\"text\":\"round %d is over\"}\n",
                 (long long)t_ns + 4 * MS, i);
    }
    buf_addf(&e->journal, "{\"t\":%lld,\"e\":\"drop\",\"id\":%llu,\"why\":\"partition\"}\n",
             (long long)e->view.end_ns,
             (unsigned long long)send(e, e->view.end_ns, "n0", "n1", "{\"type\":\"late\"}"));
}

static int write_failed(const char *folder, struct err *err)
{
    struct example small, whole;
    json_t *results =
        json_pack("{s:b, s:s, s:{s:b, s:s, s:[{s:I, s:I, s:I, s:s}]}}", "valid?", 0, "sentence",
                  "process 0 read 5 at n0 after 6 had been acknowledged", "workload", "valid?", 0,
                  "model", "cas-register", "ops", "process", (json_int_t)0, "invoked",
                  (json_int_t)30 * MS, "completed", (json_int_t)34 * MS, "f", "read");
    struct report_run runs[] = {
        {.view = &small.view, .label = "the smallest run that fails", .results = results},
        {.view = &whole.view, .label = "the run itself", .results = results},
    };
    int status;

    begin(&small, folder, "failed", 4);
    begin(&whole, folder, "failed", 4);
    fail_story(&small, 6);
    fail_story(&whole, 200);
    status = finish(&small, "small", err);
    if (status == 0)
        status = finish(&whole, "whole", err);
    if (status == 0)
        status = show(runs, 2, folder, "failed", err);
    release(&small);
    release(&whole);
    json_decref(results);
    return status;
}

static int write_hostile(const char *folder, struct err *err)
{
    static const char bad[] = "</script><script>window.broken=1</script><img src=x "
                              "onerror=window.broken=1>\\u202e\\u0000";
    struct example e;
    struct buf body = {0};

    begin(&e, folder, "<script>window.broken=1</script>", 2);
    buf_addf(&body, "{\"type\":\"%s\",\"a\":\"%s\"}", bad, bad);
    arrive(&e, 2 * MS, send(&e, MS, "n0", "n1", body.data));
    buf_reset(&body);
    buf_addf(&body, "{\"t\":%d,\"e\":\"log\",\"node\":\"n1\",\"text\":\"%s\"}", 2 * MS, bad);
    line(&e, body.data);
    buf_reset(&body);
    buf_add_text(&body, "{\"type\":\"giant\",\"x\":\"");
    for (int i = 0; i < 1 << 20; i++)
        buf_add_char(&body, '<');
    buf_add_text(&body, "\"}");
    arrive(&e, 4 * MS, send(&e, 3 * MS, "n1", "n0", body.data));
    op(&e, 0, "<b>", "\"<i>\"", 1 * MS, OP_INVOKE);
    e.view.end_ns = 5 * MS;
    buf_release(&body);
    return write_one(&e, "hostile", err);
}

static int write_wide(const char *folder, struct err *err)
{
    struct example e;

    begin(&e, folder, "wide", NODES_MAX);
    for (int i = 0; i + 1 < NODES_MAX; i++)
        arrive(&e, (i + 1) * MS, send(&e, i * MS, names[i], names[i + 1], "{\"type\":\"token\"}"));
    e.view.end_ns = (int64_t)NODES_MAX * MS;
    return write_one(&e, "wide", err);
}

static int write_empty(const char *folder, struct err *err)
{
    struct example e;

    begin(&e, folder, "empty", 0);
    return write_one(&e, "empty", err);
}

int main(int argc, char **argv)
{
    static int (*const writers[])(const char *, struct err *) = {
        write_big, write_failed, write_hostile, write_wide, write_empty,
    };
    struct err err = {.text = ""};
    int status;

    if (argc != 2) {
        fprintf(stderr, "usage: page_examples FOLDER\n");
        return 2;
    }
    for (int i = 0; i < NODES_MAX; i++) {
        snprintf(name_texts[i], sizeof(name_texts[i]), "n%d", i);
        names[i] = name_texts[i];
    }
    status = file_mkdirs(argv[1], &err);
    for (size_t i = 0; status == 0 && i < sizeof(writers) / sizeof(writers[0]); i++)
        status = writers[i](argv[1], &err);
    if (status < 0)
        fprintf(stderr, "page_examples: %s\n", err.text);
    return status < 0;
}
