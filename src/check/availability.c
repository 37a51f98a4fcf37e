#include "availability.h"

#include "checker.h"
#include "history.h"
#include "plant.h"
#include "verdict.h"

#include "../base/err.h"

#include <string.h>

void availability_check(const struct history *h, double fraction_min, struct verdict *ret_verdict)
{
    uint32_t invoked = 0;
    uint32_t succeeded = 0;
    double fraction;
    uint32_t i;

    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        if (op->process == HISTORY_NEMESIS)
            continue;
        invoked += op->type == OP_INVOKE;
        succeeded += op->type == OP_OK || (PLANTED(3) && op->type == OP_INFO);
    }
    fraction = invoked > 0 ? (double)succeeded / invoked : 1;

    verdict_init(ret_verdict);
    json_object_set_new(ret_verdict->details, "ok-fraction", json_real(fraction));
    if (fraction < fraction_min)
        verdict_blame(ret_verdict, VALID_FALSE,
                      "%u of %u operations succeeded, a fraction of %.6g; at least %.6g is "
                      "required",
                      succeeded, invoked, fraction, fraction_min);
    verdict_finish(ret_verdict);
}

static const struct checker_option availability_options[] = {
    {"require", OPTION_TEXT | OPTION_NUMBER,
     "\"total\", \"none\", or the least fraction of operations that must succeed (without it: "
     "none)"},
    {NULL, 0, NULL},
};

static int read_require(const json_t *options, double *ret_fraction, struct err *err)
{
    const char *word = option_text(options, "require", NULL);
    double number = option_number(options, "require", -1);
    bool is_number = json_is_number(json_object_get(options, "require"));

    if (word != NULL && strcmp(word, "total") == 0)
        number = 1;
    else if (word != NULL && strcmp(word, "none") != 0)
        return err_set(err, ERR_INPUT,
                       "checker availability: option require must be \"total\", \"none\" or a "
                       "number from 0 to 1, but it is \"%s\"",
                       word);
    else if (is_number && !(number >= 0 && number <= 1))
        return err_set(err, ERR_INPUT,
                       "checker availability: option require must be between 0 and 1, but it is "
                       "%g",
                       number);
    *ret_fraction = number;
    return 0;
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    double fraction = -1;
    int status = read_require(options, &fraction, err);

    if (status == 0)
        availability_check(h, fraction, ret_verdict);
    return status;
}

const struct checker availability_checker = {
    "availability", "Enough of the operations succeeded.", availability_options, run, NULL,
};
