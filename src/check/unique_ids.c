#include "unique_ids.h"

#include "checker.h"
#include "history.h"
#include "plant.h"
#include "verdict.h"

#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"

#include <stdlib.h>

/* One distinct id, by its number in the map. */
struct id {
    uint32_t number;
    uint32_t count;
    uint32_t first;  /* completion that got it first */
    uint32_t second; /* and second; meaningful if count > 1 */
};

struct ids {
    struct map *map;
    struct id *list;
    size_t cap;
};

static void add_id(struct ids *ids, struct str text, uint32_t index)
{
    bool is_new;
    uint32_t number = map_put(ids->map, text, &is_new);

    if (is_new) {
        ids->list = mem_grow(ids->list, &ids->cap, (size_t)number + 1, sizeof(*ids->list));
        ids->list[number] = (struct id){number, 1, index, 0};
        return;
    }
    if (++ids->list[number].count == 2)
        ids->list[number].second = index;
}

static bool is_number(struct str text)
{
    return text.len > 0 && (text.data[0] == '-' || (text.data[0] >= '0' && text.data[0] <= '9'));
}

/* Numbers before texts; whatever the ids are, there is a lowest and a highest. */
static int compare_ids(struct str a, struct str b)
{
    int64_t x, y;

    if (is_number(a) != is_number(b))
        return is_number(a) ? -1 : 1;
    if (!is_number(a))
        return str_cmp(a, b);
    if (json_to_i64(a, &x) && json_to_i64(b, &y) && x != y)
        return x < y ? -1 : 1;
    if (json_to_double(a) != json_to_double(b))
        return json_to_double(a) < json_to_double(b) ? -1 : 1;
    return str_cmp(a, b);
}

static json_t *range_json(const struct ids *ids)
{
    struct str low, high;
    uint32_t i;

    if (map_len(ids->map) == 0)
        return json_pack("[n,n]");
    low = high = map_text(ids->map, 0);
    for (i = 1; i < map_len(ids->map); i++) {
        struct str text = map_text(ids->map, i);
        if (compare_ids(text, low) < 0)
            low = text;
        if (compare_ids(text, high) > 0)
            high = text;
    }
    return json_pack("[o,o]", verdict_value(low), verdict_value(high));
}

static int most_frequent_first(const void *a, const void *b)
{
    const struct id *x = a;
    const struct id *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static void describe_owner(const struct history *h, uint32_t index, struct buf *out)
{
    const struct op *op = history_at(h, index);
    char time[DURATION_TEXT_MAX];

    buf_addf(out, "%s to process %d at %s", history_node_name(h, op->node), op->process,
             duration_text(op->time_ns, time));
}

static void blame(const struct history *h, const struct ids *ids, const struct id *id,
                  struct verdict *v)
{
    struct buf first = {0};
    struct buf second = {0};
    char word[VERDICT_WORD_SIZE];

    describe_owner(h, id->first, &first);
    describe_owner(h, id->second, &second);
    verdict_blame(v, VALID_FALSE, "the id %s was handed out %u times: by %s, and by %s",
                  verdict_word(map_text(ids->map, id->number), word), id->count, first.data,
                  second.data);
    verdict_explain(v, h, (uint32_t[]){id->first, id->second}, 2);
    buf_release(&first);
    buf_release(&second);
}

/* Moves the duplicated ids to the front, the most frequent first; returns how many. */
static uint32_t gather_duplicates(struct ids *ids)
{
    uint32_t count = 0;
    uint32_t i;

    for (i = 0; i < map_len(ids->map); i++)
        if (ids->list[i].count > 1)
            ids->list[count++] = ids->list[i];
    if (count > 1)
        qsort(ids->list, count, sizeof(*ids->list), most_frequent_first);
    return count;
}

static void judge_duplicates(const struct history *h, struct ids *ids, struct verdict *v)
{
    uint32_t count = gather_duplicates(ids);
    json_t *shown = json_object();
    uint32_t i;

    for (i = 0; i < count && i < VERDICT_LIST_MAX; i++) {
        struct buf key = {0};
        verdict_key(map_text(ids->map, ids->list[i].number), &key);
        json_object_set_new(shown, key.data, json_integer(ids->list[i].count));
        buf_release(&key);
    }
    json_object_set_new(v->details, "duplicated-count", json_integer(count));
    json_object_set_new(v->details, "duplicated", shown);
    if (count > 0)
        blame(h, ids, &ids->list[0], v);
}

void unique_ids_check(const struct history *h, struct verdict *ret_verdict)
{
    int64_t generate = history_find_f(h, "generate");
    struct ids ids = {.map = map_new()};
    uint32_t attempted = 0;
    uint32_t acknowledged = 0;
    uint32_t i;

    verdict_init(ret_verdict);
    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        if (op->f != generate)
            continue;
        attempted += op->type == OP_INVOKE;
        if (op->type == OP_OK) {
            acknowledged++;
            if (!PLANTED(14) || is_number(op->value))
                add_id(&ids, op->value, i);
        }
    }
    json_object_set_new(ret_verdict->details, "attempted-count", json_integer(attempted));
    json_object_set_new(ret_verdict->details, "acknowledged-count", json_integer(acknowledged));
    json_object_set_new(ret_verdict->details, "range", range_json(&ids));
    judge_duplicates(h, &ids, ret_verdict);
    verdict_finish(ret_verdict);
    map_free(ids.map);
    mem_free(ids.list);
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    (void)options;
    (void)err;
    unique_ids_check(h, ret_verdict);
    return 0;
}

const struct checker unique_ids_checker = {
    "unique-ids", "No id is handed out twice.", NULL, run, run,
};
