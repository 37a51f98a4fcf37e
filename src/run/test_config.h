/* test_config.h - from the options of `eddy test` to the run that they ask for. */
#ifndef RUN_TEST_CONFIG_H
#define RUN_TEST_CONFIG_H

#include "run.h"
#include "test_options.h"

/* What is run, found and read; borrowed. */
struct test_subject {
    const char *name; /* of the folder in the store */
    const char *scenario_path;
    struct str scenario;
    const char *program;
};

struct test_config {
    struct run_config run; /* dir is the caller's to set */
    json_t *options;
    char **argv;
};

/* Borrows from options and subject, which must outlive it. */
void test_config_init(struct test_config *c, const struct test_options *o,
                      const struct test_subject *subject, uint64_t seed);
void test_config_release(struct test_config *c);

#endif
