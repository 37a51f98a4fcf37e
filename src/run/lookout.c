#include "lookout.h"

#include "../base/mem.h"
#include "../check/checker.h"
#include "../check/history.h"
#include "../check/watch.h"
#include "../script/script.h"
#include "run.h"

struct lookout {
    const struct script_check *wanted;
    uint32_t count;
    struct watch watches[];
};

struct lookout *lookout_new(const struct script *script)
{
    uint32_t count;
    const struct script_check *wanted = script_checks(script, &count);
    struct lookout *l = mem_zalloc(sizeof(*l) + count * sizeof(l->watches[0]));

    l->wanted = wanted;
    l->count = count;
    for (uint32_t i = 0; i < count; i++)
        watch_init(&l->watches[i], checker_find(wanted[i].name), wanted[i].options);
    return l;
}

void lookout_free(struct lookout *l)
{
    mem_free(l);
}

static char *note_text(const char *name, const struct history *h, uint32_t event)
{
    const struct op *last = history_at(h, history_len(h) - 1);
    char now[DURATION_TEXT_MAX], then[DURATION_TEXT_MAX];
    struct buf text = {0};

    buf_addf(&text,
             "stopped at %s because of --fail-fast: %s can no longer come out valid since event %u "
             "of the history, at %s",
             duration_text(last->time_ns, now), name, event,
             duration_text(history_at(h, event)->time_ns, then));
    return buf_take(&text);
}

bool lookout_sees(struct lookout *l, struct run_result *result, char **ret_note)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct watch_found found;
        if (!watch_broken(&l->watches[i], result->history, &found))
            continue;
        result->checks = mem_zalloc(sizeof(*result->checks));
        result->checks[0].name = mem_strdup(l->wanted[i].name);
        result->checks[0].verdict = found.verdict;
        result->check_count = 1;
        result->failed_fast = true;
        result->fatal_event = found.event;
        *ret_note = note_text(l->wanted[i].name, result->history, found.event);
        return true;
    }
    return false;
}
