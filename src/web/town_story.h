/* town_story.h - a server with people, for the tests of who may do what and sees what.
 *
 * `teacher` has a class with an assignment and one learner in it, who has handed something in;
 * beside them stand another learner, a teacher who has a class of her own (with `other` in it), and
 * an admin. Everybody's full name is hostile. A session's text is the digit of its person. */
#ifndef WEB_TOWN_STORY_H
#define WEB_TOWN_STORY_H

#include "../accounts/accounts.h"
#include "../accounts/assignments.h"
#include "../accounts/classes.h"
#include "../accounts/link.h"
#include "../accounts/people.h"
#include "../judge/handins.h"
#include "../judge/jobs.h"
#include "web_story.h"

enum town_role { NOBODY, LEARNER, OTHER, STRANGE, TEACHER, ADMIN, TOWN_ROLES };

static const char *const town_names[TOWN_ROLES] = {"nobody",  "learner", "other",
                                                   "strange", "teacher", "admin"};

struct town {
    struct web_story web;
    struct jobs *jobs;
    struct accounts *accounts;
    char db[200];
    struct person people[TOWN_ROLES];
    int64_t class_id, other_class, assignment;
    int64_t handin, waiting, job; /* that failed; that waits, and its job */
    int64_t link, invitation;     /* into the class, and to the server; the teacher's */
};

static struct town *town_here; /* for town_who() */

static inline int town_who(struct accounts *a, const char *session, struct person *ret_person,
                           struct err *err)
{
    size_t i = (size_t)(session[0] - '0');

    (void)a, (void)err;
    if (i == NOBODY || i >= TOWN_ROLES)
        return 0;
    *ret_person = town_here->people[i];
    return 1;
}

static inline void town_settle(struct town *t, enum town_role who, enum role role)
{
    struct sign_up u = {
        .name = str_of(town_names[who]), .full_name = STR_LIT("<b>Ann\"'"), .hash = "x"};
    struct err err = {.text = ""};

    if (people_sign_up(t->accounts, &u, &t->people[who], &err) != 1)
        fail_msg("%s", err.text);
    if (t->people[who].role != role &&
        people_set_role(t->accounts, t->people[who].id, role, &err) != 1)
        fail_msg("%s", err.text);
    t->people[who].role = role;
}

/* What the learner handed in has failed, with a sentence that is hostile. */
static inline void town_hand_in(struct town *t)
{
    struct submission s = {0};
    struct handin_spec spec = {t->people[LEARNER].id, HANDIN_SUBMIT, &s};
    struct err err = {.text = ""};
    struct handin view;
    struct job job;

    CHECK_INT(submission_word("track", STR_LIT("messenger"), &s.track, &err), 0);
    CHECK_INT(submission_word("task", STR_LIT("echo"), &s.task, &err), 0);
    CHECK_INT(submission_word("language", STR_LIT("python"), &s.language, &err), 0);
    CHECK_INT(submission_add(&s, STR_LIT("main.py"), STR_LIT("print('<i>')\n"), &err), 0);
    CHECK_INT(handins_put(t->jobs, &spec, &t->handin, &err), 0);
    CHECK_INT(jobs_take(t->jobs, &job, &err), 1);
    CHECK_INT(jobs_finish(t->jobs, &job,
                          STR_LIT("{\"verdict\":\"failed\",\"sentence\":\"<b>n1</b> said "
                                  "nothing\"}"),
                          &err),
              1);
    job_release(&job);
    CHECK_INT(handins_view(t->jobs, t->handin, &view, &err), 1);
    CHECK_TEXT(view.verdict, "failed");
    handin_release(&view);
    CHECK_INT(handins_put(t->jobs, &spec, &t->waiting, &err), 0);
    CHECK_INT(handins_view(t->jobs, t->waiting, &view, &err), 1);
    t->job = view.job;
    handin_release(&view);
    submission_release(&s);
}

static inline void town_make_classes(struct town *t)
{
    struct assignment a = {
        .title = "First <b>week", .task_count = 1, .tasks = {{"messenger", "echo"}}};
    struct err err = {.text = ""};

    CHECK_INT(
        class_add(t->accounts, STR_LIT("Theirs <b>"), t->people[TEACHER].id, &t->class_id, &err),
        1);
    CHECK_INT(
        class_add(t->accounts, STR_LIT("Another"), t->people[STRANGE].id, &t->other_class, &err),
        1);
    CHECK_INT(class_join(t->accounts, t->class_id, t->people[LEARNER].id, false, &err), 1);
    CHECK_INT(class_join(t->accounts, t->other_class, t->people[OTHER].id, false, &err), 1);
    a.class_id = t->class_id;
    CHECK_INT(assignment_put(t->accounts, &a, &err), 1);
    t->assignment = a.id;
}

static inline void town_keep_id(void *owner, const struct link *link)
{
    *(int64_t *)owner = link->id;
}

static inline void town_make_links(struct town *t)
{
    struct link_spec spec = {.kind = LINK_CLASS,
                             .role = ROLE_LEARNER,
                             .class_id = t->class_id,
                             .maker = t->people[TEACHER].id,
                             .uses = 3,
                             .lasts_ms = 86400000};
    char token[SECRET_TEXT_SIZE];
    struct err err = {.text = ""};

    CHECK(link_new(t->accounts, &spec, token, &err) >= 0);
    CHECK(link_list(t->accounts, LINK_CLASS, 0, 0, town_keep_id, &t->link, &err) == 1);
    spec.kind = LINK_SIGN_UP;
    CHECK(link_new(t->accounts, &spec, token, &err) >= 0);
    CHECK(link_list(t->accounts, LINK_SIGN_UP, 0, 0, town_keep_id, &t->invitation, &err) == 1);
}

UNUSED static void town_open(struct town *t)
{
    struct accounts_config config = {.url = "http://localhost", .open_sign_up = true};
    struct jobs_config queue = {.worker = "w/1", .waiting_max = 20};
    struct err err = {.text = ""};

    *t = (struct town){.class_id = 0};
    web_open(&t->web);
    snprintf(t->db, sizeof(t->db), "%s", story_path(&t->web.story, "x.db"));
    CHECK_INT(jobs_open(t->db, &queue, &t->jobs, &err), 0);
    config.store = t->web.store;
    CHECK_INT(accounts_open(&config, &t->accounts, &err), 0);
    town_settle(t, ADMIN, ROLE_ADMIN);
    town_settle(t, LEARNER, ROLE_LEARNER);
    town_settle(t, OTHER, ROLE_LEARNER);
    town_settle(t, STRANGE, ROLE_TEACHER);
    town_settle(t, TEACHER, ROLE_TEACHER);
    town_make_classes(t);
    town_make_links(t);
    town_hand_in(t);
    t->web.site->jobs = t->jobs;
    t->web.site->accounts = t->accounts;
    t->web.site->person_of = town_who;
    t->web.site->teaches = class_teaches;
    t->web.site->db = t->db;
    town_here = t;
}

UNUSED static void town_close(struct town *t)
{
    accounts_close(t->accounts);
    jobs_close(t->jobs);
    web_close(&t->web);
}

/* The status of what `who` asks for; the answer is in t->web.r. */
UNUSED static unsigned town_say(struct town *t, enum town_role who, struct web_asking asking)
{
    char session[2] = {(char)('0' + who), '\0'};

    asking.session = who == NOBODY ? "" : session;
    return web_say(&t->web, &asking);
}

/* A page that must be there for him; no hostile text is in it as it came. */
UNUSED static const char *town_get(struct town *t, enum town_role who, const char *path)
{
    unsigned status = town_say(t, who, (struct web_asking){.method = "GET", .path = path});
    const char *page = t->web.r.body.data;

    if (status != 200)
        fail_msg("%s for %s: %u", path, town_names[who], status);
    if (strstr(page, "<b>") != NULL || strstr(page, "<i>") != NULL || strstr(page, "Ann\"") != NULL)
        fail_msg("%s: what people and programs wrote is markup in it", path);
    return page;
}

#endif
