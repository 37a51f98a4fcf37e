/* test_words.h - options back to words: what to type to have a run again. */
#ifndef RUN_TEST_WORDS_H
#define RUN_TEST_WORDS_H

#include <stdint.h>

struct buf;
struct test_options;

/* Appends "eddy test ..." for one run with this seed, as a shell reads it. Names every option whose
 * value is not the default, but those about many runs, logs and JSON. Reading the words gives the
 * same run. */
void test_words(const struct test_options *o, uint64_t seed, struct buf *out);

#endif
