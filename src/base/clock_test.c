#include "clock.h"

#include "test.h"

#include <time.h>

TEST(it_counts_nanoseconds_and_never_goes_back)
{
    struct timespec nap = {.tv_nsec = 2000000};
    int64_t before = clock_real_ns(), after;

    nanosleep(&nap, NULL);
    after = clock_real_ns();
    CHECK(after - before >= 2000000);
    CHECK(clock_real_ns() >= after);
}
