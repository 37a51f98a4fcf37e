#include "outcome.h"

#include "../base/str.h"
#include "../report/run_files.h"
#include "commands.h"

#include <string.h>

int outcome_exit_status(enum valid v)
{
    return v == VALID_TRUE ? EXIT_VALID : v == VALID_FALSE ? EXIT_INVALID : EXIT_UNKNOWN;
}

int outcome_write(const struct run_config *config, const struct run_result *result,
                  const char *command, json_t **ret_results, struct err *err)
{
    return run_files_write(config, result, command, ret_results, err);
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
