/* Threads that wait for each other, with and without timeouts. */
#include "measure.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static int turns;

static void *sleep_50(void *unused)
{
    usleep(50000);
    return unused;
}

static void joins(void)
{
    struct timespec t;
    pthread_t thread;

    begin();
    pthread_create(&thread, NULL, sleep_50, NULL);
    pthread_join(thread, NULL);
    end("join");
    pthread_create(&thread, NULL, sleep_50, NULL);
    t = in_ms(CLOCK_REALTIME, 20);
    begin();
    say("timed join", pthread_timedjoin_np(thread, NULL, &t) == ETIMEDOUT);
    end("timed join");
    pthread_join(thread, NULL);
    end("join after it");
}

static void *post_30(void *unused)
{
    usleep(30000);
    sem_post(&semaphore);
    return unused;
}

static void semaphores(void)
{
    struct timespec t;
    pthread_t thread;

    sem_init(&semaphore, 0, 0);
    pthread_create(&thread, NULL, post_30, NULL);
    begin();
    sem_wait(&semaphore);
    end("sem_wait");
    pthread_join(thread, NULL);
    t = in_ms(CLOCK_REALTIME, 22);
    begin();
    sem_timedwait(&semaphore, &t);
    end("sem_timedwait");
    t = in_ms(CLOCK_REALTIME, -5);
    begin();
    say("a moment in the past", sem_timedwait(&semaphore, &t) == -1 && errno == ETIMEDOUT);
    end("sem_timedwait in the past");
}

static void *hold_60(void *unused)
{
    pthread_mutex_lock(&mutex);
    usleep(60000);
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void *hold_rwlock(void *unused)
{
    pthread_rwlock_wrlock(&rwlock);
    usleep(100000);
    pthread_rwlock_unlock(&rwlock);
    return unused;
}

static void locks(void)
{
    struct timespec t;
    pthread_t thread;

    pthread_create(&thread, NULL, hold_60, NULL);
    usleep(10000);
    begin();
    pthread_mutex_lock(&mutex);
    end("lock a held mutex");
    pthread_join(thread, NULL);
    t = in_ms(CLOCK_REALTIME, 21);
    begin();
    pthread_mutex_timedlock(&mutex, &t);
    end("mutex_timedlock");
    pthread_mutex_unlock(&mutex);
    pthread_create(&thread, NULL, hold_rwlock, NULL);
    usleep(1000);
    t = in_ms(CLOCK_REALTIME, 19);
    begin();
    pthread_rwlock_timedrdlock(&rwlock, &t);
    end("rwlock_timedrdlock");
    pthread_join(thread, NULL);
}

static void *signal_18(void *unused)
{
    usleep(18000);
    pthread_mutex_lock(&mutex);
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void conditions(void)
{
    pthread_condattr_t attr;
    pthread_cond_t monotonic;
    struct timespec t;
    pthread_t thread;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&monotonic, &attr);
    pthread_mutex_lock(&mutex);
    t = in_ms(CLOCK_REALTIME, 23);
    begin();
    pthread_cond_timedwait(&cond, &mutex, &t);
    end("cond_timedwait, wall");
    t = in_ms(CLOCK_MONOTONIC, 24);
    begin();
    pthread_cond_timedwait(&monotonic, &mutex, &t);
    end("cond_timedwait, monotonic");
    pthread_create(&thread, NULL, signal_18, NULL);
    t = in_ms(CLOCK_REALTIME, 5000);
    begin();
    say("cond_timedwait signalled", pthread_cond_timedwait(&cond, &mutex, &t));
    end("cond_timedwait signalled");
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
}

static int words[2];

static long futex(int *word, int operation, int value, void *timeout, int *word2, int value3)
{
    return syscall(SYS_futex, word, operation, value, timeout, word2, value3);
}

static void *wait_on_word(void *result)
{
    *(long *)result = futex(&words[0], FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    return NULL;
}

/* The system call itself, as runtimes without a C library use it. */
static void futexes(void)
{
    struct timespec t = for_ms(17);
    long results[6];
    pthread_t threads[6];
    int i;

    begin();
    say("futex times out",
        futex(&words[0], FUTEX_WAIT, 0, &t, NULL, 0) == -1 && errno == ETIMEDOUT);
    end("futex times out");
    say("futex finds another value",
        futex(&words[0], FUTEX_WAIT, 1, &t, NULL, 0) == -1 && errno == EAGAIN);
    t = in_ms(CLOCK_MONOTONIC, 14);
    begin();
    say("futex bitset",
        futex(&words[0], FUTEX_WAIT_BITSET_PRIVATE, 0, &t, NULL, 6) == -1 && errno == ETIMEDOUT);
    end("futex bitset");
    for (i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, wait_on_word, &results[i]);
    usleep(1000);
    say("futex wakes", futex(&words[0], FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0));
    say("futex requeues", futex(&words[0], FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2, &words[1], 0));
    say("futex says that the word changed",
        futex(&words[0], FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2, &words[1], 9) == -1 &&
            errno == EAGAIN);
    say("futex wakes the requeued", futex(&words[1], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    /* words[0] += 3; wakes its one waiter, and one of words[1] since words[0] was 0 */
    say("futex changes and wakes", futex(&words[1], FUTEX_WAKE_OP_PRIVATE, 9, (void *)9, &words[0],
                                         FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 0)));
    say("futex changed the word", words[0]);
    for (i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    say("futex woken", results[0] == 0 && results[5] == 0);
}

static void *hundred_barriers(void *unused)
{
    int i;

    for (i = 0; i < 100; i++)
        pthread_barrier_wait(&barrier);
    return unused;
}

/* Broadcast moves waiters from the condition to the mutex (requeue in older C libraries). */
static void *wait_turn(void *unused)
{
    pthread_mutex_lock(&mutex);
    turns++;
    pthread_cond_wait(&cond, &mutex);
    turns--;
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void crowds(void)
{
    pthread_t threads[20];
    int i;

    pthread_barrier_init(&barrier, NULL, 3);
    begin();
    for (i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, hundred_barriers, NULL);
    hundred_barriers(NULL);
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    end("100 barriers of 3");
    for (i = 0; i < 20; i++)
        pthread_create(&threads[i], NULL, wait_turn, NULL);
    usleep(1000);
    say("waiting", turns);
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&mutex);
    for (i = 0; i < 20; i++)
        pthread_join(threads[i], NULL);
    say("waiting after the broadcast", turns);
    begin();
    for (i = 0; i < 10; i++)
        sched_yield();
    end("a few yields");
}

/* A thread that looks at the clock until it has moved. */
static void spin(void)
{
    long long until = now_ns(CLOCK_MONOTONIC) + 20000000;

    while (now_ns(CLOCK_MONOTONIC) < until)
        ;
    say("spinning ends", 1);
}

static void *set_flag(void *flag)
{
    usleep(10000);
    *(volatile int *)flag = 1;
    return NULL;
}

static void spin_on_flag(void)
{
    volatile int flag = 0;
    pthread_t thread;

    pthread_create(&thread, NULL, set_flag, (void *)&flag);
    while (!flag)
        sched_yield();
    pthread_join(thread, NULL);
    say("yielding ends", 1);
}

int main(void)
{
    joins();
    semaphores();
    locks();
    conditions();
    futexes();
    crowds();
    spin();
    spin_on_flag();
    return 0;
}
