#include "lin_options.h"

#include "checker.h"

#include "../base/err.h"
#include "../base/json.h"

#include <stdlib.h>
#include <string.h>

/* A mutex starts free, a text empty: only what is written as a whole may start as anything. */
static bool has_choice_of_start(const struct lin_model *m)
{
    return m->family == LIN_REGISTERS ||
           (m->family == LIN_VALUES && m->start != NULL && strcmp(m->start, "null") == 0);
}

static int read_start(const json_t *initial, struct lin_options *o, struct err *err)
{
    char *text;
    bool canonical;

    if (initial == NULL)
        return 0;
    if (!has_choice_of_start(o->model))
        return err_set(err, ERR_INPUT, "the option initial is for registers; %s has none",
                       o->model->name);
    text = json_dumps(initial, JSON_ENCODE_ANY);
    canonical = text != NULL && json_canonical(&o->start, str_of(text));
    free(text);
    if (!canonical)
        return err_set(err, ERR_INPUT, "the option initial must be a value that JSON can write");
    o->own = *o->model;
    o->own.start = o->start.data;
    o->model = &o->own;
    return 0;
}

int lin_options_read(const json_t *options, double budget, struct lin_options *ret, struct err *err)
{
    const char *name = option_text(options, "model", "cas-register");

    *ret = (struct lin_options){.model = lin_model_find(name)};
    budget = option_number(options, "budget", budget);
    if (ret->model == NULL)
        return err_set(err, ERR_INPUT, "there is no model \"%.64s\"; docs/checkers.md lists them",
                       name);
    if (!(budget >= 1 && budget <= 1e15))
        return err_set(err, ERR_INPUT, "a budget is a number of steps from 1 to 1e15, not %g",
                       budget);
    ret->keyed = option_flag(options, "keyed", ret->model->keyed);
    ret->budget = (uint64_t)budget;
    return read_start(option_value(options, "initial"), ret, err);
}

void lin_options_release(struct lin_options *o)
{
    buf_release(&o->start);
}
