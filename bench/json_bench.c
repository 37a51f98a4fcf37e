/* What checking one message line costs. Prints nanoseconds per line for typical lines. */
#include "base/err.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const lines[] = {
    "{\"src\":\"n1\",\"dest\":\"n2\",\"body\":{\"type\":\"gossip\",\"msg_id\":17,"
    "\"values\":[1,2,3]}}",
    "{\"src\":\"n1\",\"dest\":\"c2\",\"body\":{\"type\":\"txn_ok\",\"msg_id\":3301,\"in_reply_to\":"
    "88,\"txn\":[[\"append\",9,12],[\"r\",7,[1,2,3,4,5,6]],[\"append\",8,1]]}}",
    "{\"src\": \"n1\", \"dest\": \"n2\", \"body\": {\"type\": \"append_entries\", \"term\": 4, "
    "\"leader_id\": \"n1\", \"prev_log_index\": 512, \"prev_log_term\": 4, \"entries\": [], "
    "\"leader_commit\": 511}}",
    "{\"src\":\"n1\",\"dest\":\"n2\",\"body\":{\"type\":\"store\",\"value\":\"a text of a length "
    "that is usual for values which people write, with \\\"escapes\\\" and an \xc3\xa4\"}}",
};

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The fastest of several rounds: what the machine does beside it only ever adds. */
static double measure(struct str line, long rounds)
{
    double best = 1e18;
    int part;

    for (part = 0; part < 10; part++) {
        double start = now_ns();
        double spent;
        long i;
        for (i = 0; i < rounds; i++) {
            struct json_envelope e;
            struct err err;
            if (json_envelope(line, &e, &err) < 0) {
                fprintf(stderr, "json_bench: %s\n", err.text);
                exit(1);
            }
        }
        spent = (now_ns() - start) / (double)rounds;
        if (spent < best)
            best = spent;
    }
    return best;
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? atol(argv[1]) : 200000;
    size_t i;

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct str line = str_of(lines[i]);
        printf("json_envelope %4zu bytes %7.1f ns\n", line.len, measure(line, rounds));
    }
    return 0;
}
