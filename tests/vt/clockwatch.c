/* Says on each of its own seconds what its clocks show, as seconds since its start, and answers
 * each line with the time; "until" waits for a wall-clock time 10 s after the start. */
#include "measure.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    long long mono = now_ns(CLOCK_MONOTONIC), wall = now_ns(CLOCK_REALTIME), next = mono;
    char line[100];

    if (argc > 1 && strcmp(argv[1], "until") == 0) {
        struct timespec t = in_ms(CLOCK_REALTIME, 10000);

        clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL);
        say("woken after ms", (now_ns(CLOCK_MONOTONIC) - mono) / 1000000);
        return 0;
    }
    for (;;) {
        struct pollfd in = {0, POLLIN, 0};
        long long left = next + 1000000000 - now_ns(CLOCK_MONOTONIC);

        if (poll(&in, 1, left > 0 ? (int)((left + 999999) / 1000000) : 0) > 0) {
            if (fgets(line, sizeof(line), stdin) == NULL)
                return 0;
            printf("heard %s", line);
        } else {
            next += 1000000000;
        }
        printf("%lld %lld\n", (now_ns(CLOCK_MONOTONIC) - mono) / 1000000,
               (now_ns(CLOCK_REALTIME) - wall) / 1000000);
        fflush(stdout);
    }
}
