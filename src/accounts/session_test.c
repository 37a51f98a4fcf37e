#include "session.h"

#include "accounts_story.h"

ON_BOTH(a_session_knows_its_person_until_it_is_ended)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t ada = story_person(a, "ada", ROLE_TEACHER, STORY_HASH);
    char token[SECRET_TEXT_SIZE], other[SECRET_TEXT_SIZE];
    struct person p = {0};

    CHECK_INT(session_begin(a, ada, token, &err), 1);
    CHECK_INT(session_begin(a, ada, other, &err), 1);
    CHECK_INT(session_person(a, str_of(token), &p, &err), 1);
    CHECK(p.id == ada && p.role == ROLE_TEACHER);
    CHECK_TEXT(p.name, "ada");
    CHECK_INT(session_end(a, str_of(token), &err), 1);
    CHECK_INT(session_person(a, str_of(token), &p, &err), 0);
    CHECK_INT(session_person(a, str_of(other), &p, &err), 1);
    CHECK_INT(session_end_all(a, ada, &err), 1);
    CHECK_INT(session_person(a, str_of(other), &p, &err), 0);
    accounts_story_close(a);
}

/* Goal: a copy of the database lets nobody in. */
ON_BOTH(what_is_stored_is_not_the_token)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    char token[SECRET_TEXT_SIZE], hash[SECRET_HASH_SIZE];
    struct store_value v[3];
    struct store_rows *rows = NULL;
    struct person p = {0};

    CHECK_INT(session_begin(a, ada, token, &err), 1);
    v[0] = store_text(token);
    v[1] = store_integer(story_ms);
    CHECK_INT(store_query(a->store, "session_get", v, 2, &rows, &err), 0);
    CHECK_INT(store_next(rows, &err), 0);
    store_rows_close(rows);
    CHECK_INT(session_person(a, str_of(secret_hash(str_of(token), hash)), &p, &err), 0);
    CHECK_INT(session_person(a, STR_LIT(""), &p, &err), 0);
    CHECK_INT(session_begin(a, 12345, token, &err), 0); /* nobody */
    accounts_story_close(a);
}

ON_BOTH(use_keeps_a_session_alive_and_idleness_ends_it)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    char token[SECRET_TEXT_SIZE];
    struct person p = {0};

    CHECK_INT(session_begin(a, ada, token, &err), 1);
    story_ms += SESSION_IDLE_MS - 1;
    CHECK_INT(session_person(a, str_of(token), &p, &err), 1);
    story_ms += SESSION_IDLE_MS - 1;
    CHECK_INT(session_person(a, str_of(token), &p, &err), 1);
    story_ms += SESSION_IDLE_MS;
    CHECK_INT(session_person(a, str_of(token), &p, &err), 0);
    accounts_story_close(a);
}

ON_BOTH(no_session_lives_longer_than_its_whole_time)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH), begun;
    char token[SECRET_TEXT_SIZE];
    struct person p = {0};

    CHECK_INT(session_begin(a, ada, token, &err), 1);
    begun = story_ms;
    while (story_ms + SESSION_IDLE_MS / 2 < begun + SESSION_WHOLE_MS) {
        story_ms += SESSION_IDLE_MS / 2;
        CHECK_INT(session_person(a, str_of(token), &p, &err), 1);
    }
    story_ms = begun + SESSION_WHOLE_MS;
    CHECK_INT(session_person(a, str_of(token), &p, &err), 0);
    CHECK_INT(session_sweep(a, &err), 1);
    CHECK_INT(session_sweep(a, &err), 0);
    accounts_story_close(a);
}

static void count_it(void *owner, int64_t made_ms, int64_t seen_ms)
{
    CHECK(made_ms > 0 && seen_ms >= made_ms);
    ++*(int *)owner;
}

ON_BOTH(a_person_has_so_many_sessions_and_the_idlest_makes_room)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    char first[SECRET_TEXT_SIZE], token[SECRET_TEXT_SIZE];
    struct person p = {0};
    int i, count = 0;

    CHECK_INT(session_begin(a, ada, first, &err), 1);
    for (i = 0; i < SESSIONS_MAX; i++) {
        story_ms++;
        CHECK_INT(session_begin(a, ada, token, &err), 1);
    }
    CHECK_INT(session_person(a, str_of(first), &p, &err), 0);
    CHECK_INT(session_person(a, str_of(token), &p, &err), 1);
    CHECK_INT(session_list(a, ada, count_it, &count, &err), SESSIONS_MAX);
    CHECK_INT(count, SESSIONS_MAX);
    accounts_story_close(a);
}
