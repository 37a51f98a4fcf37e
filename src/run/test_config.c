#include "test_config.h"

#include "../base/mem.h"

static char **program_argv(const struct test_options *o, const char *program)
{
    char **argv = mem_zalloc((o->word_count + 2) * sizeof(*argv));
    uint32_t i;

    argv[0] = (char *)program;
    for (i = 0; i < o->word_count; i++)
        argv[i + 1] = o->words[i];
    return argv;
}

void test_config_init(struct test_config *c, const struct test_options *o,
                      const struct test_subject *subject, uint64_t seed)
{
    c->options = test_options_json(o);
    c->argv = program_argv(o, subject->program);
    c->run = (struct run_config){
        .seed = seed,
        .node_count = o->node_count,
        .node_names = (const char *const *)o->node_names,
        .program = subject->program,
        .argv = (const char *const *)c->argv,
        .scenario_path = subject->scenario_path,
        .scenario = subject->scenario,
        .options = c->options,
        .latency_ns = o->latency_ns,
        .latency_dist = o->latency_dist,
        .clock = o->clock,
        .clock_fallback = !o->clock_given,
        .entropy_real = o->entropy_real,
        .schedule_seeded = o->schedule_seeded,
        .disk_latency_ns = o->disk_latency_ns,
        .cpu_count = o->cpus,
        .sandbox = o->sandbox.level != SANDBOX_OFF ? &o->sandbox : NULL,
        .availability_min = o->availability,
        .maelstrom_verdict = o->maelstrom_verdict,
        .fail_fast = o->fail_fast,
        .log_stderr = o->log_stderr,
        .log_net_send = o->log_net_send,
        .log_net_recv = o->log_net_recv,
    };
}

void test_config_release(struct test_config *c)
{
    json_decref(c->options);
    mem_free(c->argv);
}
