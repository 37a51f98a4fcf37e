/* libpq can connect without blocking (PQconnectPoll), but somebody must call it again at each step,
 * and it still asks for the server's address by a call that waits. A server on the web that asks
 * when somebody comes along would tell everybody "not yet" until enough of them have come. So a
 * thread does it, at its leisure, by the same call as everybody else's.
 *
 *     idle --take()--> dialing --connected--> ready --take()--> idle
 *                      |     ^
 *                      +-----+ not reached: again after RETRY_MS
 *
 * Nobody waits for that thread, not even pg_dial_free(): to be told that a server does not answer
 * takes 5 s. So the struct belongs to both, and whoever leaves last frees it. */
#include "postgres_dial.h"

#include "../base/err.h"
#include "../base/mem.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

enum { RETRY_MS = 250 };

struct pg_dial {
    struct pg_link link; /* the thread's while it dials; texts owned */
    pthread_mutex_t lock;
    pthread_cond_t left;
    bool dialing, owned; /* under the lock: who may still look at this */
    PGconn *ready;       /* under the lock */
};

struct pg_dial *pg_dial_new(const struct pg_link *link)
{
    struct pg_dial *d = mem_zalloc(sizeof(*d));
    pthread_condattr_t monotonic;

    d->link = (struct pg_link){.address = mem_strdup(link->address),
                               .title = mem_strdup(link->title),
                               .patience_ms = link->patience_ms,
                               .brief = link->brief};
    d->owned = true;
    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&d->left, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return d;
}

static void destroy(struct pg_dial *d)
{
    PQfinish(d->ready);
    pg_link_drop(&d->link);
    mem_free(d->link.address);
    mem_free((char *)d->link.title);
    pthread_cond_destroy(&d->left);
    pthread_mutex_destroy(&d->lock);
    mem_free(d);
}

/* Until it is time to try again, or nobody wants it any more. Under the lock. */
static void rest(struct pg_dial *d)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += RETRY_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    while (d->owned && pthread_cond_timedwait(&d->left, &d->lock, &until) == 0)
        continue;
}

static void *dial(void *arg)
{
    struct pg_dial *d = arg;
    struct err ignored;
    bool last;

    pthread_mutex_lock(&d->lock);
    while (d->owned && d->ready == NULL) {
        pthread_mutex_unlock(&d->lock);
        if (pg_link_connect(&d->link, &ignored) < 0)
            pg_link_drop(&d->link);
        pthread_mutex_lock(&d->lock);
        d->ready = d->link.conn;
        d->link.conn = NULL;
        if (d->ready == NULL)
            rest(d);
    }
    d->dialing = false;
    last = !d->owned;
    pthread_mutex_unlock(&d->lock);
    if (last)
        destroy(d);
    return NULL;
}

/* Where there is no room for a thread, the next call tries again. Under the lock. */
static void begin(struct pg_dial *d)
{
    pthread_attr_t attr;
    pthread_t thread;

    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    d->dialing = pthread_create(&thread, &attr, dial, d) == 0;
    pthread_attr_destroy(&attr);
}

PGconn *pg_dial_take(struct pg_dial *d)
{
    PGconn *conn;

    pthread_mutex_lock(&d->lock);
    conn = d->ready;
    d->ready = NULL;
    if (conn == NULL && !d->dialing)
        begin(d);
    pthread_mutex_unlock(&d->lock);
    return conn;
}

void pg_dial_free(struct pg_dial *d)
{
    bool last;

    if (d == NULL)
        return;
    pthread_mutex_lock(&d->lock);
    d->owned = false;
    last = !d->dialing;
    pthread_cond_signal(&d->left);
    pthread_mutex_unlock(&d->lock);
    if (last)
        destroy(d);
}
