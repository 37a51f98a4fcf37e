#include "settler.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../judge/handins.h"
#include "../judge/jobs.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

enum { PAUSE_S = 1, AWAY_S = 5, FORGET_TURNS = 3600 };

struct settler {
    struct jobs *jobs;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping; /* under the lock */
};

/* Until it is time, or the end. True: go on. */
static bool pause_for(struct settler *s, int seconds)
{
    struct timespec until;
    bool on;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping && pthread_cond_timedwait(&s->wake, &s->lock, &until) == 0)
        continue;
    on = !s->stopping;
    pthread_mutex_unlock(&s->lock);
    return on;
}

static void *settle(void *arg)
{
    struct settler *s = arg;
    struct err err = {.text = ""};
    uint32_t turns = 0;
    bool away = false;
    int status;

    do {
        status = away ? jobs_reconnect(s->jobs, &err) : handins_settle(s->jobs, &err);
        if (status >= 0 && turns++ % FORGET_TURNS == 0)
            status = jobs_forget(s->jobs, &err); /* workers may not be allowed to */
        if (status < 0 && !away)
            fprintf(stderr, "%s\n", err.text);
        away = status < 0;
    } while (pause_for(s, away ? AWAY_S : PAUSE_S));
    return NULL;
}

int settler_start(const char *db, struct settler **ret_settler, struct err *err)
{
    struct settler *s = mem_zalloc(sizeof(*s));
    struct jobs_config config = {.worker = NULL};
    pthread_condattr_t monotonic;
    int status = jobs_open(db, &config, &s->jobs, err);

    if (status < 0) {
        mem_free(s);
        return status;
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&s->thread, NULL, settle, s) != 0) {
        jobs_close(s->jobs);
        mem_free(s);
        return err_set(err, ERR_MACHINE, "no thread for what is over");
    }
    *ret_settler = s;
    return 0;
}

void settler_stop(struct settler *s)
{
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    jobs_close(s->jobs);
    mem_free(s);
}
