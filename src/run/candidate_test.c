#include "candidate.h"

#include "../base/test.h"
#include "run.h"

#include <stdlib.h>

static json_t *parse(const char *text)
{
    json_t *o = json_loads(text, JSON_DECODE_ANY, NULL);

    CHECK(o != NULL);
    return o;
}

static json_t *example(void)
{
    return parse(
        "{\"nodes\":[\"n0\",\"n1\",\"n2\"],\"decisions\":{\"workers\":[\"n0\",\"n1\",\"n2\"],"
        "\"operations\":[{\"at\":5,\"worker\":0,\"f\":\"write\",\"value\":[7,40]},"
        "{\"at\":6,\"worker\":2,\"f\":\"cas\",\"value\":[7,[40,9]]}],\"final\":[2],"
        "\"faults\":[{\"kind\":\"partition\",\"start\":1,\"stop\":2,\"plan\":{\"shape\":\"one\","
        "\"links\":[[\"n0\",\"n1\"],[\"n0\",\"n2\"]]}},{\"kind\":\"kill\",\"start\":3,\"stop\":4,"
        "\"plan\":{\"nodes\":[\"n1\"]}}],\"end\":9,"
        "\"messages\":[{\"src\":\"n1\",\"dest\":\"n2\",\"type\":\"a\",\"nth\":1,\"lost\":true},"
        "{\"src\":\"n0\",\"dest\":\"lin-kv\",\"type\":\"a\",\"nth\":1,\"lost\":true}]}}");
}

static void check_list(const json_t *candidate, const char *list, const char *expected)
{
    json_t *e = parse(expected);
    char *seen = json_dumps(candidate_list(candidate, list), JSON_COMPACT | JSON_ENCODE_ANY);

    if (!json_equal(e, candidate_list(candidate, list)))
        fail_msg("%s is %s, not %s", list, seen, expected);
    free(seen);
    json_decref(e);
}

TEST(sizes_are_counted)
{
    json_t *c = example();
    struct candidate_size size;

    candidate_size(c, &size);
    CHECK(size.nodes == 3 && size.workers == 3 && size.operations == 2 && size.final == 1 &&
          size.faults == 2 && size.messages == 2);
    json_decref(c);
}

TEST(a_node_goes_with_what_is_about_it)
{
    json_t *c = example(), *before = json_deep_copy(c);
    json_t *smaller = candidate_with_nodes(c, 5); /* n0 and n2 */

    check_list(smaller, "workers", "[\"n0\",\"n2\",\"n2\"]");
    check_list(smaller, "faults",
               "[{\"kind\":\"partition\",\"start\":1,\"stop\":2,\"plan\":{\"shape\":\"one\","
               "\"links\":[[\"n0\",\"n2\"]]}}]");
    check_list(smaller, "messages",
               "[{\"src\":\"n0\",\"dest\":\"lin-kv\",\"type\":\"a\",\"nth\":1,\"lost\":true}]");
    CHECK(json_equal(c, before)); /* candidates are never changed */
    json_decref(smaller);
    json_decref(before);
    json_decref(c);
}

TEST(idle_workers_go_and_the_others_move_up)
{
    json_t *c = example();
    json_t *smaller = candidate_without_idle(c);

    check_list(smaller, "workers", "[\"n0\",\"n2\"]");
    check_list(smaller, "final", "[1]");
    CHECK_INT(json_integer_value(json_object_get(
                  json_array_get(candidate_list(smaller, "operations"), 1), "worker")),
              1);
    json_decref(smaller);
    json_decref(c);
}

TEST(a_run_keeps_one_worker)
{
    json_t *c = example();
    const bool none[2] = {false};
    json_t *a = candidate_keep(c, "operations", none);
    json_t *b = candidate_keep(a, "final", none);
    json_t *idle = candidate_without_idle(b);

    check_list(idle, "workers", "[\"n0\"]");
    json_decref(a);
    json_decref(b);
    json_decref(idle);
    json_decref(c);
}

TEST(one_worker_does_the_work_of_another)
{
    json_t *c = example();
    json_t *merged = candidate_merge_workers(c, 2, 0);

    check_list(merged, "final", "[0]");
    CHECK_INT(json_integer_value(json_object_get(
                  json_array_get(candidate_list(merged, "operations"), 1), "worker")),
              0);
    json_decref(merged);
    json_decref(c);
}

TEST(values_become_the_lowest_in_order_of_coming)
{
    json_t *c = example();
    json_t *simple = candidate_renumber(c);
    json_t *again = candidate_renumber(simple);

    check_list(simple, "operations",
               "[{\"at\":5,\"worker\":0,\"f\":\"write\",\"value\":[0,1]},"
               "{\"at\":6,\"worker\":2,\"f\":\"cas\",\"value\":[0,[1,2]]}]");
    CHECK(json_equal(simple, again));
    json_decref(simple);
    json_decref(again);
    json_decref(c);
}

TEST(a_candidate_is_a_run)
{
    json_t *options = parse("{\"rate\":5,\"concurrency\":10}");
    struct run_config base = {.seed = 4, .options = options, .latency_ns = 3};
    json_t *c = example();
    json_t *other = candidate_with_seed(c, 77);
    struct candidate_run run;

    candidate_run_init(&run, &base, c);
    CHECK_INT(run.config->node_count, 3);
    CHECK_TEXT(run.config->node_names[2], "n2");
    CHECK_INT(run.config->seed, 4);
    CHECK_INT(json_integer_value(json_object_get(run.config->options, "concurrency")), 3);
    CHECK_INT(json_integer_value(json_object_get(run.config->options, "rate")), 5);
    CHECK(run.config->decisions == json_object_get(c, "decisions"));
    candidate_run_release(&run);
    candidate_run_init(&run, &base, other);
    CHECK_INT(run.config->seed, 77);
    candidate_run_release(&run);
    CHECK_INT(json_integer_value(json_object_get(options, "concurrency")), 10);
    json_decref(other);
    json_decref(c);
    json_decref(options);
}
