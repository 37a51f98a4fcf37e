/* A life: pipes, keeper, streams.
 *
 *     node_start --> running --(keeper says ENDED)--> node_end:  rest of output, exited, freed
 *                       \-----(cage_kill)-----------> node_kill: whole lines,    freed
 *
 * Callbacks may start and kill nodes, also the one they report for. So:
 * 1. Every function that reports raises life->busy; a kill meanwhile only marks the life dead and
 *    stops its liners, and the outermost reporter frees it.
 * 2. Lines point into the read space; a reporter inside a reporter gets space of its own.
 * 3. The keeper ends only after every process of the node, so at the end the pipes hold all there
 *    will ever be: reading until they are empty cannot take for ever. */
#include "../base/assert.h"
#include "../base/clock.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "cage_internal.h"
#include "spawn.h"
#include "vt_child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* ---- start ---- */

struct ends {
    int ours[3]; /* stdin, stdout, stderr */
    int theirs[3];
    int control[2]; /* [0] ours */
    int gate[2];
};

static void close_ends(struct ends *e)
{
    int i;

    for (i = 0; i < 3; i++) {
        close_fd(&e->ours[i]);
        close_fd(&e->theirs[i]);
    }
    for (i = 0; i < 2; i++) {
        close_fd(&e->control[i]);
        close_fd(&e->gate[i]);
    }
}

/* Large pipes save wake-ups; an unprivileged user may have only so many, then they stay small. */
static int open_ends(struct ends *e, struct err *err)
{
    int i;

    memset(e, -1, sizeof(*e));
    for (i = 0; i < 3; i++) {
        int fd[2];

        if (pipe2(fd, O_CLOEXEC) < 0)
            return err_set_errno(err, ERR_MACHINE, "cannot make a pipe");
        e->ours[i] = fd[i == 0 ? 1 : 0];
        e->theirs[i] = fd[i == 0 ? 0 : 1];
        if (i != 2)
            (void)fcntl(fd[0], F_SETPIPE_SZ, CAGE_PIPE_SIZE);
        (void)fcntl(e->ours[i], F_SETFL, O_NONBLOCK); /* the node's end still blocks */
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, e->control) < 0)
        return err_set_errno(err, ERR_MACHINE, "cannot make a socket pair");
    return spawn_gate(e->gate, err);
}

static const char *search_path(const struct cage *c, const struct cage_program *program)
{
    const char *path = getenv("PATH");
    size_t i;

    if (c->plan != NULL)
        return sandbox_env[0] + strlen("PATH=");
    for (i = 0; program->env != NULL && program->env[i] != NULL; i++)
        if (strncmp(program->env[i], "PATH=", 5) == 0)
            path = program->env[i] + 5;
    return path != NULL ? path : "/usr/local/bin:/usr/bin:/bin";
}

static struct node_life *new_life(struct cage *c, uint32_t node, struct ends *e)
{
    struct node_life *life = mem_zalloc(sizeof(*life));

    life->node = node;
    life->started_ns = clock_real_ns();
    life->number = c->lives++;
    life->keeper.fd = e->control[0];
    life->in_fd = e->ours[0];
    life->out_fd = e->ours[1];
    life->err_fd = e->ours[2];
    e->control[0] = e->ours[0] = e->ours[1] = e->ours[2] = -1; /* the life's from here on */
    liner_init(&life->out, CAGE_LINE_MAX, LINER_SKIP);
    liner_init(&life->err, CAGE_LOG_LINE_MAX, LINER_CUT);
    return life;
}

static void close_theirs(struct ends *e)
{
    int i;

    for (i = 0; i < 3; i++)
        close_fd(&e->theirs[i]);
    close_fd(&e->control[1]);
    close_fd(&e->gate[1]);
}

/* The folder becomes the program's own, with what is in it. */
static int hand_over(const struct cage *c, uint32_t node, const struct cage_program *program,
                     struct err *err)
{
    struct sandbox_plan plan;

    if (c->plan == NULL || c->plan->uid == 0 || program->data == NULL)
        return 0;
    plan = *c->plan;
    sandbox_plan_slot(&plan, c->plan->slot + node);
    return sandbox_hand_over(program->data, plan.uid, err);
}

/* At level A: its memory and tasks are counted from before its first instruction. */
static int count_life(struct cage *c, struct node_life *life, struct err *err)
{
    int status;

    if (c->plan == NULL || c->plan->spec.level < SANDBOX_A)
        return 0;
    status =
        sandbox_cgroup_new(&c->plan->spec.limits, c->plan->slot + life->node, &life->cgroup, err);
    return status < 0 ? status : sandbox_cgroup_add(life->cgroup, life->pid, err);
}

static int bring_up(struct cage *c, uint32_t node, const struct cage_program *program,
                    const char *path, struct ends *e, struct node_life **ret_life, struct err *err)
{
    static const char *const no_env[] = {NULL};
    struct keeper_task task = {
        .control_fd = e->control[1],
        .gate_fd = e->gate[1],
        .stdio_fd = {e->theirs[0], e->theirs[1], e->theirs[2]},
        .path = path,
        .cwd = program->cwd != NULL ? program->cwd : "",
        .argv = (char *const *)program->argv,
        .env = (char *const *)(program->env != NULL ? program->env : no_env),
        .env_only = program->env_only,
        .trace = c->ops->traced ? vt_child_flags(&c->config) : 0,
        .node = node,
        .data = program->data != NULL ? program->data : "",
    };
    struct node_life *life;
    int status = hand_over(c, node, program, err);

    if (status == 0)
        status = warden_start(&c->warden, &task, err);
    if (status < 0)
        return status;
    close_theirs(e);
    life = new_life(c, node, e);
    life->pid = spawn_wait(e->gate[0], err);
    status = life->pid < 0 ? (int)life->pid : count_life(c, life, err);
    if (status == 0)
        status = c->ops->start(c, life, e->gate[0], path, task.cwd, err);
    if (status < 0)
        node_release(c, life);
    else
        *ret_life = life;
    return status;
}

/* argv with sh and the file in place of the program's name. The caller's (mem_free). */
static const char **shell_words(const char *path, const char *const *argv)
{
    const char **words;
    size_t count = 0, i;

    while (argv[count] != NULL)
        count++;
    words = mem_alloc((count + 2) * sizeof(*words));
    words[0] = "sh";
    words[1] = path;
    for (i = 1; i <= count; i++)
        words[i + 1] = argv[i];
    return words;
}

int node_start(struct cage *c, uint32_t node, const struct cage_program *program,
               struct node_life **ret_life, struct err *err)
{
    struct ends e;
    struct cage_program as = *program;
    const char **words = NULL;
    char *path = NULL;
    int status = spawn_find(program->path, search_path(c, program), &path, err);

    if (status < 0)
        return status;
    if (spawn_needs_shell(path))
        as.argv = words = shell_words(path, program->argv);
    status = open_ends(&e, err);
    if (status == 0)
        status = bring_up(c, node, &as, words != NULL ? "/bin/sh" : path, &e, ret_life, err);
    close_ends(&e);
    mem_free(words);
    mem_free(path);
    return status;
}

void node_release(struct cage *c, struct node_life *life)
{
    struct sandbox_cgroup_use use;

    if (life->cgroup != NULL) {
        sandbox_cgroup_use(life->cgroup, &use);
        c->nodes[life->node].tasks_refused |= use.tasks_refused > 0;
    }
    if (c->nodes[life->node].life == life)
        c->nodes[life->node].life = NULL;
    keeper_close(&life->keeper);
    close_fd(&life->in_fd);
    close_fd(&life->out_fd);
    close_fd(&life->err_fd);
    liner_release(&life->out);
    liner_release(&life->err);
    inbox_release(&life->inbox);
    sandbox_cgroup_free(life->cgroup);
    mem_free(life);
}

/* ---- streams ---- */

enum inbox_state node_feed(struct node_life *life)
{
    size_t waiting = inbox_len(&life->inbox);
    enum inbox_state state;

    if (life->in_fd < 0) {
        inbox_reset(&life->inbox);
        return INBOX_SHUT;
    }
    state = inbox_write(&life->inbox, life->in_fd);
    life->fed_bytes += waiting - inbox_len(&life->inbox);
    if (state == INBOX_SHUT || (state == INBOX_EMPTY && life->input_over))
        close_fd(&life->in_fd);
    return state;
}

size_t node_unread(const struct node_life *life, uint64_t *ret_read)
{
    int in_pipe = 0;

    if (life->in_fd < 0 || ioctl(life->in_fd, FIONREAD, &in_pipe) < 0)
        in_pipe = 0;
    *ret_read = life->fed_bytes - (uint64_t)in_pipe;
    return (size_t)in_pipe + inbox_len(&life->inbox);
}

struct reporting {
    struct cage *c;
    struct node_life *life;
};

static void report_out(void *owner, struct str line, bool overlong)
{
    struct reporting *r = owner;
    const struct cage_events *to = &r->c->config.events;

    r->c->report_count++;
    if (overlong)
        to->overlong(to->owner, r->life->node, line);
    else
        to->line(to->owner, r->life->node, line);
}

static void report_err(void *owner, struct str line, bool overlong)
{
    struct reporting *r = owner;
    const struct cage_events *to = &r->c->config.events;

    (void)overlong;
    r->c->report_count++;
    to->log(to->owner, r->life->node, line);
}

static void stop_flood(struct cage *c, struct node_life *life, int64_t figure)
{
    int64_t bound = c->plan != NULL ? c->plan->spec.limits.output_bytes : 0;

    if (bound <= 0 || figure <= bound || life->stop.limit != SANDBOX_LIMIT_NONE ||
        PLANT_SANDBOX == PLANT_NO_OUTPUT_LIMIT)
        return;
    life->stop = (struct sandbox_stop){SANDBOX_LIMIT_OUTPUT, figure, bound, 0};
    kill(life->pid, SIGKILL); /* its end is then reported as any other */
}

/* stderr has a cap: what comes after it is still read, so that the node does not block. */
static void feed_err(struct reporting *r, struct str bytes)
{
    struct node_life *life = r->life;
    size_t room = CAGE_STDERR_MAX - life->err_bytes;
    bool cut = room > 0 && bytes.len >= room;

    bytes.len = bytes.len < room ? bytes.len : room;
    life->err_bytes += bytes.len;
    liner_feed(&life->err, bytes, report_err, r);
    if (!cut)
        return;
    liner_end(&life->err, report_err, r);
    if (!life->err.stopped)
        report_err(r,
                   STR_LIT("(eddy: this node has written 64 MiB to stderr; what follows is not "
                           "kept)"),
                   false);
}

/* What a node adds while it is being killed for its flood is dropped. */
static void take(struct reporting *r, bool out, struct str bytes)
{
    struct node_life *life = r->life;

    if (out)
        life->out_bytes += (int64_t)bytes.len;
    stop_flood(r->c, life, out ? life->out_bytes : (int64_t)(life->err_bytes + bytes.len));
    if (life->stop.limit != SANDBOX_LIMIT_NONE)
        return;
    if (out)
        liner_feed(&life->out, bytes, report_out, r);
    else
        feed_err(r, bytes);
}

static int hear(struct cage *c, struct node_life *life, bool out)
{
    struct reporting r = {c, life};
    int *fd = out ? &life->out_fd : &life->err_fd;
    char *space = c->read_space;
    ssize_t len;

    if (*fd < 0 || life->dead)
        return -1;
    c->read_space = NULL;
    if (space == NULL)
        space = mem_alloc(CAGE_READ_SIZE);
    len = read(*fd, space, CAGE_READ_SIZE);
    if (len > 0)
        take(&r, out, (struct str){space, (size_t)len});
    else if (len == 0 || (errno != EAGAIN && errno != EINTR))
        close_fd(fd);
    if (c->read_space == NULL)
        c->read_space = space;
    else
        mem_free(space);
    if (life->dead || *fd < 0)
        return -1;
    return len > 0 || errno == EINTR;
}

static void enter(struct node_life *life)
{
    life->busy++;
}

/* True: the life was killed meanwhile and is freed now. */
static bool leave(struct cage *c, struct node_life *life)
{
    ASSERT(life->busy > 0);
    if (--life->busy > 0 || !life->dead)
        return life->dead;
    node_release(c, life);
    return true;
}

static int hear_once(struct cage *c, struct node_life *life, bool out)
{
    int more;

    enter(life);
    more = hear(c, life, out);
    if (more < 0 && !life->dead && out && life->stop.limit == SANDBOX_LIMIT_NONE) {
        struct reporting r = {c, life};

        liner_end(&life->out, report_out, &r);
    }
    return leave(c, life) ? -1 : more;
}

int node_hear_out(struct cage *c, struct node_life *life)
{
    return hear_once(c, life, true);
}

int node_hear_err(struct cage *c, struct node_life *life)
{
    return hear_once(c, life, false);
}

/* ---- the end ---- */

void usage_add(struct cage_usage *sum, const struct keeper_report *report)
{
    sum->cpu_ns += report->cpu_ns;
    if (report->peak_bytes > sum->memory_peak_bytes)
        sum->memory_peak_bytes = report->peak_bytes;
}

static void drain(struct cage *c, struct node_life *life)
{
    while (hear(c, life, false) > 0)
        ;
    while (hear(c, life, true) > 0)
        ;
}

/* Whether a limit of the sandbox was the reason. */
static void explain_end(const struct cage *c, const struct node_life *life, struct cage_exit *how)
{
    const struct keeper_report *last = &life->keeper.end;
    struct sandbox_cgroup_use use;
    struct sandbox_end end = {.signal = how->signal,
                              .failed = how->code != 0,
                              .cpu_ns = last->cpu_ns,
                              .memory_peak_bytes = last->peak_bytes};

    if (c->plan == NULL)
        return;
    how->stop = life->stop;
    if (how->stop.limit == SANDBOX_LIMIT_NONE && last->limit != SANDBOX_LIMIT_NONE)
        how->stop =
            (struct sandbox_stop){(enum sandbox_limit)last->limit, last->figure, last->bound, 0};
    if (life->cgroup != NULL) {
        sandbox_cgroup_use(life->cgroup, &use);
        end.use = &use;
    }
    if (how->stop.limit == SANDBOX_LIMIT_NONE)
        sandbox_explain(&c->plan->spec, &end, &how->stop);
    how->stop.after_ns = clock_real_ns() - life->started_ns;
}

void node_end(struct cage *c, struct node_life *life)
{
    const struct cage_events *to = &c->config.events;
    struct reporting r = {c, life};
    uint32_t node = life->node;
    int status = life->keeper.end.status;
    struct cage_exit how = {.code = -1};

    if (WIFEXITED(status))
        how.code = WEXITSTATUS(status);
    else
        how.signal = WTERMSIG(status);
    usage_add(&c->nodes[node].past, &life->keeper.end);
    explain_end(c, life, &how);
    enter(life);
    c->ops->ended(c, life);
    drain(c, life);
    if (!life->dead &&
        how.stop.limit == SANDBOX_LIMIT_NONE) { /* a limit cuts a line as a kill does */
        liner_end(&life->err, report_err, &r);
        liner_end(&life->out, report_out, &r);
    }
    if (leave(c, life))
        return; /* a callback killed it: no exited event */
    node_release(c, life);
    c->report_count++;
    to->exited(to->owner, node, how);
}

void node_kill(struct cage *c, struct node_life *life)
{
    struct keeper_report last = {0};
    uint32_t node = life->node;

    c->ops->kill(c, life, &last);
    usage_add(&c->nodes[node].past, &last);
    c->ops->ended(c, life);
    c->nodes[node].life = NULL;
    if (life->busy > 0) {
        liner_stop(&life->out);
        liner_stop(&life->err);
        life->dead = true;
        return;
    }
    enter(life);
    drain(c, life);
    leave(c, life);
    node_release(c, life);
}
