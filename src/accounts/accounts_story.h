/* accounts_story.h - a database with people in it and a clock that the test sets, for the tests of
 * this room and of what is above it. */
#ifndef ACCOUNTS_ACCOUNTS_STORY_H
#define ACCOUNTS_ACCOUNTS_STORY_H

#include "../store/database_story.h"
#include "../store/store.h"
#include "accounts.h"
#include "link.h"
#include "people.h"

#define STORY_UNUSED __attribute__((unused))
/* Fits no password: where a test signs nobody in, it need not wait for a real one. */
#define STORY_HASH "$argon2id$none"

static int64_t story_ms = 1700000000000;

STORY_UNUSED static int64_t story_now(void)
{
    return story_ms;
}

STORY_UNUSED static struct accounts *accounts_story_open(const struct database *d,
                                                         bool open_sign_up)
{
    struct err err = {.text = ""};
    struct accounts_config config = {.url = "https://eddy.example", .open_sign_up = open_sign_up};
    struct accounts *a = NULL;

    if (store_open(d->db, &config.store, &err) < 0 || accounts_open(&config, &a, &err) < 0)
        fail_msg("%s", err.text);
    a->now_ms = story_now;
    story_ms = 1700000000000;
    return a;
}

STORY_UNUSED static void accounts_story_close(struct accounts *a)
{
    struct store *store = a->store;

    accounts_close(a);
    store_close(store);
}

/* A link's token; good for one use and a day. */
STORY_UNUSED static void story_link(struct accounts *a, const struct link_spec *spec,
                                    char token[SECRET_TEXT_SIZE])
{
    struct err err = {.text = ""};
    struct link_spec whole = *spec;

    whole.uses = spec->uses > 0 ? spec->uses : 1;
    whole.lasts_ms = spec->lasts_ms > 0 ? spec->lasts_ms : 86400000;
    if (link_new(a, &whole, token, &err) != 1)
        fail_msg("%s", err.text);
}

/* Somebody with this name, role and hash; his number. */
STORY_UNUSED static int64_t story_person(struct accounts *a, const char *name, enum role role,
                                         const char *hash)
{
    const struct link_spec spec = {.kind = LINK_SIGN_UP, .role = role};
    char token[SECRET_TEXT_SIZE];
    struct err err = {.text = ""};
    struct sign_up u = {.name = str_of(name), .full_name = str_of(""), .hash = hash};
    struct person person = {0};

    story_link(a, &spec, token);
    u.invitation = str_of(token);
    if (people_sign_up(a, &u, &person, &err) != 1)
        fail_msg("%s: %s", name, err.text);
    return person.id;
}

/* What was handed in, as src/judge notes it. */
STORY_UNUSED static void story_handin(const struct database *d, int64_t person, const char *task,
                                      const char *verdict, int64_t put_ms)
{
    char sql[512];

    snprintf(sql, sizeof(sql),
             "INSERT INTO handin (person, kind, track, task, language, job, put_ms, over_ms, "
             "verdict, sentence) VALUES (%lld, 'submit', 'messenger', '%s', 'c', 0, %lld, %lld, "
             "'%s', '')",
             (long long)person, task, (long long)put_ms, (long long)put_ms, verdict);
    database_sql(d, sql);
}

#endif
