/* The main() of every unit test program. With an argument, only tests whose name contains it. */
#include "mem.h"
#include "test.h"

#include <stdio.h>

static struct CMUnitTest *tests;
static size_t test_count;
static size_t test_cap;

void test_register(const char *name, void (*body)(void **state))
{
    tests = mem_grow(tests, &test_cap, test_count + 1, sizeof(*tests));
    tests[test_count++] = (struct CMUnitTest){name, body, NULL, NULL, NULL};
}

int main(int argc, char **argv)
{
    size_t kept = 0;
    size_t i;
    int failed;

    for (i = 0; i < test_count; i++)
        if (argc < 2 || strstr(tests[i].name, argv[1]) != NULL)
            tests[kept++] = tests[i];
    if (kept == 0) { /* or a misspelt name would look like success */
        fprintf(stderr, "%s: no test has such a name\n", argv[0]);
        mem_free(tests);
        return 1;
    }
    failed = _cmocka_run_group_tests(argv[0], tests, kept, NULL, NULL);
    mem_free(tests);
    return failed != 0;
}
