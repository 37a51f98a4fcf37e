/* From a history to a verdict: transactions, what they reveal, the graph, its cycles, and what all
 * that says about the models asked for.
 *
 * Anomalies that the models asked for allow are no fault of the program; they are shown apart,
 * since they say how strong the program really is. Orders of processes and of real time are looked
 * at only where a model asked for forbids cycles of them. */
#include "txn_check.h"

#include "checker.h"
#include "history.h"
#include "txn_append.h"
#include "txn_cycle.h"
#include "txn_graph.h"
#include "txn_model.h"
#include "txn_plant.h"
#include "txn_register.h"
#include "txn_report.h"
#include "verdict.h"

#include "../base/err.h"
#include "../base/mem.h"

#include <string.h>

struct request {
    uint64_t models;
    uint64_t forbidden; /* anomalies, of models that can be judged */
    uint64_t unjudged;  /* models that hold only if one of their judges does */
    bool by_process;
    bool by_time;
    bool as_maelstrom; /* values that nobody wrote are allowed; real time orders no versions */
};

/* What may still come in a history that goes on: an open transaction may fail, and a value that
 * nobody wrote may yet be written. The first turns up as an aborted read or not at all, the second
 * as a cycle against real time; so where the models asked for forbid those, all that is wrong with
 * a beginning stays wrong. Where they do not, a beginning proves nothing. */
static void keep_certain(struct request *q)
{
    if (!(q->forbidden & TXN_BIT(TXN_G1A)))
        q->forbidden &= TXN_BIT(TXN_MALFORMED);
    if (!(q->forbidden & TXN_BIT(TXN_G1C + TXN_REALTIME)) && !TXN_PLANTED(27))
        q->forbidden &= ~TXN_BIT(TXN_GARBAGE_READ);
}

/* Adds the models of a text with commas. */
static int add_models(const char *text, uint64_t *models, struct err *err)
{
    char name[128];

    while (*text != '\0') {
        size_t len;
        text += strspn(text, " ,\t");
        len = strcspn(text, ",");
        while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
            len--;
        if (len == 0)
            break;
        snprintf(name, sizeof(name), "%.*s", (int)(len < sizeof(name) ? len : sizeof(name) - 1),
                 text);
        if (txn_model_check(name, err) < 0)
            return ERR_INPUT;
        *models |= txn_model_set(name, strlen(name));
        text += len;
    }
    return 0;
}

static bool forbids_variant(uint64_t anomalies, unsigned variant)
{
    static const enum txn_anomaly firsts[] = {TXN_G0, TXN_G1C, TXN_G_SINGLE_ITEM,
                                              TXN_G_NONADJACENT_ITEM, TXN_G2_ITEM};
    size_t i;

    for (i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++)
        if (anomalies & TXN_BIT(firsts[i] + variant))
            return true;
    return false;
}

static void split_models(struct request *q)
{
    uint64_t looked_at = 0;
    unsigned i;

    q->forbidden = txn_forbidden(0);
    for (i = 0; i < TXN_MODEL_MAX; i++) {
        uint64_t model = (uint64_t)1 << i;
        uint64_t judges = q->models & model ? txn_judges(model) : 0;
        if (judges == model)
            q->forbidden |= txn_forbidden(model);
        else if (judges != 0)
            q->unjudged |= model;
        looked_at |= txn_forbidden(judges);
    }
    q->by_process = forbids_variant(looked_at, TXN_PROCESS);
    q->by_time = forbids_variant(looked_at, TXN_REALTIME);
}

static int read_request(const json_t *options, struct request *q, struct err *err)
{
    const json_t *list = option_value(options, "consistency_models");
    size_t i;

    *q = (struct request){0};
    if (json_is_string(list) && add_models(json_string_value(list), &q->models, err) < 0)
        return ERR_INPUT;
    for (i = 0; i < json_array_size(list); i++)
        if (add_models(json_string_value(json_array_get(list, i)), &q->models, err) < 0)
            return ERR_INPUT;
    if (q->models == 0)
        q->models = txn_model_set("strict-serializable", strlen("strict-serializable"));
    split_models(q);
    q->as_maelstrom = option_flag(options, "maelstrom_verdict", false);
    if (q->as_maelstrom)
        q->forbidden &= ~TXN_BIT(TXN_GARBAGE_READ);
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *names_json(const char **names, size_t count)
{
    json_t *list = json_array();
    size_t i;

    qsort(names, count, sizeof(*names), by_text);
    for (i = 0; i < count; i++)
        json_array_append_new(list, json_string(names[i]));
    return list;
}

static json_t *models_json(uint64_t models)
{
    const char *names[TXN_MODEL_MAX];
    size_t count = 0;
    unsigned i;

    for (i = 0; i < TXN_MODEL_MAX; i++)
        if (models >> i & 1)
            names[count++] = txn_model_name(i);
    return names_json(names, count);
}

static json_t *types_json(uint64_t anomalies)
{
    const char *names[TXN_FOUND_COUNT];
    size_t count = 0;
    unsigned i;

    for (i = 0; i < TXN_FOUND_COUNT; i++)
        if (anomalies & TXN_BIT(i))
            names[count++] = txn_anomaly_name(i);
    return names_json(names, count);
}

/* "serializable, read-committed" */
static void add_model_names(struct buf *out, uint64_t models)
{
    size_t before = out->len;
    unsigned i;

    for (i = 0; i < TXN_MODEL_MAX; i++)
        if (models >> i & 1)
            buf_addf(out, "%s%s", out->len > before ? ", " : "", txn_model_name(i));
}

/* What was found of the anomalies in found, as members of details. */
static void put_anomalies(const struct txn_report *r, uint64_t bad, uint64_t allowed,
                          json_t *details)
{
    json_t *anomalies = json_object();
    json_t *counts = json_object();
    json_t *others = json_object();
    unsigned i;

    for (i = 0; i < TXN_FOUND_COUNT; i++) {
        if ((bad | allowed) & TXN_BIT(i))
            json_object_set_new(counts, txn_anomaly_name(i),
                                json_integer((json_int_t)r->counts[i]));
        if (bad & TXN_BIT(i))
            json_object_set(anomalies, txn_anomaly_name(i), r->lists[i]);
        if (allowed & TXN_BIT(i))
            json_object_set(others, txn_anomaly_name(i), json_array_get(r->lists[i], 0));
    }
    json_object_set_new(details, "anomaly-types", types_json(bad));
    json_object_set_new(details, "anomalies", anomalies);
    json_object_set_new(details, "anomaly-counts", counts);
    if (json_object_size(others) > 0)
        json_object_set(details, "allowed-anomalies", others);
    json_decref(others);
}

static void put_boundary(uint64_t found, json_t *details)
{
    uint64_t refuted = txn_refuted(found);
    uint64_t weakest = txn_weakest(refuted);

    if (refuted == 0)
        return;
    json_object_set_new(details, "not", models_json(weakest));
    json_object_set_new(details, "also-not", models_json(refuted & ~weakest));
}

static const char *first_sentence(const struct txn_report *r, unsigned anomaly)
{
    return json_string_value(json_object_get(json_array_get(r->lists[anomaly], 0), "sentence"));
}

/* The gravest of the anomalies that the models asked for forbid. */
static void blame_worst(const struct request *q, const struct txn_report *r, uint64_t bad,
                        struct verdict *v)
{
    uint64_t broken = q->models & txn_refuted(bad);
    struct buf names = {0};
    unsigned i = 0;

    while (!(bad & TXN_BIT(i)))
        i++;
    add_model_names(&names, broken);
    verdict_blame(v, VALID_FALSE, "the transactions are not %s: %s (%s): %s", names.data,
                  txn_anomaly_meaning(i), txn_anomaly_name(i), first_sentence(r, i));
    buf_release(&names);
}

/* Models that forbid nothing themselves: do they follow from others that hold? */
static void judge_unjudged(const struct request *q, uint64_t found, struct verdict *v)
{
    uint64_t refuted = txn_refuted(found);
    struct buf names = {0}, judges = {0};
    uint64_t open = 0;
    unsigned i;

    for (i = 0; i < TXN_MODEL_MAX; i++) {
        uint64_t model = (uint64_t)1 << i & q->unjudged;
        if (model != 0 && (txn_judges(model) & ~refuted) == 0)
            open |= model;
    }
    if (open == 0)
        return;
    add_model_names(&names, open);
    for (i = 0; i < TXN_MODEL_MAX; i++)
        if (open >> i & 1)
            break;
    add_model_names(&judges, txn_weakest(txn_judges((uint64_t)1 << i)));
    verdict_blame(v, VALID_UNKNOWN,
                  "whether the transactions are %s cannot be told: it would follow from %s, which "
                  "does not hold, and no anomaly known here contradicts it",
                  names.data, judges.data);
    buf_release(&names);
    buf_release(&judges);
}

static void judge(const struct request *q, const struct txn_report *r, struct verdict *v)
{
    const struct txn_history *t = r->t;
    uint64_t found = txn_report_found(r);
    uint64_t bad = found & q->forbidden;

    json_object_set_new(v->details, "consistency-models", models_json(q->models));
    json_object_set_new(v->details, "transaction-count", json_integer(t->txn_count));
    json_object_set_new(v->details, "ok-count", json_integer(t->ok_count));
    put_anomalies(r, bad, found & ~bad, v->details);
    put_boundary(found, v->details);
    if (bad != 0)
        blame_worst(q, r, bad, v);
    else if (t->unusable != NULL)
        verdict_blame(v, VALID_UNKNOWN, "%s", t->unusable);
    else if (t->ok_count == 0)
        verdict_blame(v, VALID_UNKNOWN,
                      "none of the %u transactions was acknowledged, so there is nothing to judge",
                      t->txn_count);
    else
        judge_unjudged(q, found, v);
}

static void infer(const struct request *q, const struct txn_history *t, struct txn_report *r)
{
    struct txn_graph g;
    struct txn_cycles cycles;

    txn_graph_init(&g, t->txn_count);
    if (t->kind == TXN_LISTS)
        txn_append_infer(t, r, &g);
    else
        txn_register_infer(t, r, &g, q->by_time && !q->as_maelstrom);
    if (q->by_process && !TXN_PLANTED(17))
        txn_graph_add_processes(&g, t);
    if (q->by_time && !TXN_PLANTED(18))
        txn_graph_add_time(&g, t);
    txn_graph_finish(&g);
    txn_cycles_find(&cycles, &g, q->by_process, q->by_time);
    txn_report_cycles(r, &cycles);
    txn_cycles_release(&cycles);
    txn_graph_release(&g);
}

struct subject {
    enum txn_kind kind;
    bool goes_on; /* the history is a beginning: count only what stays wrong */
};

static int check(const struct history *h, struct subject subject, const json_t *options,
                 struct verdict *ret_verdict, struct err *err)
{
    struct request q;
    struct txn_history t;
    struct txn_report r;
    int status = read_request(options, &q, err);

    if (status < 0)
        return err_wrap(err, "consistency_models"), status;
    if (subject.goes_on)
        keep_certain(&q);
    txn_history_init(&t, h, subject.kind);
    txn_report_init(&r, &t);
    verdict_init(ret_verdict);
    txn_report_malformed(&r);
    if (t.unusable == NULL)
        infer(&q, &t, &r);
    judge(&q, &r, ret_verdict);
    verdict_finish(ret_verdict);
    txn_report_release(&r);
    txn_history_release(&t);
    return 0;
}

static int run_lists(const struct history *h, const json_t *options, struct verdict *ret_verdict,
                     struct err *err)
{
    return check(h, (struct subject){TXN_LISTS, false}, options, ret_verdict, err);
}

static int lists_broken(const struct history *h, const json_t *options, struct verdict *ret_verdict,
                        struct err *err)
{
    return check(h, (struct subject){TXN_LISTS, true}, options, ret_verdict, err);
}

static int run_registers(const struct history *h, const json_t *options,
                         struct verdict *ret_verdict, struct err *err)
{
    return check(h, (struct subject){TXN_REGISTERS, false}, options, ret_verdict, err);
}

static int registers_broken(const struct history *h, const json_t *options,
                            struct verdict *ret_verdict, struct err *err)
{
    return check(h, (struct subject){TXN_REGISTERS, true}, options, ret_verdict, err);
}

static const struct checker_option txn_options[] = {
    {"consistency_models", OPTION_TEXT | OPTION_TEXTS,
     "names of consistency models that must hold; strict-serializable if there are none"},
    {"maelstrom_verdict", OPTION_FLAG,
     "a read of what nobody wrote is reported only, and real time orders no versions of registers, "
     "as in Elle (without it: no)"},
    {NULL, 0, NULL},
};

const struct checker list_append_checker = {
    "list-append",
    "Decides whether transactions that append to lists and read them keep a consistency model.",
    txn_options,
    run_lists,
    lists_broken,
};

const struct checker rw_register_checker = {
    "rw-register",
    "Decides whether transactions that write and read registers keep a consistency model.",
    txn_options,
    run_registers,
    registers_broken,
};
