/* Eight threads become able to run at the same moment; prints who came first. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_barrier_t barrier;
static int place[8], count;

static void *runner(void *at)
{
    pthread_barrier_wait(&barrier);
    usleep(1000);
    place[count++] = (int)((int *)at - place);
    return NULL;
}

int main(void)
{
    pthread_t threads[8];
    int i;

    pthread_barrier_init(&barrier, NULL, 8);
    for (i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, runner, &place[i]);
    for (i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    for (i = 0; i < 8; i++)
        printf("%d", place[i]);
    puts("");
    return 0;
}
