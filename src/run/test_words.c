#include "test_words.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../base/flags.h"
#include "../base/str.h"
#include "test_options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, " --%s ", name);
    flags_add_word(out, value);
}

static void add_count(struct buf *out, const char *name, int64_t value, int64_t usual)
{
    if (value != usual)
        buf_addf(out, " --%s %" PRId64, name, value);
}

/* Reads back as the same number. */
static void add_real(struct buf *out, const char *name, double value, double usual)
{
    char text[64];

    if (value == usual)
        return;
    snprintf(text, sizeof(text), "%.15g", value);
    if (strtod(text, NULL) != value)
        snprintf(text, sizeof(text), "%.17g", value);
    add(out, name, isinf(value) ? "max" : text);
}

/* In the largest unit in which it is whole. */
static void add_time(struct buf *out, const char *name, int64_t ns, int64_t usual_ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
    size_t i = 0;

    if (ns == usual_ns)
        return;
    while (ns % units[i].ns != 0)
        i++;
    buf_addf(out, " --%s %" PRId64 "%s", name, ns / units[i].ns, units[i].name);
}

static void add_seconds(struct buf *out, const char *name, double seconds, double usual)
{
    add_time(out, name, llround(seconds * 1e9), llround(usual * 1e9));
}

static void add_list(struct buf *out, const char *name, char *const *names, uint32_t count)
{
    struct buf list = {0};
    uint32_t i;

    for (i = 0; i < count; i++)
        buf_addf(&list, "%s%s", i > 0 ? "," : "", names[i]);
    add(out, name, count > 0 ? list.data : "");
    buf_release(&list);
}

static void add_nodes(struct buf *out, const struct test_options *o, const struct test_options *d)
{
    uint32_t i;

    if (o->given & GIVEN_NODE_COUNT) {
        add_count(out, "node-count", o->node_count, 0);
        return;
    }
    for (i = 0; i < o->node_count && i < d->node_count; i++)
        if (strcmp(o->node_names[i], d->node_names[i]) != 0)
            break;
    if (i != o->node_count || i != d->node_count)
        add_list(out, "nodes", o->node_names, o->node_count);
}

static void add_models(struct buf *out, const struct test_options *o, const struct test_options *d)
{
    struct buf list = {0};
    const json_t *model;
    size_t i;

    if (json_equal(o->consistency_models, d->consistency_models))
        return;
    json_array_foreach(o->consistency_models, i, model)
        buf_addf(&list, "%s%s", i > 0 ? "," : "", json_string_value(model));
    add(out, "consistency-models", list.len > 0 ? list.data : "");
    buf_release(&list);
}

static void add_load(struct buf *out, const struct test_options *o, const struct test_options *d)
{
    add_nodes(out, o, d);
    add_seconds(out, "time-limit", o->time_limit, d->time_limit);
    add_real(out, "rate", o->rate, d->rate);
    add_count(out, "concurrency", o->concurrency, o->node_count);
    if (strcmp(o->topology, d->topology) != 0)
        add(out, "topology", o->topology);
    if (o->availability != d->availability)
        add_real(out, "availability", o->availability, d->availability);
    add_models(out, o, d);
    add_count(out, "key-count", o->key_count, d->key_count);
    add_count(out, "max-txn-length", o->max_txn_length, d->max_txn_length);
    add_count(out, "max-writes-per-key", o->max_writes_per_key, d->max_writes_per_key);
    add_seconds(out, "recovery", o->recovery, d->recovery);
    if (o->maelstrom_verdict)
        buf_add_text(out, " --maelstrom-verdict");
    if (o->fail_fast)
        buf_add_text(out, " --fail-fast");
}

static void add_world(struct buf *out, const struct test_options *o, const struct test_options *d)
{
    static const char *const dists[] = {"constant", "uniform", "exponential"};

    add_time(out, "latency", o->latency_ns, d->latency_ns);
    if (o->latency_dist != d->latency_dist)
        add(out, "latency-dist", dists[o->latency_dist]);
    if (o->nemesis_count > 0)
        add_list(out, "nemesis", o->nemesis, o->nemesis_count);
    add_seconds(out, "nemesis-interval", o->nemesis_interval, d->nemesis_interval);
    if (o->clock_given)
        add(out, "clock", o->clock == CAGE_CLOCK_REAL ? "real" : "virtual");
    if (o->entropy_real)
        add(out, "entropy", "real");
    if (o->schedule_seeded)
        add(out, "schedule", "seeded");
    add_time(out, "disk-latency", o->disk_latency_ns, d->disk_latency_ns);
    add_count(out, "cpus", o->cpus, d->cpus);
}

static void add_program(struct buf *out, const struct test_options *o)
{
    bool dashes = false;
    uint32_t i;

    add(out, "bin", o->bin);
    for (i = 0; i < o->word_count; i++)
        dashes = dashes || o->words[i][0] == '-';
    if (dashes)
        buf_add_text(out, " --");
    for (i = 0; i < o->word_count; i++) {
        buf_add_char(out, ' ');
        flags_add_word(out, o->words[i]);
    }
}

void test_words(const struct test_options *o, uint64_t seed, struct buf *out)
{
    char *const none[] = {"--bin", "x", NULL};
    struct test_options usual;
    struct err err;
    int status = test_options_parse(none, &usual, &err);

    ASSERT(status == 0);
    buf_add_text(out, "eddy test -w ");
    flags_add_word(out, o->workload);
    buf_addf(out, " --seed %" PRIu64, seed);
    add_load(out, o, &usual);
    add_world(out, o, &usual);
    if (strcmp(o->store, usual.store) != 0)
        add(out, "store", o->store);
    add_program(out, o);
    test_options_release(&usual);
}
