/* A beginning that is broken stays so, and so is every longer one; hence the shortest is found by
 * halving. Copies of beginnings are made for that alone: once in a run, and as often as the length
 * can be halved. */
#include "watch.h"

#include "checker.h"
#include "history.h"
#include "plant.h"

#include "../base/assert.h"
#include "../base/err.h"

enum { FIRST_LEN = 32, GROWTH = 8 };

void watch_init(struct watch *w, const struct checker *c, const json_t *options)
{
    *w = (struct watch){.checker = c, .options = options, .next_len = FIRST_LEN};
}

static bool is_broken(const struct watch *w, const struct history *h, struct verdict *ret_verdict)
{
    struct verdict v;
    struct err err;
    int status = w->checker->broken(h, w->options, &v, &err);

    ASSERT(status == 0); /* the options were good before */
    if (v.valid == VALID_FALSE) {
        *ret_verdict = v;
        return true;
    }
    verdict_release(&v);
    return false;
}

static void find_shortest(const struct watch *w, const struct history *h, struct watch_found *found)
{
    uint32_t sound = w->sound_len, broken = history_len(h);

    while (broken - sound > 1 && !PLANTED(26)) {
        uint32_t middle = sound + (broken - sound) / 2;
        struct history *beginning = history_beginning(h, middle);
        struct verdict v;
        if (is_broken(w, beginning, &v)) {
            verdict_release(&found->verdict);
            found->verdict = v;
            broken = middle;
        } else {
            sound = middle;
        }
        history_free(beginning);
    }
    found->event = broken - 1;
}

bool watch_broken(struct watch *w, const struct history *h, struct watch_found *ret_found)
{
    uint32_t len = history_len(h);
    struct watch_found found;

    if (w->checker->broken == NULL || len < w->next_len)
        return false;
    w->next_len = len + len / GROWTH + 1;
    if (!is_broken(w, h, &found.verdict)) {
        w->sound_len = len;
        return false;
    }
    find_shortest(w, h, &found);
    *ret_found = found;
    return true;
}
