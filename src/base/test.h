/* test.h - how a test reads: TEST(name_of_the_promise) { CHECK(condition); }
 *
 * Tests register themselves and are run by test_main.c through cmocka, in the order they stand
 * in the file. Only files called *_test.c include this header. */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

void test_register(const char *name, void (*body)(void **state));

#define TEST(name)                                                                                 \
    static void name(void **state);                                                                \
    __attribute__((constructor)) static void register_##name(void)                                 \
    {                                                                                              \
        test_register(#name, name);                                                                \
    }                                                                                              \
    static void name(void **state __attribute__((unused)))

#define CHECK(condition) assert_true(condition)
#define CHECK_INT(got, wanted) assert_int_equal((got), (wanted))
#define CHECK_TEXT(got, wanted) assert_string_equal((got), (wanted))
/* That the text got contains the text part. */
#define CHECK_HAS(got, part)                                                                       \
    do {                                                                                           \
        if (strstr((got), (part)) == NULL)                                                         \
            fail_msg("\"%s\" does not contain \"%s\"", (got), (part));                             \
    } while (0)

#endif
