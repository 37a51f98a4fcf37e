#include "txn_model.h"

#include "../base/err.h"
#include "../base/test.h"

static uint64_t model(const char *name)
{
    uint64_t set = txn_model_set(name, strlen(name));

    if (set == 0)
        fail_msg("there is no %s", name);
    return set;
}

TEST(every_anomaly_has_a_name_of_its_own)
{
    unsigned i, k;

    for (i = 0; i < TXN_FOUND_COUNT; i++) {
        CHECK(strlen(txn_anomaly_name(i)) > 0);
        CHECK(strlen(txn_anomaly_meaning(i)) > 0);
        for (k = 0; k < i; k++)
            CHECK(strcmp(txn_anomaly_name(i), txn_anomaly_name(k)) != 0);
    }
    CHECK_TEXT(txn_anomaly_name(TXN_G_SINGLE_ITEM + TXN_REALTIME), "G-single-item-realtime");
    CHECK_TEXT(txn_anomaly_name(TXN_G0 + TXN_PROCESS), "G0-process");
    CHECK_TEXT(txn_anomaly_name(TXN_INTERNAL), "internal");
}

TEST(anomalies_imply_weaker_ones_and_their_variants)
{
    uint64_t implied = txn_implied(TXN_BIT(TXN_G_SINGLE_ITEM));

    CHECK(implied & TXN_BIT(TXN_G2_ITEM));
    CHECK(implied & TXN_BIT(TXN_G2));
    CHECK(implied & TXN_BIT(TXN_G2 + TXN_REALTIME));
    CHECK(!(implied & TXN_BIT(TXN_G1C)));
    implied = txn_implied(TXN_BIT(TXN_G0 + TXN_PROCESS));
    CHECK(implied & TXN_BIT(TXN_G1C + TXN_PROCESS));
    CHECK(implied & TXN_BIT(TXN_G0 + TXN_REALTIME));
    CHECK(!(implied & TXN_BIT(TXN_G0)));
}

/* All 54 names that Maelstrom takes. */
TEST(the_names_of_maelstrom_are_known)
{
    static const char *const names[] = {"1SR",
                                        "PRAM",
                                        "causal",
                                        "causal-cerone",
                                        "conflict-serializable",
                                        "consistent-view",
                                        "cursor-stability",
                                        "forward-consistent-view",
                                        "linearizable",
                                        "monotonic-atomic-view",
                                        "monotonic-reads",
                                        "monotonic-snapshot-read",
                                        "monotonic-view",
                                        "monotonic-writes",
                                        "parallel-snapshot-isolation",
                                        "prefix",
                                        "read-atomic",
                                        "read-committed",
                                        "read-uncommitted",
                                        "read-your-writes",
                                        "repeatable-read",
                                        "sequential",
                                        "serializable",
                                        "session-serializable",
                                        "snapshot-isolation",
                                        "strict-serializable",
                                        "strong-read-committed",
                                        "strong-read-uncommitted",
                                        "strong-serializable",
                                        "strong-session-read-committed",
                                        "strong-session-read-uncommitted",
                                        "strong-session-serializable",
                                        "strong-session-snapshot-isolation",
                                        "strong-snapshot-isolation",
                                        "update-atomic",
                                        "update-serializable",
                                        "view-serializable",
                                        "writes-follow-reads",
                                        "PL-1",
                                        "PL-2",
                                        "PL-CS",
                                        "PL-2L",
                                        "PL-MSR",
                                        "PL-2+",
                                        "PL-FCV",
                                        "PL-2.99",
                                        "PL-SI",
                                        "PL-3U",
                                        "PL-3",
                                        "PL-SS",
                                        "strong-PL-1",
                                        "strong-PL-2",
                                        "strong-session-PL-1",
                                        "strong-session-PL-2"};
    size_t i;

    CHECK_INT(sizeof(names) / sizeof(names[0]), 54);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!txn_model_known(names[i]))
            fail_msg("%s is not known", names[i]);
    CHECK(!txn_model_known("pl-1"));
    CHECK(!txn_model_known(""));
    CHECK(!txn_model_known("serializable,read-committed"));
}

TEST(aliases_are_one_model)
{
    CHECK(model("PL-3") == model("serializable"));
    CHECK(model("conflict-serializable") == model("serializable"));
    CHECK(model("strong-serializable") == model("strict-serializable"));
    CHECK(model("strong-PL-2") == model("strong-read-committed"));
    CHECK(model("PL-2.99") != model("PL-2"));
}

TEST(stronger_models_forbid_more)
{
    static const char *const chain[] = {"read-uncommitted",   "read-committed",
                                        "cursor-stability",   "repeatable-read",
                                        "serializable",       "strong-session-serializable",
                                        "strict-serializable"};
    size_t i;

    for (i = 1; i < sizeof(chain) / sizeof(chain[0]); i++) {
        uint64_t weak = txn_forbidden(model(chain[i - 1]));
        uint64_t strong = txn_forbidden(model(chain[i]));
        CHECK((weak & strong) == weak);
        CHECK(weak != strong);
    }
    CHECK(!(txn_forbidden(model("read-committed")) & TXN_BIT(TXN_INTERNAL)));
    CHECK(txn_forbidden(model("read-atomic")) & TXN_BIT(TXN_INTERNAL));
    CHECK(txn_forbidden(model("PRAM")) & TXN_BIT(TXN_GARBAGE_READ));
}

TEST(the_boundary_is_the_weakest_that_is_refuted)
{
    uint64_t refuted = txn_refuted(TXN_BIT(TXN_G2_ITEM));

    CHECK(refuted & model("serializable"));
    CHECK(!(refuted & model("snapshot-isolation")));
    CHECK(txn_weakest(refuted) == model("repeatable-read"));
    CHECK(txn_refuted(0) == 0);
}

TEST(models_that_forbid_nothing_have_judges)
{
    CHECK(txn_judges(model("serializable")) == model("serializable"));
    CHECK(txn_judges(model("linearizable")) == model("strict-serializable"));
    CHECK(txn_judges(model("view-serializable")) & model("serializable"));
    CHECK(!(txn_judges(model("view-serializable")) & model("snapshot-isolation")));
}

TEST(a_wrong_name_gets_near_ones)
{
    static const struct {
        const char *name, *near;
    } cases[] = {
        {"serialisable", "did you mean serializable?"},
        {"pl-2", "PL-2"},
        {"read-comitted", "read-committed"},
        {"strict-serialisable", "strict-serializable"},
        {"snapshot", "snapshot-isolation"},
        {"xyzzyxyzzyxyzzy", "the usual ones are"},
        {"", "the usual ones are"},
    };
    struct err err;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        err.text[0] = '\0';
        CHECK_INT(txn_model_check(cases[i].name, &err), ERR_INPUT);
        CHECK_HAS(err.text, cases[i].near);
    }
    CHECK_INT(txn_model_check("PL-1", &err), 0);
}
