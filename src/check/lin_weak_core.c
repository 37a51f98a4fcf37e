/* Weakening, as in lin_core.c: an observer is left out; a mutator may or may not happen, and is
 * issued by a process of its own, so that nothing is demanded of its place. */
#include "lin_weak_core.h"

#include "../base/mem.h"
#include "../base/str.h"
#include "history.h"
#include "lin_explain.h"
#include "lin_input.h"
#include "lin_view.h"
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

enum { EFFORT_MAX = 5000000, LEN_MAX = 20000 };

struct finder {
    const struct lin_part *parts;
    uint32_t part_count;
    const struct lin_weak_question *question;
    bool **kept;            /* by part and operation */
    struct lin_part *trial; /* copies; their events are not used */
    int32_t processes;      /* numbers from here on are free */
    uint64_t effort;
};

struct choice {
    uint32_t part, op;
};

static bool wrong(struct finder *f)
{
    int32_t fresh = f->processes;
    uint64_t work = 0;

    for (uint32_t i = 0; i < f->part_count; i++) {
        struct lin_part *t = &f->trial[i];
        t->len = 0;
        for (uint32_t k = 0; k < f->parts[i].len; k++) {
            const struct lin_op *op = &f->parts[i].ops[k];
            if (!f->kept[i][k] && lin_op_observes(op))
                continue;
            t->ops[t->len] = *op;
            if (!f->kept[i][k]) {
                t->ops[t->len].ret = LIN_OPEN;
                t->ops[t->len].process = fresh++;
            }
            t->len++;
        }
        f->effort += 4 * f->parts[i].len;
    }
    bool answer = f->question->wrong(f->question->context, f->trial, &work);
    f->effort += work;
    return answer;
}

static void set_kept(struct finder *f, const struct choice *list, uint32_t from, uint32_t to,
                     bool value)
{
    for (uint32_t i = from; i < to; i++)
        f->kept[list[i].part][list[i].op] = value;
}

static uint32_t list_kept(const struct finder *f, struct choice *list)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < f->part_count; i++)
        for (uint32_t k = 0; k < f->parts[i].len; k++)
            if (f->kept[i][k])
                list[count++] = (struct choice){i, k};
    return count;
}

static bool thin_pass(struct finder *f, struct choice *list, uint32_t *count, uint32_t chunk)
{
    bool shrunk = false;

    for (uint32_t at = 0; at < *count && f->effort <= EFFORT_MAX;) {
        uint32_t end = at + chunk < *count ? at + chunk : *count;
        set_kept(f, list, at, end, false);
        if (wrong(f)) {
            *count = list_kept(f, list);
            shrunk = true;
            continue;
        }
        set_kept(f, list, at, end, true);
        at = end;
    }
    return shrunk;
}

static int compare_ops(const void *x, const void *y)
{
    const struct lin_op *a = *(const struct lin_op *const *)x,
                        *b = *(const struct lin_op *const *)y;

    return (a->inv > b->inv) - (a->inv < b->inv);
}

static uint32_t thin_out(struct finder *f, uint32_t len, const struct lin_op **ret_core)
{
    struct choice *list = mem_alloc(len * sizeof(*list));
    uint32_t count = list_kept(f, list), chunk = count;
    bool shrunk = true;

    while ((chunk > 1 || shrunk) && f->effort <= EFFORT_MAX) {
        chunk = (chunk + 1) / 2;
        shrunk = thin_pass(f, list, &count, chunk);
    }
    if (count > LIN_WEAK_CORE_MAX)
        count = 0;
    for (uint32_t i = 0; i < count; i++)
        ret_core[i] = &f->parts[list[i].part].ops[list[i].op];
    if (count > 0)
        qsort(ret_core, count, sizeof(*ret_core), compare_ops);
    mem_free(list);
    return count;
}

uint32_t lin_weak_core(const struct lin_part *parts, uint32_t part_count,
                       const struct lin_weak_question *question, const struct lin_op **ret_core)
{
    struct finder f = {.parts = parts, .part_count = part_count, .question = question};
    uint32_t len = 0, found = 0;

    f.kept = mem_alloc(part_count * sizeof(*f.kept));
    f.trial = mem_zalloc(part_count * sizeof(*f.trial));
    for (uint32_t i = 0; i < part_count; i++) {
        f.kept[i] = mem_alloc(parts[i].len + 1);
        memset(f.kept[i], true, parts[i].len);
        f.trial[i].key = parts[i].key;
        f.trial[i].ops = mem_alloc(parts[i].len * sizeof(*f.trial[i].ops));
        len += parts[i].len;
        for (uint32_t k = 0; k < parts[i].len; k++)
            if (parts[i].ops[k].process >= f.processes)
                f.processes = parts[i].ops[k].process + 1;
    }
    if (len <= LEN_MAX && wrong(&f))
        found = thin_out(&f, len, ret_core);
    for (uint32_t i = 0; i < part_count; i++) {
        mem_free(f.kept[i]);
        mem_free(f.trial[i].ops);
    }
    mem_free(f.kept);
    mem_free(f.trial);
    return found;
}

void lin_weak_list(const struct lin_input *in, const struct lin_op *const *ops, uint32_t count,
                   struct buf *out)
{
    enum { SHOWN = 6 };

    for (uint32_t i = 0; i < count && i < SHOWN; i++) {
        buf_addf(out, "%sprocess %d: ", i > 0 ? ", " : "", (int)ops[i]->process);
        lin_op_text(in, ops[i], out);
    }
    if (count > SHOWN)
        buf_addf(out, " and %u more", count - SHOWN);
}

json_t *lin_weak_json(const struct lin_input *in, const struct lin_op *const *ops, uint32_t count)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < count; i++)
        verdict_list_add(list, lin_op_json(in, ops[i]));
    return list;
}
