#include "checker.h"

#include "availability.h"
#include "bank.h"
#include "counter.h"
#include "echo.h"
#include "kafka.h"
#include "linearizable.h"
#include "long_fork.h"
#include "perf.h"
#include "sequential.h"
#include "session.h"
#include "set_full.h"
#include "stats.h"
#include "total_queue.h"
#include "txn_check.h"
#include "unique_ids.h"

#include "../base/err.h"
#include "../base/str.h"

#include <string.h>

static const struct checker *const checkers[] = {
    &echo_checker,         &unique_ids_checker, &set_full_checker,     &counter_checker,
    &kafka_checker,        &stats_checker,      &availability_checker, &perf_checker,
    &linearizable_checker, &sequential_checker, &session_checker,      &list_append_checker,
    &rw_register_checker,  &bank_checker,       &long_fork_checker,    &total_queue_checker,
};

const struct checker *checker_at(size_t index)
{
    return index < sizeof(checkers) / sizeof(checkers[0]) ? checkers[index] : NULL;
}

const struct checker *checker_find(const char *name)
{
    const struct checker *c;
    size_t i;

    for (i = 0; (c = checker_at(i)) != NULL; i++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static bool is_texts(const json_t *value)
{
    size_t i;

    if (json_is_object(value))
        return json_object_size(value) == 0;
    if (!json_is_array(value))
        return false;
    for (i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return false;
    return true;
}

static bool is_of_kind(const json_t *value, unsigned kinds)
{
    return json_is_null(value) || ((kinds & OPTION_FLAG) && json_is_boolean(value)) ||
           ((kinds & OPTION_NUMBER) && json_is_number(value)) ||
           ((kinds & OPTION_TEXT) && json_is_string(value)) ||
           ((kinds & OPTION_TEXTS) && is_texts(value)) || (kinds & OPTION_VALUE);
}

/* "a number or a text" */
static void describe_kinds(unsigned kinds, struct buf *out)
{
    static const char *const names[] = {"true or false", "a number", "a text", "a list of texts",
                                        "any value"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!(kinds & 1u << i))
            continue;
        buf_add_text(out, out->len > 0 ? " or " : "");
        buf_add_text(out, names[i]);
    }
}

static int wrong_kind(const struct checker *c, const struct checker_option *o, struct err *err)
{
    struct buf wanted = {0};

    describe_kinds(o->kinds, &wanted);
    err_set(err, ERR_INPUT, "checker %s: option %s must be %s", c->name, o->name,
            buf_str(&wanted).data);
    buf_release(&wanted);
    return ERR_INPUT;
}

static int unknown_option(const struct checker *c, const char *name, struct err *err)
{
    const struct checker_option *o;
    struct buf known = {0};

    for (o = c->options; o != NULL && o->name != NULL; o++) {
        buf_add_text(&known, known.len > 0 ? ", " : "");
        buf_add_text(&known, o->name);
    }
    if (known.len > 0)
        err_set(err, ERR_INPUT, "checker %s has no option \"%s\"; it has: %s", c->name, name,
                known.data);
    else
        err_set(err, ERR_INPUT, "checker %s has no option \"%s\"; it has none at all", c->name,
                name);
    buf_release(&known);
    return ERR_INPUT;
}

static int check_option(const struct checker *c, const char *name, const json_t *value,
                        struct err *err)
{
    const struct checker_option *o;

    for (o = c->options; o != NULL && o->name != NULL; o++)
        if (strcmp(o->name, name) == 0)
            return is_of_kind(value, o->kinds) ? 0 : wrong_kind(c, o, err);
    return unknown_option(c, name, err);
}

int checker_run(const struct checker *c, const struct history *h, const json_t *options,
                struct verdict *ret_verdict, struct err *err)
{
    const char *name;
    json_t *value;
    int status = 0;

    bool is_empty_list = json_is_array(options) && json_array_size(options) == 0; /* Lua's {} */

    if (is_empty_list)
        options = NULL;
    if (options != NULL && !json_is_object(options))
        return err_set(err, ERR_INPUT,
                       "checker %s: the options must be a table of names and values", c->name);
    json_object_foreach((json_t *)options, name, value)
    { /* jansson's macro knows no const */
        status = check_option(c, name, value, err);
        if (status < 0)
            return status;
    }
    return c->run(h, options, ret_verdict, err);
}

const json_t *option_value(const json_t *options, const char *name)
{
    const json_t *value = options != NULL ? json_object_get(options, name) : NULL;

    return json_is_null(value) ? NULL : value;
}

bool option_flag(const json_t *options, const char *name, bool fallback)
{
    const json_t *value = option_value(options, name);

    return value != NULL ? json_is_true(value) : fallback;
}

double option_number(const json_t *options, const char *name, double fallback)
{
    const json_t *value = option_value(options, name);

    return json_is_number(value) ? json_number_value(value) : fallback;
}

const char *option_text(const json_t *options, const char *name, const char *fallback)
{
    const json_t *value = option_value(options, name);

    return json_is_string(value) ? json_string_value(value) : fallback;
}

bool option_texts_has(const json_t *options, const char *name, const char *text)
{
    const json_t *list = option_value(options, name);
    size_t i;

    for (i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}
