#include "fates.h"

#include "../base/test.h"
#include "../sim/world.h"

static void add_one(void *owner, const struct message *m, struct message_fate *fate)
{
    (void)m;
    fate->delay_ns[0] += *(int64_t *)owner;
}

static void twice_as_long(void *owner, const struct message *m, struct message_fate *fate)
{
    (void)owner, (void)m;
    fate->delay_ns[0] *= 2;
}

TEST(each_sees_what_the_earlier_ones_left)
{
    struct fates f = {0};
    struct message_fate fate = {.copies = 1, .delay_ns = {10}};
    int64_t one = 1;

    fates_decide(&f, NULL, &fate);
    CHECK_INT(fate.delay_ns[0], 10);
    fates_add(&f, add_one, &one);
    fates_add(&f, twice_as_long, NULL);
    fates_decide(&f, NULL, &fate);
    CHECK_INT(fate.delay_ns[0], 22);
}
