#include "echo.h"

#include "checker.h"
#include "history.h"
#include "plant.h"
#include "verdict.h"

#include "../base/str.h"

/* Four entries, as in Maelstrom, so that one can read it aloud. */
static json_t *mismatch_json(struct str sent, struct str received)
{
    return json_pack("[s,o,s,o]", "sent", verdict_value(sent), "got back", verdict_value(received));
}

static void blame(const struct history *h, const struct op *sent, const struct op *received,
                  struct verdict *v)
{
    char sent_word[VERDICT_WORD_SIZE];
    char received_word[VERDICT_WORD_SIZE];
    char time[DURATION_TEXT_MAX];

    verdict_word(sent->value, sent_word);
    duration_text(received->time_ns, time);
    if (received->type == OP_FAIL)
        verdict_blame(v, VALID_FALSE,
                      "process %d asked %s to echo %s; at %s it answered with an "
                      "error: %s",
                      sent->process, history_node_name(h, sent->node), sent_word, time,
                      received->error.len > 0 ? verdict_word(received->error, received_word)
                                              : "none given");
    else
        verdict_blame(v, VALID_FALSE, "process %d asked %s to echo %s; at %s it answered %s",
                      sent->process, history_node_name(h, sent->node), sent_word, time,
                      verdict_word(received->value, received_word));
}

void echo_check(const struct history *h, struct verdict *ret_verdict)
{
    int64_t echo = history_find_f(h, "echo");
    json_t *errors = json_array();
    uint32_t error_count = 0;
    uint32_t i;

    verdict_init(ret_verdict);
    for (i = 0; i < history_len(h); i++) {
        const struct op *received = history_at(h, i);
        const struct op *sent;
        if (received->f != echo || (received->type != OP_OK && received->type != OP_FAIL))
            continue;
        sent = history_at(h, received->pair);
        if (received->type == OP_OK && (str_eq(sent->value, received->value) ||
                                        (PLANTED(4) && sent->value.len == received->value.len)))
            continue;
        error_count++;
        verdict_list_add(errors,
                         mismatch_json(sent->value, received->type == OP_OK ? received->value
                                                                            : received->error));
        blame(h, sent, received, ret_verdict);
        verdict_explain(ret_verdict, h, &i, 1);
    }
    json_object_set_new(ret_verdict->details, "errors", errors);
    json_object_set_new(ret_verdict->details, "error-count", json_integer(error_count));
    verdict_finish(ret_verdict);
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    (void)options;
    (void)err;
    echo_check(h, ret_verdict);
    return 0;
}

const struct checker echo_checker = {
    "echo", "Every echo that was answered equals what was sent.", NULL, run, run,
};
