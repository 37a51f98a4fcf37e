#include "history_story.h"
#include "set_full.h"
#include "verdict.h"

#include "../base/mem.h"
#include "../base/prng.h"

#include <time.h>

static struct verdict judge(const char *text, const struct set_full_options *options)
{
    struct history *h = story(text);
    struct verdict v;

    set_full_check(h, options, &v);
    history_free(h);
    return v;
}

static struct verdict judge_strictly(const char *text)
{
    return judge(text, &(struct set_full_options){0});
}

static struct verdict judge_like_maelstrom(const char *text)
{
    return judge(text, &(struct set_full_options){.maelstrom_verdict = true});
}

static void check_detail(const struct verdict *v, const char *name, const char *wanted)
{
    char *text = json_dumps(json_object_get(v->details, name), JSON_ENCODE_ANY | JSON_COMPACT);

    CHECK_TEXT(text != NULL ? text : "(absent)", wanted);
    free(text);
}

TEST(all_stable)
{
    struct verdict v = judge_strictly("0@0 invoke add 5\n"
                                      "0 ok add 5\n"
                                      "1@1 invoke read\n"
                                      "1 ok read []\n"
                                      "20ms 1@1 invoke! read\n"
                                      "1 ok read [5]\n"
                                      "0@0 invoke! read\n"
                                      "0 ok read [5]\n");

    CHECK_INT(v.valid, VALID_TRUE);
    CHECK(v.sentence == NULL);
    check_detail(&v, "valid?", "true");
    check_detail(&v, "attempt-count", "1");
    check_detail(&v, "stable-count", "1");
    /* Known at 1 ms, missed by a read invoked at 2 ms: 1 ms and 1 ns. */
    check_detail(&v, "stale", "[5]");
    check_detail(&v, "stable-latencies", "{\"0\":1,\"0.5\":1,\"0.95\":1,\"0.99\":1,\"1\":1}");
    check_detail(
        &v, "worst-stale",
        "[{\"element\":5,\"outcome\":\"stable\",\"stable-latency\":1,\"lost-latency\":null,"
        "\"known\":{\"index\":1,\"time\":1000000,\"process\":0,\"node\":\"n0\"},"
        "\"last-absent\":{\"index\":2,\"time\":2000000,\"process\":1,\"node\":\"n1\"}}]");
    verdict_release(&v);
}

TEST(a_lost_element_is_lost_to_maelstrom_too)
{
    const char *text = "0@0 invoke add 5\n"
                       "0 ok add 5\n"
                       "0@0 invoke read\n"
                       "0 ok read [5]\n"
                       "900ms 1@1 invoke read\n"
                       "1 ok read []\n";
    struct verdict v = judge_like_maelstrom(text);

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_TEXT(v.sentence,
               "element 5 is lost: process 0 added it at n0, acknowledged at 1 ms, but the read of "
               "n1 by process 1 from 900 ms to 901 ms misses it, and no later read shows it");
    check_detail(&v, "lost", "[5]");
    check_detail(&v, "lost-latencies", "{\"0\":1,\"0.5\":1,\"0.95\":1,\"0.99\":1,\"1\":1}");
    verdict_release(&v);
}

TEST(an_element_known_by_a_read_alone_can_be_lost)
{
    struct verdict v = judge_strictly("0@0 invoke add 5\n"
                                      "0 info add 5\n"
                                      "1@0 invoke read\n"
                                      "1 ok read [5]\n"
                                      "1@0 invoke read\n"
                                      "1 ok read []\n");

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "a read by process 1 of n0 had shown it by 3 ms");
    verdict_release(&v);
}

TEST(absence_before_it_was_known_is_no_loss)
{
    struct verdict v = judge_strictly("0 invoke add 5\n"
                                      "1 invoke read\n"
                                      "0 ok add 5\n"
                                      "1 ok read []\n");

    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "nothing to judge");
    check_detail(&v, "never-read", "[5]");
    verdict_release(&v);
}

TEST(nothing_added_is_unknown)
{
    struct verdict v = judge_strictly("0 invoke read\n0 ok read null\n");

    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "no element was added");
    verdict_release(&v);
}

/* Maelstrom's blind spots: it calls each of these histories valid, ours must not. */
static void check_blind_spot(const char *text, const char *sentence, const char *key,
                             const char *elements)
{
    struct verdict ours = judge_strictly(text);
    struct verdict theirs = judge_like_maelstrom(text);

    CHECK_INT(theirs.valid, VALID_TRUE);
    CHECK_INT(ours.valid, VALID_FALSE);
    CHECK_TEXT(ours.sentence, sentence);
    check_detail(&ours, key, elements);
    check_detail(&theirs, key, elements);
    verdict_release(&ours);
    verdict_release(&theirs);
}

TEST(an_element_shown_twice)
{
    check_blind_spot("0@0 invoke add 1\n"
                     "0 ok add 1\n"
                     "1@0 invoke read\n"
                     "1 ok read [1,1,1]\n",
                     "the read of n0 by process 1 from 2 ms to 3 ms shows element 1 more than once",
                     "duplicated", "{\"1\":3}");
}

TEST(an_element_that_nobody_added)
{
    check_blind_spot("0@0 invoke add 1\n"
                     "0 ok add 1\n"
                     "1@0 invoke read\n"
                     "1 ok read [1,99]\n",
                     "the read of n0 by process 1 from 2 ms to 3 ms shows element 99, which no "
                     "client ever asked to add",
                     "phantom", "[99]");
}

TEST(an_element_that_is_shown_before_its_add_began)
{
    check_blind_spot("0@0 invoke add 1\n"
                     "0 ok add 1\n"
                     "1@0 invoke read\n"
                     "1 ok read [1,2]\n"
                     "0@0 invoke add 2\n"
                     "0 ok add 2\n"
                     "1@0 invoke read\n"
                     "1 ok read [1,2]\n",
                     "the read of n0 by process 1 from 2 ms to 3 ms shows element 2, which no "
                     "client had asked to add by then",
                     "phantom", "[2]");
}

TEST(an_element_whose_add_failed)
{
    check_blind_spot(
        "0@0 invoke add 1\n"
        "0 fail add 1\n"
        "1@0 invoke read\n"
        "1 ok read [1]\n",
        "the read of n0 by process 1 from 2 ms to 3 ms shows element 1, although every "
        "add of it failed with an error that means it did not happen",
        "resurrected", "[1]");
}

TEST(an_element_that_one_node_lost)
{
    check_blind_spot("0@0 invoke add 1\n"
                     "0 ok add 1\n"
                     "2@2 invoke! read\n"
                     "2 ok read []\n"
                     "1@1 invoke! read\n"
                     "1 ok read [1]\n",
                     "element 1 is lost on n2: process 0 added it at n0, acknowledged at 1 ms, but "
                     "the read of n2 by process 2 from 2 ms to 3 ms, its last of the final phase, "
                     "misses it",
                     "lost-on-node", "{\"n2\":[1]}");
}

TEST(a_read_that_is_no_list)
{
    check_blind_spot("0@0 invoke add 1\n"
                     "0 ok add 1\n"
                     "1@0 invoke read\n"
                     "1 ok read {\"1\":true}\n"
                     "1@0 invoke read\n"
                     "1 ok read [1]\n",
                     "a read must show a list, but the one of n0 by process 1 at 3 ms shows "
                     "{\"1\":true}",
                     "malformed-reads-count", "1");
}

/* What only looks like a mistake. */
TEST(honest_histories_are_not_accused)
{
    static const char *const honest[] = {
        /* a failed add and a good one of the same element */
        "0@0 invoke add 1\n0 fail add 1\n0@0 invoke add 1\n0 ok add 1\n"
        "1@0 invoke! read\n1 ok read [1]\n",
        /* shown by a read that began before the add did */
        "1@0 invoke read\n0@0 invoke add 1\n1 ok read [1]\n0 ok add 1\n",
        /* two final reads of a node at once, answered in either order */
        "0@0 invoke add 1\n0 ok add 1\n1@0 invoke! read\n2@0 invoke! read\n2 ok read []\n"
        "1 ok read [1]\n3@1 invoke! read\n3 ok read [1]\n",
        /* the node catches up between two final reads */
        "0@0 invoke add 1\n0 ok add 1\n1@0 invoke! read\n1 ok read []\n1@0 invoke! read\n"
        "1 ok read [1]\n",
        /* an add of unknown outcome that never shows */
        "0@0 invoke add 1\n0 ok add 1\n1@0 invoke add 2\n1 info add 2\n2@0 invoke! read\n"
        "2 ok read [1]\n",
        /* an add acknowledged only after the final read began */
        "0@0 invoke add 1\n0 ok add 1\n1@0 invoke add 2\n2@0 invoke! read\n1 ok add 2\n"
        "2 ok read [1]\n",
        /* equal only to the eye: 1, 1.0 and "1" are three elements */
        "0@0 invoke add 1\n0 ok add 1\n0@0 invoke add 1.0\n0 ok add 1.0\n0@0 invoke add \"1\"\n"
        "0 ok add \"1\"\n2@0 invoke! read\n2 ok read [1.0,\"1\",1]\n",
    };
    size_t i;

    for (i = 0; i < sizeof(honest) / sizeof(honest[0]); i++) {
        struct verdict v = judge_strictly(honest[i]);
        CHECK_TEXT(v.sentence != NULL ? v.sentence : "", "");
        CHECK_INT(v.valid, VALID_TRUE);
        verdict_release(&v);
    }
}

TEST(a_stale_read_matters_to_a_linearizable_set_only)
{
    const char *text = "0@0 invoke broadcast [\"a]\",{\"b\":\"\\\"\"}]\n"
                       "0 ok broadcast [\"a]\",{\"b\":\"\\\"\"}]\n"
                       "1@1 invoke get\n"
                       "1 ok get []\n"
                       "1@1 invoke get\n"
                       "1 ok get [[\"a]\",{\"b\":\"\\\"\"}]]\n";
    struct set_full_options options = {.add = "broadcast", .read = "get"};
    struct verdict v = judge(text, &options);

    CHECK_INT(v.valid, VALID_TRUE);
    verdict_release(&v);
    options.linearizable = true;
    v = judge(text, &options);
    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "too late for a linearizable set");
    verdict_release(&v);
}

TEST(lists_in_details_are_bounded)
{
    struct buf text = {0};
    struct verdict v;
    int i;

    for (i = 0; i < 100; i++)
        buf_addf(&text, "0@0 invoke add %d\n0 ok add %d\n", i, i);
    buf_add_text(&text, "1@0 invoke! read\n1 ok read [1000000,1000001,99,99]\n");
    v = judge_strictly(text.data);
    check_detail(&v, "lost-count", "99");
    check_detail(&v, "phantom-count", "2");
    CHECK_INT(json_array_size(json_object_get(v.details, "lost")), VERDICT_LIST_MAX);
    check_detail(&v, "lost-on-node-count", "99");
    verdict_release(&v);
    buf_release(&text);
}

/* ---- against the definition, element by element and read by read ---- */

enum { SMALL_ELEMENTS = 5, SMALL_PROCESSES = 4 };

static void random_value(struct prng *chance, struct buf *value)
{
    int count = (int)prng_below(chance, SMALL_ELEMENTS + 1);

    buf_add_char(value, '[');
    while (count-- > 0)
        buf_addf(value, "%d%s", (int)prng_below(chance, SMALL_ELEMENTS + 1), count > 0 ? "," : "");
    buf_add_char(value, ']');
}

static struct history *random_history(struct prng *chance)
{
    struct history *h = history_new();
    uint32_t add = history_f(h, "add"), read = history_f(h, "read");
    struct op open[SMALL_PROCESSES];
    bool is_open[SMALL_PROCESSES] = {false}, is_retired[SMALL_PROCESSES] = {false};
    int element[SMALL_PROCESSES];
    int added = 0;
    int steps = 4 + (int)prng_below(chance, 20);
    int64_t time_ns = 0;

    while (steps-- > 0) {
        size_t p = prng_below(chance, SMALL_PROCESSES);
        struct buf value = {0};
        struct err err;
        struct op op = {.process = (int32_t)p, .time_ns = time_ns += 700000};
        if (is_retired[p])
            continue;
        if (is_open[p]) {
            op.f = open[p].f;
            op.type = (enum op_type)(1 + prng_below(chance, 10) / 8);
            op.type = prng_chance(chance, 0.1) ? OP_INFO : op.type;
            is_retired[p] = op.type == OP_INFO;
            if (op.f == add)
                buf_addf(&value, "%d", element[p]);
            else if (op.type == OP_OK)
                random_value(chance, &value);
        } else {
            op.node = (int32_t)prng_below(chance, 2);
            op.final = steps < 6;
            op.f = added < SMALL_ELEMENTS && prng_chance(chance, 0.5) ? add : read;
            if (op.f == add)
                buf_addf(&value, "%d", element[p] = added++);
            open[p] = op;
        }
        op.node = open[p].node;
        is_open[p] = !is_open[p];
        op.value = buf_str(&value);
        CHECK_INT(history_add(h, &op, &err), 0);
        buf_release(&value);
    }
    return h;
}

static int times_in(struct str list, int element)
{
    int times = 0;
    size_t i;

    for (i = 0; i < list.len; i++)
        times += list.data[i] == '0' + element;
    return times;
}

struct naive {
    int stable, lost, never, lost_on_node, resurrected, duplicated;
};

static bool is_ok_read(const struct history *h, uint32_t i)
{
    return str_is(history_f_name(h, history_at(h, i)->f), "read") &&
           history_at(h, i)->type == OP_OK;
}

/* One element by Jepsen's words: events as indices, -1 for none. */
static void judge_naively(const struct history *h, int element, uint32_t add, struct naive *n)
{
    bool failed = false, shown = false, repeated = false;
    int64_t known = -1, present = -1, absent = -1;
    int32_t node;
    uint32_t i, k;

    for (i = add; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        if (i == history_at(h, add)->pair) {
            failed = op->type == OP_FAIL;
            if (op->type == OP_OK && known < 0)
                known = i;
        }
        if (!is_ok_read(h, i))
            continue;
        if (times_in(op->value, element) > 0) {
            known = known < 0 ? i : known;
            present = op->pair > present ? op->pair : present;
            shown = true;
            repeated |= times_in(op->value, element) > 1;
        } else {
            absent = op->pair > absent ? op->pair : absent;
        }
    }
    if (present >= 0 && absent < present)
        n->stable++;
    else if (known >= 0 && absent >= 0 && present < absent && known < absent)
        n->lost++;
    else
        n->never++;
    n->resurrected += failed && shown;
    n->duplicated += repeated;

    for (node = 0; node < 2; node++) {
        int64_t last = -1;
        bool excused = false;
        for (i = 0; i < history_len(h); i++)
            if (is_ok_read(h, i) && history_at(h, history_at(h, i)->pair)->final &&
                history_at(h, i)->node == node && history_at(h, i)->pair > last)
                last = history_at(h, i)->pair;
        for (k = last < 0 ? 0 : (uint32_t)last; k < history_len(h); k++)
            excused |= is_ok_read(h, k) && history_at(h, history_at(h, k)->pair)->final &&
                       history_at(h, k)->node == node &&
                       times_in(history_at(h, k)->value, element) > 0;
        n->lost_on_node += last >= 0 && known >= 0 && known < last && !failed && !excused;
    }
}

static void compare_count(const struct verdict *v, const char *key, int wanted)
{
    CHECK_INT(json_integer_value(json_object_get(v->details, key)), wanted);
}

TEST(agrees_with_the_definition_on_random_histories)
{
    struct set_full_options options = {0};
    struct prng chance;
    int lost = 0, on_node = 0;
    int round;

    prng_init(&chance, 7, "sets");
    for (round = 0; round < 20000; round++) {
        struct history *h = random_history(&chance);
        struct naive n = {0};
        struct verdict v;
        int element = 0;
        uint32_t i;
        for (i = 0; i < history_len(h); i++)
            if (history_at(h, i)->type == OP_INVOKE &&
                str_is(history_f_name(h, history_at(h, i)->f), "add"))
                judge_naively(h, element++, i, &n);
        set_full_check(h, &options, &v);
        compare_count(&v, "stable-count", n.stable);
        compare_count(&v, "lost-count", n.lost);
        compare_count(&v, "never-read-count", n.never);
        compare_count(&v, "lost-on-node-count", n.lost_on_node);
        compare_count(&v, "resurrected-count", n.resurrected);
        compare_count(&v, "duplicated-count", n.duplicated);
        lost += n.lost;
        on_node += n.lost_on_node;
        verdict_release(&v);
        history_free(h);
    }
    CHECK(lost > 1000 && on_node > 1000);
}

/* 70,000 strangers: numbered up to the cap, then forgotten, and nothing grows. */
TEST(strangers_are_capped)
{
    struct history *h = story("0 invoke add -1\n0 ok add -1\n0 invoke read\n");
    struct set_full_options options = {0};
    struct op op = {.type = OP_OK, .f = history_f(h, "read"), .node = HISTORY_NO_NODE};
    struct buf list = {0};
    struct verdict v;
    struct err err;
    int i;

    buf_add_text(&list, "[-1");
    for (i = 0; i < 70000; i++)
        buf_addf(&list, ",%d", i);
    buf_add_char(&list, ']');
    op.value = buf_str(&list);
    CHECK_INT(history_add(h, &op, &err), 0);
    set_full_check(h, &options, &v);
    check_detail(&v, "phantom-count", "65536");
    check_detail(&v, "stable-count", "1");
    verdict_release(&v);
    buf_release(&list);
    history_free(h);
}
