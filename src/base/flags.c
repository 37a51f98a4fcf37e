#include "flags.h"

#include "err.h"
#include "str.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LEN = 64, DISTANCE_MAX = 3 };

void flags_init(struct flags *f, const struct flag *table, char *const *argv)
{
    *f = (struct flags){.table = table, .argv = argv};
}

/* How many letters must be put in, left out or changed to get from a to b (Levenshtein 1966). */
static size_t distance(const char *a, size_t a_len, const char *b)
{
    size_t row[NAME_MAX_LEN + 1];
    size_t b_len = strlen(b);
    size_t i;
    size_t j;

    if (a_len > NAME_MAX_LEN || b_len > NAME_MAX_LEN)
        return NAME_MAX_LEN;
    for (j = 0; j <= b_len; j++)
        row[j] = j;
    for (i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (j = 1; j <= b_len; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b_len];
}

static int unknown(const struct flags *f, const char *word, size_t name_len, struct err *err)
{
    const struct flag *nearest = NULL;
    size_t nearest_distance = DISTANCE_MAX + 1;
    const struct flag *flag;

    for (flag = f->table; flag->name != NULL; flag++) {
        size_t d = distance(word + 2, name_len, flag->name);
        if (d < nearest_distance) {
            nearest = flag;
            nearest_distance = d;
        }
    }
    if (nearest != NULL)
        return err_set(err, ERR_INPUT, "there is no option %.*s; did you mean --%s?",
                       (int)name_len + 2, word, nearest->name);
    return err_set(
        err, ERR_INPUT,
        "there is no option %.*s; --help lists all. Words for your program that begin with "
        "a dash go after a single --",
        (int)name_len + 2, word);
}

static int found(struct flags *f, int index, const char *inline_value, const char **ret_value,
                 struct err *err)
{
    const struct flag *flag = &f->table[index];

    *ret_value = inline_value;
    if (flag->value == NULL && inline_value != NULL)
        return err_set(err, ERR_INPUT, "--%s takes no value", flag->name);
    if (flag->value != NULL && inline_value == NULL) {
        if (f->argv[0] == NULL)
            return err_set(err, ERR_INPUT, "--%s needs a value: %s", flag->name, flag->value);
        *ret_value = *f->argv++;
    }
    return index;
}

static int long_option(struct flags *f, const char *word, const char **ret_value, struct err *err)
{
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) - 2 : strlen(word + 2);
    int i;

    for (i = 0; f->table[i].name != NULL; i++)
        if (strlen(f->table[i].name) == len && memcmp(f->table[i].name, word + 2, len) == 0)
            return found(f, i, equals != NULL ? equals + 1 : NULL, ret_value, err);
    return unknown(f, word, len, err);
}

static int short_option(struct flags *f, const char *word, const char **ret_value, struct err *err)
{
    int i;

    for (i = 0; f->table[i].name != NULL; i++)
        if (f->table[i].letter != 0 && f->table[i].letter == word[1])
            return found(f, i, word[2] != '\0' ? word + 2 : NULL, ret_value, err);
    return err_set(
        err, ERR_INPUT,
        "there is no option %s; --help lists all. Words for your program that begin with a "
        "dash go after a single --",
        word);
}

int flags_next(struct flags *f, const char **ret_value, struct err *err)
{
    const char *word = f->argv[0];

    if (word == NULL)
        return FLAGS_END;
    f->argv++;
    if (!f->only_words && strcmp(word, "--") == 0) {
        f->only_words = 1;
        return flags_next(f, ret_value, err);
    }
    if (!f->only_words && strncmp(word, "--", 2) == 0)
        return long_option(f, word, ret_value, err);
    if (!f->only_words && word[0] == '-' && word[1] != '\0')
        return short_option(f, word, ret_value, err);
    *ret_value = word;
    return FLAGS_WORD;
}

void flags_print_help(const struct flag *table)
{
    for (; table->name != NULL; table++) {
        char left[80];
        int len;
        if (table->help == NULL)
            continue;
        if (table->letter != 0)
            len = snprintf(left, sizeof(left), "-%c, --%s", table->letter, table->name);
        else
            len = snprintf(left, sizeof(left), "    --%s", table->name);
        if (table->value != NULL && len < (int)sizeof(left))
            snprintf(left + len, sizeof(left) - (size_t)len, " %s", table->value);
        printf("  %-34s %s\n", left, table->help);
    }
}

void flags_add_word(struct buf *out, const char *word)
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
