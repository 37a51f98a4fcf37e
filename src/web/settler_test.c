#include "settler.h"

#include "../judge/handins.h"
#include "judged_story.h"

/* Goal: what is over is noted though nobody looks. Method: the database is read past handins. */
ON_BOTH(what_nobody_looks_at_is_noted)
{
    struct settler *settler = NULL;
    struct err err = {.text = ""};
    struct judged_story j;
    struct site_progress *p;
    bool passed = false;
    int64_t id = 0;
    int round;

    judged_open(&j, d, true);
    CHECK_INT(settler_start(d->db, &settler, &err), 0);
    CHECK_INT(judged_put(&j, "7", JUDGED_ECHO, &id), 202);
    judged_take(&j);
    judged_finish(&j, "{\"verdict\":\"passed\",\"sentence\":\"\"}", NULL);
    for (round = 0; !passed && round < 60000; round++) {
        CHECK_INT(site_progress(j.w.site, &(struct person){.id = 7}, &p, &err), 0);
        passed = site_progress_passed(p, "messenger", "echo");
        site_progress_free(p);
        usleep(10000);
    }
    CHECK(passed);
    settler_stop(settler);
    judged_close(&j);
}

TEST(a_database_that_is_none_is_refused)
{
    struct settler *settler = NULL;
    struct err err = {.text = ""};

    CHECK_INT(settler_start("/dev/null/x.db", &settler, &err), ERR_MACHINE);
    CHECK(settler == NULL && err.text[0] != '\0');
    settler_stop(NULL);
}
