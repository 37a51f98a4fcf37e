#include "named_model.h"

#include "checker.h"
#include "history.h"
#include "history_story.h"
#include "verdict.h"

#include "../base/err.h"
#include "../base/test.h"

#include <stdio.h>
#include <stdlib.h>

/* The name of the guess, or the sentence why there is none; options as JSON behind it. */
static const char *guess(const char *text)
{
    static char said[ERR_TEXT_MAX];
    struct history *h = story(text);
    const struct named_model *m = NULL;
    struct err err = {.text = ""};
    bool is_keyed;

    if (named_model_guess(h, &m, &err) < 0) {
        snprintf(said, sizeof(said), "%s", err.text);
    } else {
        json_t *options = named_model_options(m, h, &is_keyed);
        char *json = json_dumps(options, JSON_COMPACT | JSON_SORT_KEYS);
        snprintf(said, sizeof(said), "%s %s", m->name, json);
        free(json);
        json_decref(options);
    }
    history_free(h);
    return said;
}

TEST(operations_tell_the_model)
{
    CHECK_TEXT(guess("0 invoke write 1\n1 invoke read\n"),
               "cas-register {\"keyed\":false,\"model\":\"cas-register\"}");
    CHECK_TEXT(guess("0 invoke cas [1,2]\n"),
               "cas-register {\"keyed\":false,\"model\":\"cas-register\"}");
    CHECK_TEXT(guess("0 invoke cas [1,[1,2]]\n1 invoke read [1,null]\n"),
               "cas-register {\"keyed\":true,\"model\":\"cas-register\"}");
    CHECK_TEXT(guess("0 invoke get [\"a\",null]\n1 invoke append [\"a\",\"x\"]\n"),
               "append-kv {\"keyed\":true,\"model\":\"append-kv\"}");
    CHECK_TEXT(guess("0 invoke get [\"a\",null]\n1 invoke put [\"a\",\"x\"]\n"),
               "kv {\"keyed\":true,\"model\":\"kv\"}");
    CHECK_TEXT(guess("0 invoke acquire\n"), "mutex {\"keyed\":false,\"model\":\"mutex\"}");
    CHECK_TEXT(guess("0 invoke acquire\n0 ok acquire 3\n0 invoke release 3\n"),
               "fenced-lock {\"keyed\":false,\"model\":\"fenced-lock\"}");
    CHECK_TEXT(guess("0 invoke enqueue 1\n1 invoke dequeue\n"),
               "queue {\"keyed\":false,\"model\":\"queue\"}");
    CHECK_TEXT(guess("0 invoke add 1\n1 invoke remove 1\n"),
               "set {\"keyed\":false,\"model\":\"set\"}");
    CHECK_TEXT(guess("0 invoke append 1\n1 invoke read\n1 ok read [1]\n"),
               "list {\"keyed\":false,\"model\":\"list\"}");
    CHECK_TEXT(guess("0 invoke add 1\n1 invoke read\n1 ok read [1]\n"), "g-set {}");
    CHECK_TEXT(guess("0 invoke add 1\n1 invoke read\n1 ok read 1\n"), "counter {\"strict\":true}");
    CHECK_TEXT(guess("0 invoke add 1\n1 invoke! read\n1 ok read 1\n"), "counter {}");
    CHECK_TEXT(guess("0 invoke broadcast 1\n1 invoke read\n"), "broadcast {\"add\":\"broadcast\"}");
    CHECK_TEXT(guess("0 invoke generate\n"), "unique-ids {}");
    CHECK_TEXT(guess("0 invoke echo \"x\"\n"), "echo {}");
    CHECK_TEXT(guess("0 invoke txn [[\"r\",1,null],[\"append\",1,2]]\n"), "list-append {}");
    CHECK_TEXT(guess("0 invoke txn [[\"r\",1,null]]\n1 invoke txn [[\"w\",1,2]]\n"),
               "rw-register {}");
    CHECK_TEXT(guess("0 invoke txn [[\"r\",1,null]]\n1 invoke write [[\"w\",1,2]]\n"),
               "rw-register {}");
    CHECK_HAS(guess("0 invoke txn [[\"read\",1,null]]\n"), "multi-register {");
    CHECK_TEXT(guess("0 invoke read [[\"r\",1,null]]\n1 invoke write [[\"w\",1,2]]\n"),
               "long-fork {}");
    CHECK_TEXT(guess("0 invoke read\n0 ok read {\"1\":5}\n0 invoke transfer {}\n"), "bank {}");
    CHECK_TEXT(guess("0 invoke enqueue 1\n1 invoke drain\n"), "total-queue {}");
    CHECK_TEXT(guess("0 invoke assign [\"a\"]\n1 invoke poll\n"), "kafka {}");
}

TEST(operations_that_tell_too_little_are_named)
{
    CHECK_HAS(guess("0 invoke read\n"), "the operations (read) do not tell");
    CHECK_HAS(guess("0 invoke add 1\n1 invoke read\n"), "the operations (add, read) do not tell");
    CHECK_HAS(guess("0 invoke txn [[\"r\",1,null]]\n"), "(txn)");
    CHECK_HAS(guess("0 invoke txn [[\"w\",1,2],[\"append\",1,2]]\n"), "(txn)");
    CHECK_HAS(guess("0 invoke txn 5\n"), "(txn)");
    CHECK_HAS(guess("0 invoke transfer\n1 invoke read\n"), "(transfer, read)");
    CHECK_HAS(guess("nemesis info kill\n"), "no operation of a client");
}

TEST(pairs_of_key_and_value_are_seen_where_all_are)
{
    CHECK_HAS(guess("0 invoke add [1,1]\n1 invoke read [1,null]\n1 ok read [1,[1]]\n"), "g-set ");
    CHECK_HAS(guess("0 invoke add [1,1]\n1 invoke read [1,null]\n1 ok read [1,5]\n"), "counter ");
    CHECK_HAS(guess("0 invoke add [1,1]\n1 invoke read\n1 ok read [[1,1],[2,2]]\n"), "g-set ");
    CHECK_HAS(guess("0 invoke add [1,1]\n1 invoke read [1,null]\n1 ok read [1,2,3]\n"), "g-set ");
    CHECK_HAS(guess("0 invoke write [1,1]\n1 invoke read\n"), "\"keyed\":false");
    CHECK_HAS(guess("0 invoke txn [[\"r\",1,null],[\"append\",1,1]]\n"), "list-append");
}

TEST(faults_do_not_change_the_guess)
{
    CHECK_HAS(guess("nemesis info kill\n0 invoke echo 1\n"), "echo ");
}

TEST(a_model_whose_operations_do_not_occur_does_not_suit)
{
    struct history *h = story("0 invoke write 1\nnemesis info echo\n");
    struct err err = {.text = ""};

    CHECK_INT(named_model_suits(named_model_find("register"), h, &err), 0);
    CHECK_INT(named_model_suits(named_model_find("echo"), h, &err), ERR_INPUT);
    CHECK_TEXT(err.text, "echo judges operations \"echo\", but the history has none (write)");
    history_free(h);
}

TEST(every_model_of_a_known_checker_takes_its_options)
{
    const struct named_model *m;
    size_t i;

    for (i = 0; (m = named_model_at(i)) != NULL; i++) {
        struct history *h = story("0 invoke read\n0 ok read 1\n");
        const struct checker *c = checker_find(m->checker);
        struct verdict v;
        struct err err = {.text = ""};
        bool is_keyed;
        json_t *options = named_model_options(m, h, &is_keyed);
        CHECK(named_model_find(m->name) == m);
        if (c != NULL) {
            if (checker_run(c, h, options, &v, &err) < 0)
                fail_msg("%s: %s", m->name, err.text);
            verdict_release(&v);
        }
        json_decref(options);
        history_free(h);
    }
    CHECK_TEXT(named_model_find("append-string")->name, "append-kv");
    CHECK_TEXT(named_model_find("set-full")->name, "g-set");
    CHECK(named_model_find("teapot") == NULL);
}
