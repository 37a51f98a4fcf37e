/* json_lines.c - each line of the input as parser and printer have it, or "refused".
 * tests/kits/json_cases.py asks. */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;

    while ((len = getline(&line, &size, stdin)) > 0) {
        struct json *v = json_parse(line, (size_t)len - 1);

        puts(v != NULL ? json_show(v) : "refused");
        json_reset();
    }
    free(line);
    return 0;
}
