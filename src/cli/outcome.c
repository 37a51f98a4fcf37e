#include "outcome.h"

#include "../base/str.h"
#include "commands.h"

#include <string.h>

int outcome_exit_status(enum valid v)
{
    return v == VALID_TRUE ? EXIT_VALID : v == VALID_FALSE ? EXIT_INVALID : EXIT_UNKNOWN;
}

void outcome_add_word(struct buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./,:=+@%";

    if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
        buf_add_text(out, word);
        return;
    }
    buf_add_char(out, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            buf_add_text(out, "'\\''");
        else
            buf_add_char(out, *word);
    }
    buf_add_char(out, '\'');
}
