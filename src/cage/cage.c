/* The front: checks what callers ask for and hands it to the nodes (node.c) and to the clock
 * (cage_internal.h). See README.md for the processes behind it. */
#include "cage.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "cage_internal.h"
#include "cage_net.h"
#include "net.h"

#include <string.h>
#include <unistd.h>

static const struct cage_clock_ops *clock_of(enum cage_clock clock)
{
    return clock == CAGE_CLOCK_REAL ? &cage_real_clock : &cage_virtual_clock;
}

static int open_sandbox(struct cage *c, struct err *err)
{
    struct sandbox_spec spec;
    int status;

    if (c->config.sandbox == NULL || c->config.sandbox->level == SANDBOX_OFF)
        return 0;
    status = sandbox_level_check(c->config.sandbox->level, err);
    if (status < 0)
        return status;
    spec = *c->config.sandbox;
    spec.network = c->config.network && c->ops->network;
    c->plan = mem_zalloc(sizeof(*c->plan));
    sandbox_plan_init(c->plan, &spec, sandbox_slots(c->config.node_count));
    return sandbox_check_folders(c->plan, err);
}

static void close_sandbox(struct cage *c)
{
    if (c->plan != NULL)
        sandbox_plan_release(c->plan);
    mem_free(c->plan);
}

/* Where the run shares the machine's loopback device, nodes could reach whatever listens there. */
static int check_network(const struct cage *c, struct err *err)
{
    if (c->plan == NULL || c->net == NULL || c->plan->spec.level < SANDBOX_C || cage_net_is_own(c))
        return 0;
    return err_set(err, ERR_MACHINE,
                   "programs in a sandbox may have sockets only in a network of their own, which "
                   "this user cannot make here; run eddy as root, or without the sandbox");
}

int cage_open(const struct cage_config *config, struct cage **ret_cage, struct err *err)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct warden_options options = {.cpu_count = config->cpu_count};
    struct cage *c;
    int status;

    c = mem_zalloc(sizeof(*c));
    c->config = *config;
    c->ops = clock_of(config->clock);
    c->warden.fd = -1;
    c->nodes = mem_zalloc(config->node_count * sizeof(*c->nodes));
    options.namespaces = c->ops->namespaces;
    status = open_sandbox(c, err);
    if (c->ops->traced)
        options.cpu_count = 1; /* a stop costs ten times as much between two processors */
    sigaction(SIGPIPE, &ignore, &c->old_pipe); /* a node that closed its stdin is no accident */
    if (status == 0 && config->network && c->ops->network)
        status = net_open(&c->net, err);
    if (status == 0)
        status = check_network(c, err);
    options.plan = c->plan;
    if (status == 0)
        status = warden_open(&options, &c->warden, err);
    if (c->net != NULL)
        net_leave(c->net);
    if (status == 0)
        status = c->ops->open(c, err);
    if (status < 0) {
        warden_close(&c->warden);
        sigaction(SIGPIPE, &c->old_pipe, NULL);
        net_close(c->net);
        close_sandbox(c);
        mem_free(c->nodes);
        mem_free(c);
        return status;
    }
    *ret_cage = c;
    return 0;
}

void cage_close(struct cage *c)
{
    uint32_t i;

    if (c == NULL)
        return;
    ASSERT(!c->waiting);
    for (i = 0; i < c->config.node_count; i++) /* all die at once, then we wait for each */
        if (c->nodes[i].life != NULL)
            keeper_order(&c->nodes[i].life->keeper, KEEPER_KILL);
    for (i = 0; i < c->config.node_count; i++) {
        struct node_life *life = c->nodes[i].life;
        struct keeper_report last;

        if (life == NULL)
            continue;
        c->ops->kill(c, life, &last);
        c->ops->ended(c, life);
        node_release(c, life);
    }
    warden_close(&c->warden);
    c->ops->close(c);
    net_close(c->net);
    sigaction(SIGPIPE, &c->old_pipe, NULL);
    close_sandbox(c);
    mem_free(c->read_space);
    mem_free(c->nodes);
    mem_free(c);
}

static struct node_life *life_of(const struct cage *c, uint32_t node)
{
    ASSERT(node < c->config.node_count);
    return c->nodes[node].life;
}

int cage_start(struct cage *c, uint32_t node, const struct cage_program *program, struct err *err)
{
    int status;

    ASSERT(life_of(c, node) == NULL);
    status = node_start(c, node, program, &c->nodes[node].life, err);
    return status < 0 ? status : 0;
}

void cage_kill(struct cage *c, uint32_t node)
{
    if (life_of(c, node) != NULL)
        node_kill(c, life_of(c, node));
}

void cage_pause(struct cage *c, uint32_t node)
{
    struct node_life *life = life_of(c, node);

    if (life == NULL || life->paused)
        return;
    life->paused = true;
    c->ops->pause(c, life);
}

void cage_resume(struct cage *c, uint32_t node)
{
    struct node_life *life = life_of(c, node);

    if (life == NULL || !life->paused)
        return;
    life->paused = false;
    c->ops->resume(c, life);
}

void cage_release(struct cage *c, uint32_t node)
{
    struct node_life *life = life_of(c, node);

    ASSERT(!c->waiting && life != NULL);
    if (c->ops->release != NULL)
        c->ops->release(c, life);
    else
        cage_pause(c, node);
}

bool cage_running(const struct cage *c, uint32_t node)
{
    return life_of(c, node) != NULL;
}

pid_t cage_pid(const struct cage *c, uint32_t node)
{
    const struct node_life *life = life_of(c, node);

    return life != NULL ? life->pid : 0;
}

int cage_write(struct cage *c, uint32_t node, struct str bytes)
{
    struct node_life *life = life_of(c, node);
    bool was_empty;

    if (life == NULL || life->in_fd < 0 || life->input_over || bytes.len == 0)
        return 0;
    if (inbox_len(&life->inbox) + bytes.len > CAGE_INBOX_MAX)
        return ERR_FULL;
    was_empty = inbox_len(&life->inbox) == 0;
    inbox_add(&life->inbox, bytes);
    if (was_empty)
        c->ops->wrote(c, life);
    return 0;
}

void cage_end_input(struct cage *c, uint32_t node)
{
    struct node_life *life = life_of(c, node);

    if (life == NULL || life->input_over)
        return;
    life->input_over = true;
    if (inbox_len(&life->inbox) == 0)
        c->ops->wrote(c, life); /* else it waits to be fed already */
}

size_t cage_inbox_bytes(const struct cage *c, uint32_t node)
{
    const struct node_life *life = life_of(c, node);

    return life != NULL ? inbox_len(&life->inbox) : 0;
}

void cage_hold_output(struct cage *c, bool hold)
{
    c->hold = hold;
}

void cage_clock_set(struct cage *c, uint32_t node, int64_t offset_ns, int32_t drift_ppm)
{
    ASSERT(node < c->config.node_count);
    c->ops->set(c, node, offset_ns, drift_ppm);
}

int64_t cage_now(const struct cage *c)
{
    return c->ops->now(c);
}

int cage_wait(struct cage *c, int64_t until_ns, struct err *err)
{
    int status;

    ASSERT(!c->waiting);
    c->waiting = true;
    status = c->ops->wait(c, until_ns, err);
    c->waiting = false;
    return status;
}

uint64_t cage_stops(const struct cage *c)
{
    return c->ops->stops == NULL ? 0 : c->ops->stops(c);
}

bool cage_tasks_refused(const struct cage *c, uint32_t node, struct sandbox_stop *ret_stop)
{
    const struct node_life *life = life_of(c, node);
    struct sandbox_cgroup_use use = {0};
    int64_t bound = c->plan != NULL ? c->plan->spec.limits.task_count : 0;

    if (life != NULL && life->cgroup != NULL)
        sandbox_cgroup_use(life->cgroup, &use);
    *ret_stop = (struct sandbox_stop){SANDBOX_LIMIT_TASKS, bound, bound, 0};
    return use.tasks_refused > 0 || c->nodes[node].tasks_refused;
}

void cage_usage(const struct cage *c, uint32_t node, struct cage_usage *ret_usage)
{
    struct node_life *life = life_of(c, node);
    struct keeper_report now;

    *ret_usage = c->nodes[node].past;
    if (life == NULL)
        return;
    if (keeper_ask(&life->keeper, KEEPER_USAGE, KEEPER_USED, &now))
        usage_add(ret_usage, &now);
    else if (life->keeper.ended)
        usage_add(ret_usage, &life->keeper.end);
}
