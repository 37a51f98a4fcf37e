#include "leave.h"

#include "../base/mem.h"
#include "accounts_story.h"
#include "classes.h"
#include "identity.h"
#include "session.h"

/* One that was judged, with all that hangs on it. */
static void add_job(const struct database *d, const char *files)
{
    char sql[500];

    snprintf(
        sql, sizeof(sql),
        "INSERT INTO job (learner, topic, needs, priority, state, attempt, fence, worker, why, "
        "event_count, ready_ms, lease_until_ms, put_ms, taken_ms, over_ms, payload, result) "
        "VALUES ('p', '', '', 0, 'done', 1, 1, '', '', 0, 0, 0, 0, 0, 0, '{\"files\": "
        "\"%s\"}', '{}')",
        files);
    database_sql(d, sql);
    database_sql(d, "INSERT INTO job_event (job, number, attempt, text) SELECT MAX(id), 0, 1, "
                    "'secret' FROM job");
    database_sql(d, "INSERT INTO job_file (job, name, text) SELECT MAX(id), 'report', 'secret' "
                    "FROM job");
}

static void fill(struct accounts *a, const struct database *d, int64_t person)
{
    struct err err = {.text = ""};
    char token[SECRET_TEXT_SIZE], sql[700];
    int64_t id = 0;

    CHECK_INT(session_begin(a, person, token, &err), 1);
    CHECK_INT(class_add(a, STR_LIT("Own"), person, &id, &err), 1);
    story_handin(d, person, "echo", "failed", story_ms);
    snprintf(sql, sizeof(sql),
             "INSERT INTO draft (person, track, task, language, version, changed_ms, files) VALUES "
             "(%lld, 'messenger', 'echo', 'c', 1, 5, '[{\"name\": \"main.c\", \"text\": \"secret "
             "code\"}]')",
             (long long)person);
    database_sql(d, sql);
    snprintf(sql, sizeof(sql),
             "INSERT INTO progress (person, track, task, language, folder, state, attempts, hints, "
             "passed_at, changed_at) VALUES (%lld, 'messenger', 'echo', 'c', '', 'passed', 3, 0, "
             "1, 1)",
             (long long)person);
    database_sql(d, sql);
    add_job(d, "secret code of before a regrade");
    snprintf(sql, sizeof(sql),
             "UPDATE job SET learner = 'person %lld' WHERE id = (SELECT MAX(id) FROM job)",
             (long long)person);
    database_sql(d, sql);
    add_job(d, "secret code");
    snprintf(sql, sizeof(sql),
             "UPDATE handin SET job = (SELECT MAX(id) FROM job) WHERE person = %lld",
             (long long)person);
    database_sql(d, sql);
    add_job(d, "secret run");
    snprintf(
        sql, sizeof(sql),
        "INSERT INTO play (address, person, job) SELECT 'address-%lld', %lld, MAX(id) FROM job",
        (long long)person, (long long)person);
    database_sql(d, sql);
}

ON_BOTH(one_gets_all_of_ones_own_and_no_secrets)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, "$argon2id$hash");
    json_t *all = NULL;
    char *text;

    fill(a, d, ada);
    CHECK_INT(identity_add(a, ada, STR_LIT("https://i"), STR_LIT("s"), &err), 1);
    CHECK_INT(person_export(a, ada, &all, &err), 1);
    text = json_dumps(all, JSON_SORT_KEYS);
    CHECK_HAS(text, "\"name\": \"ada\"");
    CHECK_HAS(text, "\"issuer\": \"https://i\"");
    CHECK_HAS(text, "\"title\": \"Own\"");
    CHECK_HAS(text, "\"payload\": {\"files\": \"secret code\"}");
    CHECK_HAS(text, "\"payload\": {\"files\": \"secret run\"}");
    CHECK_HAS(text, "\"files\": [{\"name\": \"main.c\"");
    CHECK_INT(json_array_size(json_object_get(all, "sessions")), 1);
    CHECK_INT(json_array_size(json_object_get(all, "progress")), 1);
    CHECK(strstr(text, "argon2") == NULL);
    free(text);
    json_decref(all);
    CHECK_INT(person_export(a, 999, &all, &err), 0);
    accounts_story_close(a);
}

/* How many rows a table has that say anything of people. */
static int64_t count(const struct database *d, struct accounts *a, const char *sql)
{
    struct err err = {.text = ""};
    struct store_rows *rows = NULL;
    char whole[300];
    int64_t n = -1;

    /* Through a title, since the store runs statements of its own only. */
    snprintf(whole, sizeof(whole), "UPDATE class SET made_ms = (%s) WHERE title = 'Counter'", sql);
    database_sql(d, whole);
    CHECK_INT(
        store_query(a->store, "class_list",
                    (struct store_value[]){store_integer(0), store_integer(1), store_integer(500)},
                    3, &rows, &err),
        0);
    while (store_next(rows, &err) == 1)
        if (strcmp(store_row_text(rows, 1), "Counter") == 0)
            n = store_row_integer(rows, 2);
    store_rows_close(rows);
    return n;
}

ON_BOTH(who_leaves_leaves_only_sums)
{
    static const struct {
        const char *sql;
        int64_t rows; /* of one person */
    } tables[] = {
        {"SELECT COUNT(*) FROM handin", 1},   {"SELECT COUNT(*) FROM draft", 1},
        {"SELECT COUNT(*) FROM progress", 1}, {"SELECT COUNT(*) FROM play", 1},
        {"SELECT COUNT(*) FROM job", 3},      {"SELECT COUNT(*) FROM job_event", 3},
        {"SELECT COUNT(*) FROM job_file", 3},
    };
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t root = story_person(a, "root", ROLE_ADMIN, STORY_HASH), id = 0;
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    int64_t bob = story_person(a, "bob", ROLE_LEARNER, STORY_HASH);
    struct account account;
    struct person p;
    char token[SECRET_TEXT_SIZE];
    size_t i;

    CHECK_INT(class_add(a, STR_LIT("Counter"), root, &id, &err), 1);
    fill(a, d, ada);
    fill(a, d, bob);
    CHECK_INT(identity_add(a, ada, STR_LIT("https://i"), STR_LIT("s"), &err), 1);
    CHECK_INT(session_begin(a, ada, token, &err), 1);
    CHECK_INT(person_delete(a, ada, &err), 1);
    CHECK_INT(people_find(a, ada, &account, &err), 0);
    CHECK_INT(session_person(a, str_of(token), &p, &err), 0);
    CHECK_INT(identity_person(a, STR_LIT("https://i"), STR_LIT("s"), &id, &err), 0);
    for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        CHECK_INT(count(d, a, tables[i].sql), tables[i].rows);      /* bob's stays */
    CHECK_INT(count(d, a, "SELECT COUNT(*) FROM class_member"), 2); /* root's and bob's */
    CHECK_INT(person_delete(a, bob, &err), 1);
    CHECK_INT(count(d, a, "SELECT attempts FROM task_of_the_gone WHERE task = 'echo'"), 6);
    CHECK_INT(count(d, a, "SELECT passed FROM task_of_the_gone WHERE task = 'echo'"), 2);
    CHECK_INT(person_delete(a, bob, &err), 0);
    CHECK_INT(person_delete(a, root, &err), 0);
    CHECK_HAS(err.text, "last admin");
    accounts_story_close(a);
}
