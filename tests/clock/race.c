/* race.c - two threads race to write down their letter; or, with an argument, chance is drawn. */
#include "node.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

enum { ROUNDS = 20 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char order[2 * ROUNDS + 1];
static int len;

static void *write_letters(void *letter)
{
    int i;

    for (i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        order[len++] = *(const char *)letter;
        pthread_mutex_unlock(&lock);
        sched_yield();
    }
    return NULL;
}

static void race(void)
{
    char letters[] = "ab";
    pthread_t threads[2];
    int i;

    len = 0;
    memset(order, 0, sizeof(order));
    for (i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, write_letters, &letters[i]);
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    node_log("%s", order);
}

static int draws;

static void on_echo(const struct message *m)
{
    if (draws)
        node_log("drawn %llu", (unsigned long long)node_random());
    else
        race();
    node_reply(m, "echo_ok", "echo", json_get(m->body, "echo"), NULL);
}

int main(int argc, char **argv)
{
    draws = argc > 1 && strcmp(argv[1], "chance") == 0;
    node_on("echo", on_echo);
    return node_run();
}
