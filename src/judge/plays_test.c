#include "plays.h"

#include "../store/database_story.h"

#include "../store/store.h"
#include "jobs.h"
#include "play.h"

static const char text[] = "{\"workload\":\"echo\",\"options\":{\"seed\":\"7\"},\"language\":\"c\","
                           "\"files\":[{\"name\":\"main.c\",\"text\":\"int x;\"}]}";

struct room {
    struct store *store;
    struct jobs *queue;
    struct play play;
};

static void room_open(struct room *r, const struct database *d)
{
    const struct jobs_config config = {.worker = "w", .waiting_max = 2};
    struct err err = {.text = ""};

    *r = (struct room){.store = NULL};
    CHECK_INT(store_open(d->db, &r->store, &err), 0);
    CHECK_INT(jobs_open(d->db, &config, &r->queue, &err), 0);
    CHECK_INT(play_parse(STR_LIT(text), &r->play, &err), 0);
}

static void room_close(struct room *r)
{
    play_release(&r->play);
    jobs_close(r->queue);
    store_close(r->store);
}

static int put(struct room *r, int64_t person, char address[PLAYS_ADDRESS_LEN + 1])
{
    const struct plays_wish wish = {.person = person, .learner = "them", .play = &r->play};
    struct err err = {.text = ""};

    return plays_put(r->store, r->queue, &wish, address, &err);
}

ON_BOTH(a_run_is_found_by_its_address_alone)
{
    char address[PLAYS_ADDRESS_LEN + 1] = "", other[PLAYS_ADDRESS_LEN + 1] = "";
    struct err err = {.text = ""};
    struct plays_found found;
    struct job job;
    struct room r;

    room_open(&r, d);
    CHECK_INT(put(&r, 12, address), 0);
    CHECK_INT(put(&r, 13, other), 0);
    CHECK_INT(strlen(address), PLAYS_ADDRESS_LEN);
    CHECK(strcmp(address, other) != 0);
    CHECK_INT(plays_find(r.store, str_of(address), &found, &err), 1);
    CHECK_INT(found.person, 12);
    CHECK(!found.has_report);
    CHECK_TEXT(found.payload.data, text);

    /* It is the job that a worker who has the language gets. */
    CHECK_INT(jobs_take(r.queue, &job, &err), 1);
    CHECK_INT(job.id, found.job);
    CHECK_TEXT(job.payload.data, text);
    CHECK_TEXT(job.learner, "them");
    job_release(&job);
    buf_release(&found.payload);

    address[3] = address[3] == 'a' ? 'b' : 'a';
    CHECK_INT(plays_find(r.store, str_of(address), &found, &err), 0);
    CHECK_INT(plays_find(r.store, STR_LIT(""), &found, &err), 0);
    CHECK_INT(plays_find(r.store, STR_LIT("' OR 1 = 1 -- ........"), &found, &err), 0);
    CHECK_INT(plays_find(r.store, (struct str){"\0\0\0", 3}, &found, &err), 0);
    room_close(&r);
}

ON_BOTH(who_has_too_many_waiting_gets_no_address)
{
    char address[PLAYS_ADDRESS_LEN + 1] = "none";
    struct room r;

    room_open(&r, d);
    CHECK_INT(put(&r, 1, address), 0);
    CHECK_INT(put(&r, 1, address), 0);
    address[0] = '\0';
    CHECK_INT(put(&r, 1, address), ERR_FULL);
    CHECK_TEXT(address, "");
    room_close(&r);
}
