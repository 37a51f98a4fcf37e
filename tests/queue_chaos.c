/* queue_chaos: the queue and its workers under kill -9, SIGSTOP beyond the lease and crashes of the
 * database. Used by tests/queue/run.sh; from the top of the tree:
 *
 *     queue_chaos storm [--sqlite] [--jobs N] [--workers N] [--seed N]
 *     queue_chaos put DB FILE     puts the file in as a submission, prints its number
 *     queue_chaos wait DB NUMBER  until it is over; prints state, attempt and the result
 *
 * In a storm a job is a small function: it sleeps 5 to 60 ms, says two events and gives back a text
 * made from its payload. Workers that are killed are started again, every other time in a new
 * folder, so that both ways home are used: the next life's sweep, and the end of the lease. Judged
 * exactly once means: every job is done, with the one right result; its last attempt's events are
 * there, in order and whole; and no two workers were told that their result of it was taken (their
 * logs). */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/prng.h"
#include "judge/jobs.h"
#include "judge/worker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS_MAX = 32, LEASE_MS = 400, LEARNERS = 40, LIMIT_MS = 1800000, CRASHES = 3 };

static void die(const char *what, const struct err *err)
{
    fprintf(stderr, "queue_chaos: %s: %s\n", what, err->text);
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the server ---- */

struct server {
    FILE *orders, *answers;
    char address[256];
};

static void server_start(struct server *s)
{
    int in[2], out[2];

    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        exit(1);
    if (fork() == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execl("/bin/sh", "sh", "tests/postgres.sh", (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s->orders = fdopen(in[1], "w");
    s->answers = fdopen(out[0], "r");
    if (fgets(s->address, sizeof(s->address), s->answers) == NULL ||
        strncmp(s->address, "ready ", 6) != 0) {
        fprintf(stderr, "queue_chaos: tests/postgres.sh: %s\n", s->address);
        exit(1);
    }
    memmove(s->address, s->address + 6, strlen(s->address + 6) + 1);
    snprintf(s->address + strcspn(s->address, "\n"), 10, "postgres");
}

static void server_crash(struct server *s)
{
    char line[64];

    fprintf(s->orders, "crash\n");
    fflush(s->orders);
    if (fgets(line, sizeof(line), s->answers) == NULL)
        exit(1);
}

/* ---- workers ---- */

struct storm {
    struct prng chance;
    struct server server;
    const char *db;
    char dir[64];
    uint32_t jobs, workers;
    struct member {
        pid_t pid;
        uint32_t folder; /* of its life now */
        int64_t wake_ms; /* stopped until then; 0: it runs */
    } members[WORKERS_MAX];
    uint32_t folders;
    uint32_t kills, stops, crashes;
    bool sqlite;
};

static int judge(const struct job *job, struct job_voice *v, void *owner, struct err *err)
{
    char text[64];

    (void)owner;
    (void)err;
    snprintf(text, sizeof(text), "one %u", job->attempt);
    job_voice_event(v, str_of(text));
    poll(NULL, 0, 5 + (int)(job->id * 7919 % 56));
    snprintf(text, sizeof(text), "two %u", job->attempt);
    job_voice_event(v, str_of(text));
    snprintf(text, sizeof(text), "judged %s", job->payload.data);
    job_voice_result(v, str_of(text));
    return 0;
}

static void member_start(struct storm *s, uint32_t i, bool new_folder)
{
    struct member *m = &s->members[i];

    if (new_folder)
        m->folder = s->folders++;
    m->wake_ms = 0;
    m->pid = fork();
    if (m->pid == 0) {
        char folder[100], log[120];
        struct err err = {.text = ""};
        struct worker_config config = {.db = s->db,
                                       .folder = folder,
                                       .jobs = 2,
                                       .lease_ms = LEASE_MS,
                                       .attempts_max = 1000,
                                       .back_off_ms = 1,
                                       .poll_ms = 100,
                                       .judge = judge};
        int status = ERR_AWAY;
        snprintf(folder, sizeof(folder), "%s/w%u", s->dir, m->folder);
        snprintf(log, sizeof(log), "%s/log-%u", s->dir, m->folder);
        config.log = fopen(log, "a");
        while (status == ERR_AWAY) /* as systemd would: it may be crashing just now */
            status = worker_run(&config, &err);
        if (status < 0)
            fprintf(stderr, "worker: %s\n", err.text);
        _exit(status < 0);
    }
}

static void hurt_somebody(struct storm *s)
{
    uint32_t i = (uint32_t)prng_below(&s->chance, s->workers);
    struct member *m = &s->members[i];

    if (m->wake_ms != 0)
        return;
    if (prng_chance(&s->chance, 0.6)) {
        kill(m->pid, SIGKILL);
        waitpid(m->pid, NULL, 0);
        s->kills++;
        member_start(s, i, s->kills % 2 == 0);
    } else {
        kill(m->pid, SIGSTOP);
        s->stops++;
        m->wake_ms = now_ms() + LEASE_MS + (int64_t)prng_below(&s->chance, 2 * LEASE_MS);
    }
}

static void wake(struct storm *s, bool everybody)
{
    uint32_t i;

    for (i = 0; i < s->workers; i++) {
        struct member *m = &s->members[i];
        if (m->wake_ms != 0 && (everybody || now_ms() >= m->wake_ms)) {
            kill(m->pid, SIGCONT);
            m->wake_ms = 0;
        }
    }
}

/* ---- before and after ---- */

static struct jobs *open_queue(const char *db)
{
    struct jobs_config config = {.waiting_max = 100000};
    struct jobs *q = NULL;
    struct err err = {.text = ""};

    if (jobs_open(db, &config, &q, &err) < 0)
        die("opening", &err);
    return q;
}

static void put_jobs(struct storm *s, struct jobs *q)
{
    struct err err = {.text = ""};
    uint32_t i;

    for (i = 0; i < s->jobs; i++) {
        char learner[32], payload[32];
        struct job_spec spec = {.learner = learner, .topic = "", .needs = ""};
        int64_t id;
        snprintf(learner, sizeof(learner), "learner %u", i % LEARNERS);
        snprintf(payload, sizeof(payload), "submission %u", i);
        spec.payload = str_of(payload);
        spec.priority = i % 3 == 0 ? JOB_REGRADE : JOB_INTERACTIVE;
        if (jobs_put(q, &spec, &id, &err) < 0)
            die("putting", &err);
        if (id != i + 1) {
            fprintf(stderr, "queue_chaos: job %u has the number %" PRId64 "\n", i, id);
            exit(1);
        }
    }
}

static uint32_t count_over(struct storm *s, struct jobs *q)
{
    struct err err = {.text = ""};
    struct jobs_counts c;
    int status = jobs_count(q, &c, &err);

    if (status == ERR_AWAY) {
        jobs_reconnect(q, &err);
        return 0;
    }
    if (status < 0)
        die("counting", &err);
    return s->jobs - (uint32_t)(c.queued + c.running);
}

struct heard {
    uint32_t count, attempt, of_attempt;
    bool wrong;
};

static void hear(void *owner, const struct job_event *e)
{
    struct heard *h = owner;
    char wanted[32];

    h->of_attempt = e->attempt != h->attempt ? 0 : h->of_attempt + 1;
    snprintf(wanted, sizeof(wanted), "%s %u", h->of_attempt == 0 ? "one" : "two", e->attempt);
    h->wrong |= e->number != h->count || e->attempt < h->attempt || !str_is(e->text, wanted);
    h->attempt = e->attempt;
    h->count++;
}

/* How often the logs say that a result of this job was taken. */
static void count_told(const struct storm *s, uint32_t *told)
{
    uint32_t i;

    for (i = 0; i < s->folders; i++) {
        char path[120], line[400];
        FILE *log;
        snprintf(path, sizeof(path), "%s/log-%u", s->dir, i);
        log = fopen(path, "r");
        while (log != NULL && fgets(line, sizeof(line), log) != NULL) {
            int64_t id;
            char word[32] = "";
            if (sscanf(line, "job %" SCNd64 " is judged %30s", &id, word) == 2 && id >= 1 &&
                id <= s->jobs)
                told[id]++;
        }
        if (log != NULL)
            fclose(log);
    }
}

static uint32_t check_jobs(struct storm *s, struct jobs *q)
{
    struct err err = {.text = ""};
    uint32_t *told = mem_zalloc((s->jobs + 1) * sizeof(*told));
    uint32_t attempts[12] = {0};
    uint32_t id, bad = 0;

    count_told(s, told);
    for (id = 1; id <= s->jobs; id++) {
        struct heard h = {.count = 0};
        struct job_view v = {.state = JOB_QUEUED};
        struct buf result = {0};
        char wanted[64];
        const char *why = NULL;
        snprintf(wanted, sizeof(wanted), "judged submission %u", id - 1);
        if (jobs_watch(q, id, 0, hear, &h, &v, &err) != 1)
            die("watching", &err);
        if (v.state != JOB_DONE)
            why = v.state == JOB_NOT_JUDGED ? v.why : "it is not done";
        else if (jobs_result(q, id, &result, &err) != 1 || strcmp(result.data, wanted) != 0)
            why = "its result is not the right one";
        else if (h.wrong || h.attempt != v.attempt || h.of_attempt != 1 || h.count != v.event_count)
            why = "its events are not in order";
        else if (told[id] > 1)
            why = "two workers were told that theirs is the result";
        if (why != NULL && bad++ < 10)
            printf("job %u: %s\n", id, why);
        attempts[v.attempt < 11 ? v.attempt : 11]++;
        buf_release(&result);
    }
    printf("attempts:");
    for (id = 1; id < 12; id++)
        if (attempts[id] > 0)
            printf(" %u of %u", attempts[id], id);
    printf("\n");
    mem_free(told);
    return bad;
}

static int storm(struct storm *s)
{
    struct err err = {.text = ""};
    char file[100];
    struct jobs *q;
    int64_t began, hurt_ms;
    uint32_t i, over = 0, hurt_at = 0, bad;

    snprintf(s->dir, sizeof(s->dir), "/tmp/eddy-storm-XXXXXX");
    if (mkdtemp(s->dir) == NULL)
        return 1;
    snprintf(file, sizeof(file), "%s/queue.db", s->dir);
    s->db = file;
    if (!s->sqlite) {
        server_start(&s->server);
        s->db = s->server.address;
    }
    q = open_queue(s->db);
    put_jobs(s, q);
    began = now_ms();
    for (i = 0; i < s->workers; i++)
        member_start(s, i, true);
    hurt_ms = began + 100;
    while (over < s->jobs && now_ms() - began < LIMIT_MS) {
        uint32_t seen = count_over(s, q);
        over = seen > over ? seen : over;
        wake(s, false);
        if (over >= hurt_at && now_ms() >= hurt_ms) {
            hurt_somebody(s);
            hurt_ms = now_ms() + 20 + (int64_t)prng_below(&s->chance, 130);
            hurt_at = over + 1; /* or workers on a slow machine would never get to work */
        }
        if (!s->sqlite && s->crashes < CRASHES &&
            over > (s->crashes + 1) * s->jobs / (CRASHES + 1)) {
            s->crashes++;
            server_crash(&s->server);
        }
        poll(NULL, 0, 10);
    }
    printf("%u of %u jobs over after %.1f s; %u x kill -9, %u x SIGSTOP beyond the lease, %u "
           "crashes of "
           "the database\n",
           over, s->jobs, (double)(now_ms() - began) / 1000, s->kills, s->stops, s->crashes);
    wake(s, true);
    for (i = 0; i < s->workers; i++)
        kill(s->members[i].pid, SIGTERM);
    for (i = 0; i < s->workers; i++) {
        int end = 0;
        waitpid(s->members[i].pid, &end, 0);
        if (end != 0)
            printf("worker %u ended with status %d\n", i, end);
    }
    bad = check_jobs(s, q);
    printf("judged exactly once: %u of %u\n", s->jobs - bad, s->jobs);
    jobs_close(q);
    if (!s->sqlite) {
        fclose(s->server.orders);
        wait(NULL);
    }
    file_remove_tree(s->dir, &err);
    return bad > 0;
}

/* ---- the small commands ---- */

static int put_file(const char *db, const char *path)
{
    struct err err = {.text = ""};
    struct jobs *q = open_queue(db);
    struct buf text = {0};
    struct job_spec spec = {.learner = "", .topic = "", .needs = ""};
    int64_t id;

    if (file_read(path, JOB_PAYLOAD_MAX, &text, &err) < 0)
        die("reading", &err);
    spec.payload = buf_str(&text);
    if (jobs_put(q, &spec, &id, &err) < 0)
        die("putting", &err);
    printf("%" PRId64 "\n", id);
    buf_release(&text);
    jobs_close(q);
    return 0;
}

static int wait_for(const char *db, int64_t id)
{
    static const char *const words[] = {"queued", "running", "done", "cancelled", "not judged"};
    struct err err = {.text = ""};
    struct jobs *q = open_queue(db);
    struct buf result = {0};
    struct job_view v = {.state = JOB_QUEUED};
    int64_t began = now_ms();

    do {
        if (jobs_view(q, id, &v, &err) < 0)
            die("looking", &err);
        poll(NULL, 0, 5);
    } while (v.over_ms == 0 && now_ms() - began < LIMIT_MS);
    printf("%s %u %s\n", words[v.state], v.attempt, v.why);
    if (jobs_result(q, id, &result, &err) == 1)
        printf("%s\n", result.data);
    buf_release(&result);
    jobs_close(q);
    return v.over_ms == 0;
}

int main(int argc, char **argv)
{
    struct storm s = {.jobs = 600, .workers = 8};
    uint64_t seed = 1;
    int i;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 4 && strcmp(argv[1], "put") == 0)
        return put_file(argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "wait") == 0)
        return wait_for(argv[2], strtoll(argv[3], NULL, 10));
    if (argc < 2 || strcmp(argv[1], "storm") != 0)
        return 2;
    for (i = 2; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--sqlite") == 0)
            s.sqlite = true;
        else if (strcmp(argv[i], "--jobs") == 0 && more)
            s.jobs = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--workers") == 0 && more)
            s.workers = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && more)
            seed = strtoull(argv[++i], NULL, 10);
        else
            return 2;
    }
    if (s.workers < 1 || s.workers > WORKERS_MAX)
        return 2;
    prng_init(&s.chance, seed, "storm");
    return storm(&s);
}
