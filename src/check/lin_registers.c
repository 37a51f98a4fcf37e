/* A transaction is a list of moves, two words each: the register's number, times two, plus one
 * where it is written; and the value. Of a transaction whose answer got lost only the writes are
 * in the list, since nobody knows what it read. */
#include "lin_registers.h"

#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "lin_input.h"
#include "lin_model.h"
#include "lin_plant.h"

#include <string.h>

struct lin_registers {
    struct lin_input *in;
    struct map *names; /* of registers */
    struct map *txns;  /* their moves, as bytes */
    int64_t *start;    /* by register */
    size_t start_cap;
};

/* Where [f, k, v] has its v, what is absent reads as null. */
static void take_mop(struct json_reader *j, struct str part[3])
{
    int count = 0;

    part[2] = STR_LIT("null");
    while (json_next(j) != JSON_AT_ARRAY_END)
        json_skip(j, &part[count++]);
}

static uint32_t register_of(struct lin_registers *r, struct str key)
{
    bool is_new;
    uint32_t number = map_put(r->names, key, &is_new);

    if (is_new) {
        r->start = mem_grow(r->start, &r->start_cap, number + 1, sizeof(*r->start));
        r->start[number] = (int64_t)map_put(r->in->values, STR_LIT("null"), NULL);
    }
    return number;
}

static void take_txn(struct lin_registers *r, struct lin_op *op, struct buf *moves)
{
    struct str text = map_text(r->in->values, op->a), part[3];
    struct json_reader j;
    int64_t move[2];

    buf_reset(moves);
    json_reader_init(&j, text);
    json_next(&j);
    while (json_next(&j) == JSON_AT_ARRAY) {
        take_mop(&j, part);
        bool writes = part[0].data[1] == 'w';
        if (!writes && op->b == 0)
            continue;
        move[0] = 2 * (int64_t)register_of(r, part[1]) + writes;
        move[1] = map_put(r->in->values, part[2], NULL);
        buf_add(moves, move, sizeof(move));
    }
    op->a = map_put(r->txns, buf_str(moves), NULL);
    op->b = 0;
}

/* Members of objects are texts always; the register may be called by a number. */
static int64_t find_register(const struct lin_registers *r, struct str inside)
{
    struct buf quoted = {0};
    int64_t found;

    buf_addf(&quoted, "\"%.*s\"", STR_ARG(inside));
    found = map_find(r->names, buf_str(&quoted));
    buf_release(&quoted);
    return found != MAP_NONE ? found : map_find(r->names, inside);
}

/* An object gives each register's first value, anything else that of all. */
static void take_start(struct lin_registers *r, struct str start)
{
    struct json_reader j;
    struct str value;

    json_reader_init(&j, start);
    if (json_next(&j) != JSON_AT_OBJECT) {
        for (uint32_t i = 0; i < map_len(r->names); i++)
            r->start[i] = map_put(r->in->values, start, NULL);
        return;
    }
    while (json_next(&j) == JSON_AT_KEY) {
        int64_t number = find_register(r, j.text);
        json_next(&j);
        json_skip(&j, &value);
        if (number != MAP_NONE)
            r->start[number] = map_put(r->in->values, value, NULL);
    }
}

struct lin_registers *lin_registers_new(struct lin_input *in, struct lin_part *part)
{
    struct lin_registers *r = mem_zalloc(sizeof(*r));
    struct buf moves = {0};

    r->in = in;
    r->names = map_new();
    r->txns = map_new();
    for (uint32_t i = 0; i < part->len; i++)
        take_txn(r, &part->ops[i], &moves);
    take_start(r, str_of(in->model->start));
    buf_release(&moves);
    return r;
}

void lin_registers_free(struct lin_registers *r)
{
    if (r == NULL)
        return;
    map_free(r->names);
    map_free(r->txns);
    mem_free(r->start);
    mem_free(r);
}

const int64_t *lin_registers_start(const struct lin_registers *r, size_t *ret_count)
{
    *ret_count = map_len(r->names);
    return r->start;
}

bool lin_registers_step(const struct lin_registers *r, const struct lin_op *op, int64_t *row)
{
    struct str moves = map_text(r->txns, op->a);

    for (size_t at = 0; at < moves.len; at += 2 * sizeof(int64_t)) {
        int64_t move[2];
        memcpy(move, moves.data + at, sizeof(move));
        if (move[0] & 1)
            row[move[0] >> 1] = move[1];
        else if (row[move[0] >> 1] != move[1] && !(PLANTED_LIN(19) && at > 0))
            return false;
    }
    return true;
}

void lin_registers_text(const struct lin_registers *r, const int64_t *row, struct buf *out)
{
    buf_add_char(out, '{');
    for (uint32_t i = 0; i < map_len(r->names); i++)
        buf_addf(out, "%s%.*s:%.*s", i > 0 ? "," : "", STR_ARG(map_text(r->names, i)),
                 STR_ARG(map_text(r->in->values, (uint32_t)row[i])));
    buf_add_char(out, '}');
}
