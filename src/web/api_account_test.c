/* People, classes and sign-ins through the API, on both databases, as browsers ask for them. */
#include "api_account.h"

#include "../accounts/accounts_story.h"
#include "../accounts/password.h"
#include "../accounts/throttle.h"
#include "schema_story.h"

#include <argon2.h>

#define SESSION_SIZE 64
static const char password[] = "correct horse battery";

struct town {
    struct web_story w;
    const struct database *d;
    struct accounts *a;
};

static void town_open(struct town *t, const struct database *d, bool open_sign_up)
{
    t->d = d;
    web_open(&t->w);
    t->a = accounts_story_open(d, open_sign_up);
    t->w.site->accounts = t->a;
    t->w.site->person_of = account_of_session;
    t->w.site->throttle = throttle_new();
}

static void town_close(struct town *t)
{
    throttle_free(t->w.site->throttle);
    accounts_story_close(t->a);
    web_close(&t->w);
}

static unsigned say(struct town *t, const char *session, const char *method, const char *path,
                    const char *body)
{
    struct web_asking a = {.method = method, .path = path, .body = body, .session = session};

    return web_say(&t->w, &a);
}

/* The same, held against the description of the route. */
static void hold(struct town *t, const char *session, const char *method, const char *path,
                 const char *body, unsigned wanted, const char *route)
{
    unsigned got = say(t, session, method, path, body);

    if (got != wanted)
        fail_msg("%s %s: %u instead of %u: %s", method, path, got, wanted, t->w.r.body.data);
    check_described(&t->w, method, route);
}

/* The value of the session's cookie that the last answer set. */
static void take_session(struct town *t, char into[SESSION_SIZE])
{
    static const char begin[] = "eddy_session=";
    const char *at = t->w.r.set_cookie.data;

    CHECK(at != NULL && strncmp(at, begin, sizeof(begin) - 1) == 0);
    at += sizeof(begin) - 1;
    snprintf(into, SESSION_SIZE, "%.*s", (int)strcspn(at, ";"), at);
}

/* A text in the last answer; borrowed until the call after. */
static const char *member(struct town *t, const char *name)
{
    static char text[2000];
    json_t *value = json_loads(t->w.r.body.data, 0, NULL);

    snprintf(text, sizeof(text), "%s", request_member(value, name));
    json_decref(value);
    return text;
}

static int64_t number(struct town *t, const char *name)
{
    json_t *value = json_loads(t->w.r.body.data, 0, NULL);
    int64_t n = json_integer_value(json_object_get(value, name));

    json_decref(value);
    return n;
}

static int64_t settle(struct town *t, const char *name, enum role role)
{
    struct err err = {.text = ""};
    char hash[PASSWORD_HASH_SIZE];

    CHECK_INT(password_hash(str_of(password), hash, &err), 0);
    return story_person(t->a, name, role, hash);
}

static unsigned sign_in(struct town *t, const char *name, const char *with, char into[SESSION_SIZE])
{
    struct buf body = {0};
    unsigned status;

    buf_addf(&body, "{\"name\":\"%s\",\"password\":\"%s\"}", name, with);
    status = say(t, NULL, "POST", "/api/v1/session", body.data);
    if (status == 200)
        take_session(t, into);
    buf_release(&body);
    return status;
}

/* ---- sessions ---- */

ON_BOTH(one_signs_in_and_out)
{
    char session[SESSION_SIZE];
    struct town t;

    town_open(&t, d, false);
    settle(&t, "ada", ROLE_LEARNER);
    hold(&t, NULL, "GET", "/api/v1/session", NULL, 200, "/api/v1/session");
    CHECK_INT(say(&t, NULL, "GET", "/api/v1/me", NULL), 401);
    CHECK_INT(sign_in(&t, "Ada", password, session), 200);
    check_described(&t.w, "POST", "/api/v1/session");
    CHECK_HAS(t.w.r.set_cookie.data, "HttpOnly");
    CHECK_HAS(t.w.r.set_cookie.data, "SameSite=Lax");
    CHECK_HAS(t.w.r.set_cookie.data, "Secure");
    CHECK(strstr(t.w.r.body.data, session) == NULL);
    CHECK(strstr(t.w.r.body.data, "argon2") == NULL);
    hold(&t, session, "GET", "/api/v1/me", NULL, 200, "/api/v1/me");
    CHECK_TEXT(member(&t, "name"), "ada");
    hold(&t, session, "GET", "/api/v1/session", NULL, 200, "/api/v1/session");
    hold(&t, session, "DELETE", "/api/v1/session", NULL, 200, "/api/v1/session");
    CHECK_HAS(t.w.r.set_cookie.data, "Max-Age=0");
    CHECK_INT(say(&t, session, "GET", "/api/v1/me", NULL), 401);
    CHECK_INT(sign_in(&t, "ada", password, session), 200);
    hold(&t, session, "DELETE", "/api/v1/sessions", NULL, 200, "/api/v1/sessions");
    CHECK_INT(say(&t, session, "GET", "/api/v1/me", NULL), 401);
    town_close(&t);
}

/* Goal: nobody learns from the answer which names there are. */
ON_BOTH(wrong_names_and_wrong_passwords_look_alike)
{
    struct err err = {.text = ""};
    char session[SESSION_SIZE], first[500];
    struct town t;

    town_open(&t, d, false);
    settle(&t, "ada", ROLE_LEARNER);
    CHECK_INT(people_set_closed(t.a, settle(&t, "closed", ROLE_LEARNER), true, &err), 1);
    CHECK_INT(sign_in(&t, "ada", "wrong password", session), 401);
    snprintf(first, sizeof(first), "%s", t.w.r.body.data);
    CHECK(t.w.r.set_cookie.len == 0);
    CHECK_INT(sign_in(&t, "nobody", "wrong password", session), 401);
    CHECK_TEXT(t.w.r.body.data, first);
    CHECK_INT(sign_in(&t, "closed", password, session), 401);
    CHECK_TEXT(t.w.r.body.data, first);
    CHECK_INT(sign_in(&t, "", "", session), 401);
    CHECK_TEXT(t.w.r.body.data, first);
    CHECK_INT(say(&t, NULL, "POST", "/api/v1/session", "{\"name\":7,\"password\":[]}"), 401);
    town_close(&t);
}

ON_BOTH(guessing_is_held_back_and_signing_in_is_not)
{
    char session[SESSION_SIZE];
    struct town t;
    int i, tries = 0;

    town_open(&t, d, false);
    settle(&t, "ada", ROLE_LEARNER);
    for (i = 0; i < 12; i++)
        CHECK_INT(sign_in(&t, "ada", password, session), 200);
    while (tries < 20 && sign_in(&t, "ada", "wrong password", session) == 401)
        tries++;
    CHECK_INT(tries, 8);
    CHECK_INT(t.w.r.status, 429);
    CHECK(t.w.r.retry_after_s >= 1 && t.w.r.retry_after_s <= 20);
    CHECK_INT(sign_in(&t, "ada", password, session), 429); /* also with the right one */
    story_ms += 20000;
    CHECK_INT(sign_in(&t, "ada", password, session), 200);
    for (i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof(name), "name%d", i);
        tries = (int)sign_in(&t, name, "wrong password", session);
    }
    CHECK_INT(tries, 429); /* by the address */
    town_close(&t);
}

ON_BOTH(a_cheap_hash_is_made_anew_at_the_next_sign_in)
{
    struct err err = {.text = ""};
    char session[SESSION_SIZE], cheap[PASSWORD_HASH_SIZE];
    struct credentials c = {0};
    struct town t;

    town_open(&t, d, false);
    CHECK_INT(argon2id_hash_encoded(1, 8192, 1, password, strlen(password), "saltsaltsalt", 12, 32,
                                    cheap, sizeof(cheap)),
              ARGON2_OK);
    story_person(t.a, "ada", ROLE_LEARNER, cheap);
    CHECK_INT(sign_in(&t, "ada", "wrong password", session), 401);
    CHECK_INT(people_credentials(t.a, STR_LIT("ada"), &c, &err), 1);
    CHECK_TEXT(c.hash, cheap);
    credentials_release(&c);
    CHECK_INT(sign_in(&t, "ada", password, session), 200);
    CHECK_INT(people_credentials(t.a, STR_LIT("ada"), &c, &err), 1);
    CHECK(!password_is_old(c.hash));
    credentials_release(&c);
    CHECK_INT(sign_in(&t, "ada", password, session), 200);
    town_close(&t);
}

/* ---- signing up ---- */

ON_BOTH(one_signs_up_by_invitation)
{
    const struct link_spec spec = {.kind = LINK_SIGN_UP, .role = ROLE_TEACHER};
    char token[SECRET_TEXT_SIZE], session[SESSION_SIZE];
    struct buf body = {0};
    struct town t;

    town_open(&t, d, false);
    CHECK_INT(
        say(&t, NULL, "POST", "/api/v1/users", "{\"name\":\"ada\",\"password\":\"correct horse\"}"),
        403);
    story_link(t.a, &spec, token);
    buf_addf(&body, "{\"name\":\"ada\",\"password\":\"short\",\"invitation\":\"%s\"}", token);
    CHECK_INT(say(&t, NULL, "POST", "/api/v1/users", body.data), 400);
    buf_reset(&body);
    buf_addf(&body,
             "{\"name\":\"Ada\",\"full_name\":\"Ada <L>\",\"password\":\"correct "
             "horse\",\"invitation\":\"%s\"}",
             token);
    hold(&t, NULL, "POST", "/api/v1/users", body.data, 201, "/api/v1/users");
    CHECK_TEXT(member(&t, "role"), "teacher");
    CHECK_TEXT(member(&t, "full_name"), "Ada <L>");
    take_session(&t, session);
    CHECK_INT(say(&t, session, "GET", "/api/v1/me", NULL), 200);
    CHECK_INT(say(&t, NULL, "POST", "/api/v1/users", body.data), 403); /* it is used up */
    buf_release(&body);
    town_close(&t);
}

ON_BOTH(a_name_that_is_taken_is_said_to_be)
{
    struct town t;

    town_open(&t, d, true);
    settle(&t, "ada", ROLE_LEARNER);
    CHECK_INT(
        say(&t, NULL, "POST", "/api/v1/users", "{\"name\":\"ada\",\"password\":\"correct horse\"}"),
        409);
    CHECK_INT(say(&t, NULL, "POST", "/api/v1/users",
                  "{\"name\":\"ada/..\",\"password\":\"correct horse\"}"),
              400);
    CHECK_INT(say(&t, NULL, "POST", "/api/v1/users",
                  "{\"name\":\"bob\",\"role\":\"admin\",\"password\":\"correct horse\"}"),
              201);
    CHECK_TEXT(member(&t, "role"), "learner");
    town_close(&t);
}

/* ---- passwords ---- */

ON_BOTH(a_new_password_ends_other_sessions)
{
    char here[SESSION_SIZE], there[SESSION_SIZE], renewed[SESSION_SIZE];
    struct town t;

    town_open(&t, d, false);
    settle(&t, "ada", ROLE_LEARNER);
    CHECK_INT(sign_in(&t, "ada", password, here), 200);
    CHECK_INT(sign_in(&t, "ada", password, there), 200);
    CHECK_INT(say(&t, here, "PUT", "/api/v1/me/password",
                  "{\"old\":\"wrong\",\"new\":\"another horse\"}"),
              403);
    CHECK_INT(say(&t, here, "PUT", "/api/v1/me/password", "{\"new\":\"another horse\"}"), 403);
    CHECK_INT(say(&t, there, "GET", "/api/v1/me", NULL), 200);
    hold(&t, here, "PUT", "/api/v1/me/password",
         "{\"old\":\"correct horse battery\",\"new\":\"another horse\"}", 200,
         "/api/v1/me/password");
    take_session(&t, renewed);
    CHECK_INT(say(&t, renewed, "GET", "/api/v1/me", NULL), 200);
    CHECK_INT(say(&t, here, "GET", "/api/v1/me", NULL), 401);
    CHECK_INT(say(&t, there, "GET", "/api/v1/me", NULL), 401);
    CHECK_INT(sign_in(&t, "ada", password, here), 401);
    CHECK_INT(sign_in(&t, "ada", "another horse", here), 200);
    town_close(&t);
}

/* Goal: somebody who has lost his password gets in by a link of an admin's, once. */
ON_BOTH(an_admin_gives_a_link_for_a_new_password)
{
    char root[SESSION_SIZE], path[200];
    struct buf body = {0};
    struct town t;
    int64_t ada;

    town_open(&t, d, false);
    settle(&t, "root", ROLE_ADMIN);
    ada = settle(&t, "ada", ROLE_LEARNER);
    CHECK_INT(sign_in(&t, "root", password, root), 200);
    snprintf(path, sizeof(path), "/api/v1/admin/users/%lld/password", (long long)ada);
    hold(&t, root, "POST", path, NULL, 201, "/api/v1/admin/users/:id/password");
    CHECK_HAS(member(&t, "url"), "https://eddy.example/new-password?link=");
    buf_addf(&body, "{\"password\":\"another horse\",\"link\":\"%s\"}",
             strchr(member(&t, "path"), '=') + 1);
    hold(&t, NULL, "POST", "/api/v1/password", body.data, 200, "/api/v1/password");
    hold(&t, NULL, "POST", "/api/v1/password", body.data, 410, "/api/v1/password");
    CHECK_INT(sign_in(&t, "ada", "another horse", root), 200);
    buf_release(&body);
    town_close(&t);
}

/* ---- one's own account ---- */

ON_BOTH(one_changes_takes_and_deletes_ones_own)
{
    char session[SESSION_SIZE];
    struct town t;

    town_open(&t, d, false);
    settle(&t, "ada", ROLE_LEARNER);
    CHECK_INT(sign_in(&t, "ada", password, session), 200);
    hold(&t, session, "PUT", "/api/v1/me", "{\"full_name\":\"Ada L.\"}", 200, "/api/v1/me");
    CHECK_INT(say(&t, session, "PUT", "/api/v1/me", "{\"full_name\":\"a\\nb\"}"), 400);
    hold(&t, session, "GET", "/api/v1/me/export", NULL, 200, "/api/v1/me/export");
    CHECK_TEXT(t.w.r.disposition.data, "attachment; filename=\"eddy-ada.json\"");
    hold(&t, session, "DELETE", "/api/v1/me/identities/none", NULL, 404,
         "/api/v1/me/identities/:provider");
    CHECK_INT(say(&t, session, "DELETE", "/api/v1/me", "{\"name\":\"ada\"}"), 403);
    CHECK_INT(say(&t, session, "DELETE", "/api/v1/me",
                  "{\"name\":\"bob\",\"password\":\"correct horse battery\"}"),
              400);
    hold(&t, session, "DELETE", "/api/v1/me",
         "{\"name\":\"ada\",\"password\":\"correct horse battery\"}", 200, "/api/v1/me");
    CHECK_INT(say(&t, session, "GET", "/api/v1/me", NULL), 401);
    CHECK_INT(sign_in(&t, "ada", password, session), 401);
    town_close(&t);
}

/* ---- admins and invitations ---- */

ON_BOTH(admins_look_after_people)
{
    char root[SESSION_SIZE], ada[SESSION_SIZE], path[100];
    struct town t;
    int64_t id, own;

    town_open(&t, d, false);
    own = settle(&t, "root", ROLE_ADMIN);
    id = settle(&t, "ada", ROLE_LEARNER);
    CHECK_INT(sign_in(&t, "root", password, root), 200);
    CHECK_INT(sign_in(&t, "ada", password, ada), 200);
    CHECK_INT(say(&t, ada, "GET", "/api/v1/admin/users", NULL), 403);
    hold(&t, root, "GET", "/api/v1/admin/users", NULL, 200, "/api/v1/admin/users");
    snprintf(path, sizeof(path), "/api/v1/admin/users/%lld", (long long)id);
    CHECK_INT(say(&t, ada, "PUT", path, "{\"role\":\"admin\"}"), 403);
    CHECK_INT(say(&t, root, "PUT", path, "{\"role\":\"king\"}"), 409);
    hold(&t, root, "PUT", path, "{\"role\":\"teacher\",\"closed\":true}", 200,
         "/api/v1/admin/users/:id");
    CHECK_TEXT(member(&t, "role"), "teacher");
    CHECK_INT(say(&t, ada, "GET", "/api/v1/me", NULL), 401);
    hold(&t, root, "DELETE", path, NULL, 200, "/api/v1/admin/users/:id");
    CHECK_INT(say(&t, root, "DELETE", path, NULL), 404);
    snprintf(path, sizeof(path), "/api/v1/admin/users/%lld", (long long)own);
    CHECK_INT(say(&t, root, "DELETE", path, NULL), 409);
    CHECK_INT(say(&t, root, "PUT", path, "{\"closed\":true}"), 409);
    town_close(&t);
}

ON_BOTH(teachers_invite_learners_and_only_their_own_class)
{
    char tea[SESSION_SIZE], other[SESSION_SIZE], root[SESSION_SIZE], text[100];
    struct town t;
    int64_t class_id;

    town_open(&t, d, false);
    settle(&t, "tea", ROLE_TEACHER);
    settle(&t, "other", ROLE_TEACHER);
    settle(&t, "root", ROLE_ADMIN);
    CHECK_INT(sign_in(&t, "tea", password, tea), 200);
    CHECK_INT(sign_in(&t, "other", password, other), 200);
    CHECK_INT(sign_in(&t, "root", password, root), 200);
    hold(&t, tea, "POST", "/api/v1/invitations", "{\"uses\":30,\"days\":7}", 201,
         "/api/v1/invitations");
    CHECK_INT(say(&t, tea, "POST", "/api/v1/invitations", "{\"role\":\"teacher\"}"), 403);
    CHECK_INT(say(&t, tea, "POST", "/api/v1/invitations", "{\"uses\":0}"), 400);
    CHECK_INT(say(&t, root, "POST", "/api/v1/invitations", "{\"role\":\"admin\",\"uses\":2}"), 400);
    CHECK_INT(say(&t, root, "POST", "/api/v1/invitations", "{\"role\":\"teacher\"}"), 201);
    CHECK_INT(say(&t, tea, "POST", "/api/v1/classes", "{\"title\":\"One\"}"), 201);
    class_id = number(&t, "id");
    snprintf(text, sizeof(text), "{\"class\":%lld}", (long long)class_id);
    CHECK_INT(say(&t, other, "POST", "/api/v1/invitations", text), 403);
    CHECK_INT(say(&t, tea, "POST", "/api/v1/invitations", text), 201);
    hold(&t, other, "GET", "/api/v1/invitations", NULL, 200, "/api/v1/invitations");
    CHECK_TEXT(t.w.r.body.data, "{\"invitations\":[]}\n");
    CHECK_INT(say(&t, other, "DELETE", "/api/v1/invitations/4", NULL), 404);
    town_close(&t);
}

/* ---- classes ---- */

static void path_of(char into[200], int64_t class_id, const char *rest)
{
    snprintf(into, 200, "/api/v1/classes/%lld%s", (long long)class_id, rest);
}

/* Goal: a whole term: a class, a link, an assignment, an attempt, grades, the end. */
ON_BOTH(a_class_from_its_beginning_to_its_end)
{
    static const char task[] = "{\"title\":\"First\",\"tasks\":[{\"track\":\"messenger\",\"task\":"
                               "\"echo\"}],\"attempts_max\":3}";
    char tea[SESSION_SIZE], ada[SESSION_SIZE], path[200], more[300];
    struct buf body = {0};
    struct town t;
    int64_t id, person, link_id, assignment;

    town_open(&t, d, false);
    settle(&t, "tea", ROLE_TEACHER);
    settle(&t, "pot", ROLE_TEACHER);
    person = settle(&t, "ada", ROLE_LEARNER);
    CHECK_INT(sign_in(&t, "tea", password, tea), 200);
    CHECK_INT(sign_in(&t, "ada", password, ada), 200);
    CHECK_INT(say(&t, ada, "POST", "/api/v1/classes", "{\"title\":\"Own\"}"), 403);
    hold(&t, tea, "POST", "/api/v1/classes", "{\"title\":\"Autumn <1>\"}", 201, "/api/v1/classes");
    id = number(&t, "id");
    path_of(path, id, "/links");
    hold(&t, tea, "POST", path, "{\"uses\":30}", 201, "/api/v1/classes/:id/links");
    buf_addf(&body, "{\"link\":\"%s\"}", strchr(member(&t, "path"), '=') + 1);
    hold(&t, tea, "GET", path, NULL, 200, "/api/v1/classes/:id/links");
    hold(&t, ada, "POST", "/api/v1/memberships", body.data, 200, "/api/v1/memberships");
    hold(&t, ada, "POST", "/api/v1/memberships", "{\"link\":\"no such\"}", 410,
         "/api/v1/memberships");
    hold(&t, ada, "GET", "/api/v1/classes", NULL, 200, "/api/v1/classes");
    path_of(path, id, "");
    hold(&t, ada, "GET", path, NULL, 200, "/api/v1/classes/:id");
    CHECK(strstr(t.w.r.body.data, "tea\"") == NULL); /* a learner sees no names */
    hold(&t, tea, "GET", path, NULL, 200, "/api/v1/classes/:id");
    CHECK_HAS(t.w.r.body.data, "\"ada\"");
    hold(&t, tea, "PUT", path, "{\"title\":\"Winter\"}", 200, "/api/v1/classes/:id");
    CHECK_INT(say(&t, ada, "PUT", path, "{\"title\":\"Winter\"}"), 403);
    path_of(path, id, "/teachers");
    hold(&t, tea, "POST", path, "{\"name\":\"pot\"}", 200, "/api/v1/classes/:id/teachers");
    CHECK_INT(say(&t, tea, "POST", path, "{\"name\":\"ada\"}"), 409);

    path_of(path, id, "/assignments");
    hold(&t, tea, "POST", path, task, 201, "/api/v1/classes/:id/assignments");
    assignment = number(&t, "id");
    CHECK_INT(say(&t, tea, "POST", path,
                  "{\"title\":\"x\",\"tasks\":[{\"track\":\"messenger\",\"task\":\"none\"}]}"),
              400);
    CHECK_INT(say(&t, ada, "POST", path, task), 403);
    story_handin(d, person, "echo", "failed", story_ms);
    story_handin(d, person, "echo", "passed", story_ms + 1);
    hold(&t, ada, "GET", path, NULL, 200, "/api/v1/classes/:id/assignments");
    CHECK_HAS(t.w.r.body.data, "\"passed\":true,\"attempts\":2");
    snprintf(more, sizeof(more), "%s/%lld", path, (long long)assignment);
    hold(&t, tea, "PUT", more, task, 200, "/api/v1/classes/:id/assignments/:assignment");
    snprintf(more, sizeof(more), "%s/%lld/grades", path, (long long)assignment);
    hold(&t, tea, "GET", more, NULL, 200, "/api/v1/classes/:id/assignments/:assignment/grades");
    CHECK_INT(say(&t, ada, "GET", more, NULL), 403);
    path_of(more, id, "/grades.csv");
    hold(&t, tea, "GET", more, NULL, 200, "/api/v1/classes/:id/grades.csv");
    CHECK_HAS(t.w.r.body.data, "\"ada\",\"\",\"passed\",1\r\n");
    CHECK_INT(say(&t, ada, "GET", more, NULL), 403);
    path_of(more, id, "/progress");
    hold(&t, tea, "GET", more, NULL, 200, "/api/v1/classes/:id/progress");
    CHECK_INT(say(&t, ada, "GET", more, NULL), 403);

    path_of(path, id, "/links");
    CHECK_INT(say(&t, tea, "GET", path, NULL), 200);
    {
        json_t *all = json_loads(t.w.r.body.data, 0, NULL);
        json_t *first = json_array_get(json_object_get(all, "links"), 0);
        link_id = json_integer_value(json_object_get(first, "id"));
        json_decref(all);
    }
    snprintf(more, sizeof(more), "%s/%lld", path, (long long)link_id);
    hold(&t, tea, "DELETE", more, NULL, 200, "/api/v1/classes/:id/links/:link");
    CHECK_INT(say(&t, tea, "DELETE", more, NULL), 404);
    snprintf(more, sizeof(more), "/api/v1/classes/%lld/members/%lld", (long long)id,
             (long long)person);
    hold(&t, ada, "DELETE", more, NULL, 200, "/api/v1/classes/:id/members/:person");
    path_of(path, id, "/assignments");
    CHECK_INT(say(&t, ada, "GET", path, NULL), 404);
    snprintf(more, sizeof(more), "%s/%lld", path, (long long)assignment);
    hold(&t, tea, "DELETE", more, NULL, 200, "/api/v1/classes/:id/assignments/:assignment");
    path_of(path, id, "");
    hold(&t, tea, "DELETE", path, NULL, 200, "/api/v1/classes/:id");
    CHECK_INT(say(&t, tea, "GET", path, NULL), 404);
    buf_release(&body);
    town_close(&t);
}

/* Goal: a class does not exist for teachers of others. */
ON_BOTH(a_class_is_its_own_teachers)
{
    static const char *const asks[][2] = {
        {"GET", ""},          {"GET", "/assignments"}, {"GET", "/links"},
        {"GET", "/progress"}, {"GET", "/grades.csv"},  {"DELETE", ""},
    };
    char tea[SESSION_SIZE], other[SESSION_SIZE], root[SESSION_SIZE], path[200];
    struct town t;
    int64_t id;
    size_t i;

    town_open(&t, d, false);
    settle(&t, "tea", ROLE_TEACHER);
    settle(&t, "other", ROLE_TEACHER);
    settle(&t, "root", ROLE_ADMIN);
    CHECK_INT(sign_in(&t, "tea", password, tea), 200);
    CHECK_INT(sign_in(&t, "other", password, other), 200);
    CHECK_INT(sign_in(&t, "root", password, root), 200);
    CHECK_INT(say(&t, tea, "POST", "/api/v1/classes", "{\"title\":\"Autumn\"}"), 201);
    id = number(&t, "id");
    for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
        path_of(path, id, asks[i][1]);
        CHECK_INT(say(&t, other, asks[i][0], path, NULL), 404);
        CHECK_INT(say(&t, NULL, asks[i][0], path, NULL), 401);
    }
    for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
        path_of(path, id, asks[i][1]);
        CHECK_INT(say(&t, root, asks[i][0], path, NULL), 200);
    }
    town_close(&t);
}

TEST(without_accounts_there_is_nothing_of_all_this)
{
    struct web_story w;

    web_open(&w);
    CHECK_INT(web_ask(&w, "GET", "/api/v1/session", "", ""), 200);
    CHECK_HAS(w.r.body.data, "\"accounts\":false");
    CHECK_INT(web_ask(&w, "GET", "/api/v1/me", "", ""), 404);
    CHECK_INT(web_ask(&w, "GET", "/api/v1/classes", "", ""), 404);
    CHECK_INT(web_ask(&w, "GET", "/api/v1/classes/1/grades.csv", "", ""), 404);
    CHECK_INT(web_ask(&w, "GET", "/api/v1/admin/users", "", ""), 404);
    CHECK_INT(web_ask(&w, "GET", "/auth/x", "", ""), 404);
    web_close(&w);
}
