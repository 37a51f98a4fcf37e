/* Hashing a password takes a tenth of a second by design, and another server may take ten: all
 * readers would wait, since one thread answers. So the connection sleeps, a thread of its own
 * works, and when it is done it wakes the connection; libmicrohttpd then calls server.c for it once
 * more, which lets answer() speak.
 *
 *     handler --later_start--> asleep, working --work() returned--> awake --later_answer--> sent
 *
 * Rules: 1. The thread sees nothing but owner. 2. A connection that sleeps is not looked at by
 * libmicrohttpd, so it cannot end before the thread has woken it; therefore the thread may hold on
 * to it. 3. So many work at once and no more: each may want 64 MB for a hash. A queue of those who
 * wait was tried in thought and dropped: whoever waits for long tries again, and then waits twice.
 */
#include "server_parts.h"

#include "../base/mem.h"

struct later {
    struct server *server;
    struct MHD_Connection *connection;
    struct response_later what;
};

static void give_place_back(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    if (--s->later_count == 0)
        pthread_cond_broadcast(&s->idle);
    pthread_mutex_unlock(&s->lock);
}

static void *work(void *arg)
{
    struct later *l = arg;
    struct server *s = l->server;

    l->what.work(l->what.owner);
    MHD_resume_connection(l->connection); /* from here on l may be gone */
    give_place_back(s);
    return NULL;
}

static bool take_place(struct server *s)
{
    bool free_place;

    pthread_mutex_lock(&s->lock);
    free_place = s->later_count < SERVER_LATER_MAX && !s->stopping;
    s->later_count += free_place;
    pthread_mutex_unlock(&s->lock);
    return free_place;
}

static bool begin(struct later *l)
{
    pthread_attr_t attr;
    pthread_t thread;
    bool begun;

    MHD_suspend_connection(l->connection); /* before the thread can wake it */
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    begun = pthread_create(&thread, &attr, work, l) == 0;
    pthread_attr_destroy(&attr);
    if (!begun)
        MHD_resume_connection(l->connection);
    return begun;
}

struct later *later_start(struct server *s, struct MHD_Connection *c, struct response *r)
{
    struct later *l;

    if (take_place(s)) {
        l = mem_alloc(sizeof(*l));
        *l = (struct later){s, c, r->later};
        r->later = (struct response_later){NULL, NULL, NULL, NULL};
        if (begin(l))
            return l;
        give_place_back(s);
        later_free(l);
    }
    response_release(r);
    *r = (struct response){.status = 0};
    response_problem(r, 503, "The server has too much to do just now; please try again soon.");
    return NULL;
}

int later_answer(struct later *l, const struct site *site, struct response *r, struct err *err)
{
    int status = l->what.answer(l->what.owner, site, r, err);

    later_free(l);
    return status;
}

void later_free(struct later *l)
{
    if (l == NULL)
        return;
    if (l->what.free != NULL)
        l->what.free(l->what.owner);
    mem_free(l);
}

void later_wait(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    while (s->later_count > 0)
        pthread_cond_wait(&s->idle, &s->lock);
    pthread_mutex_unlock(&s->lock);
}
