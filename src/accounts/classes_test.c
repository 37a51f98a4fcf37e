#include "classes.h"

#include "../base/mem.h"
#include "accounts_story.h"
#include "assignments.h"
#include "grades.h"

static int64_t make_class(struct accounts *a, int64_t teacher)
{
    struct err err = {.text = ""};
    int64_t id = 0;

    CHECK_INT(class_add(a, STR_LIT("Autumn"), teacher, &id, &err), 1);
    return id;
}

static void add_title(void *owner, const struct class_view *c)
{
    buf_addf(owner, "%s:%d ", c->title, c->part);
}

static void add_member(void *owner, const struct class_member *m)
{
    buf_addf(owner, "%s%s ", m->name, m->teaches ? "*" : "");
}

static void add_standing(void *owner, const struct standing *s)
{
    buf_addf(owner, "%s ", s->member.name);
}

static void check_members(struct accounts *a, int64_t id, const char *wanted)
{
    struct err err = {.text = ""};
    struct buf names = {0};

    CHECK(class_members(a, id, add_member, &names, &err) > 0);
    CHECK_TEXT(names.data, wanted);
    buf_release(&names);
}

ON_BOTH(who_makes_a_class_teaches_it)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t tea = story_person(a, "tea", ROLE_TEACHER, STORY_HASH);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    int64_t id = make_class(a, tea), other = make_class(a, ada);
    struct buf titles = {0};
    struct class_view c;

    CHECK_INT(class_find(a, id, tea, &c, &err), 1);
    CHECK_INT(c.part, CLASS_TEACHER);
    CHECK_INT(c.learner_count, 0);
    CHECK_INT(class_find(a, id, ada, &c, &err), 1);
    CHECK_INT(c.part, CLASS_NO_MEMBER);
    CHECK_INT(class_find(a, 999, tea, &c, &err), 0);
    CHECK_INT(class_set_title(a, other, STR_LIT("Winter"), &err), 1);
    CHECK_INT(class_set_title(a, other, STR_LIT("  "), &err), 0);
    CHECK_INT(class_add(a, STR_LIT("a\x07"), tea, &id, &err), 0);
    CHECK_INT(class_list(a, tea, false, add_title, &titles, &err), 1);
    CHECK_TEXT(titles.data, "Autumn:1 ");
    buf_reset(&titles);
    CHECK_INT(class_list(a, tea, true, add_title, &titles, &err), 2);
    CHECK_TEXT(titles.data, "Winter:-1 Autumn:1 ");
    buf_release(&titles);
    accounts_story_close(a);
}

ON_BOTH(one_joins_by_a_link_and_once)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t tea = story_person(a, "tea", ROLE_TEACHER, STORY_HASH);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    int64_t bob = story_person(a, "bob", ROLE_LEARNER, STORY_HASH);
    int64_t id = make_class(a, tea), joined = 0;
    const struct link_spec spec = {.kind = LINK_CLASS, .class_id = id, .uses = 1};
    char token[SECRET_TEXT_SIZE];

    story_link(a, &spec, token);
    CHECK_INT(class_join_by_link(a, STR_LIT("no such"), ada, &joined, &err), 0);
    CHECK_INT(class_join_by_link(a, str_of(token), tea, &joined, &err), 1); /* is in: no use lost */
    CHECK_INT(class_join_by_link(a, str_of(token), ada, &joined, &err), 1);
    CHECK(joined == id);
    CHECK_INT(class_join_by_link(a, str_of(token), bob, &joined, &err), 0);
    check_members(a, id, "tea* ada ");
    CHECK_INT(class_teaches(a, tea, ada, &err), 1);
    CHECK_INT(class_teaches(a, ada, tea, &err), 0);
    CHECK_INT(class_teaches(a, tea, bob, &err), 0);
    CHECK_INT(class_leave(a, id, ada, &err), 1);
    CHECK_INT(class_leave(a, id, ada, &err), 0);
    CHECK_INT(class_leave(a, id, tea, &err), 0);
    CHECK_HAS(err.text, "last teacher");
    CHECK_INT(class_join(a, id, bob, true, &err), 1);
    CHECK_INT(class_leave(a, id, tea, &err), 1);
    CHECK_INT(class_join(a, 999, bob, false, &err), 0);
    accounts_story_close(a);
}

/* Who has no full name is shown by his name, and stands where that belongs. */
ON_BOTH(members_stand_in_the_order_of_what_is_shown)
{
    static const char *const people[][2] = {
        {"zoe", "Ada Byron"}, {"carl", ""}, {"a1", "Emil Post"}, {"bea", "dora Riparia"}};
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t id = make_class(a, story_person(a, "tea", ROLE_TEACHER, STORY_HASH));
    struct buf names = {0};
    size_t i;

    for (i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
        int64_t one = story_person(a, people[i][0], ROLE_LEARNER, STORY_HASH);
        CHECK_INT(people_set_full_name(a, one, str_of(people[i][1]), &err), 1);
        CHECK_INT(class_join(a, id, one, false, &err), 1);
    }
    check_members(a, id, "tea* zoe carl bea a1 ");
    CHECK_INT(standings(a, id, add_standing, &names, &err), 4);
    CHECK_TEXT(names.data, "zoe carl bea a1 ");
    buf_release(&names);
    accounts_story_close(a);
}

ON_BOTH(a_full_class_takes_nobody)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t tea = story_person(a, "tea", ROLE_TEACHER, STORY_HASH);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    int64_t id = make_class(a, tea);
    struct buf sql = {0};
    int i;

    buf_addf(&sql, "INSERT INTO class_member (class, person, teaches, joined_ms) VALUES ");
    for (i = 1; i < CLASS_MEMBERS_MAX; i++)
        buf_addf(&sql, "%s(%lld, %d, 0, 0)", i > 1 ? "," : "", (long long)id, 100000 + i);
    database_sql(d, sql.data);
    buf_release(&sql);
    CHECK_INT(class_join(a, id, ada, false, &err), 0);
    CHECK_HAS(err.text, "full");
    accounts_story_close(a);
}

static void add_assignment(void *owner, const struct assignment *s)
{
    buf_addf(owner, "%s(%u) ", s->title, s->task_count);
}

static struct assignment assignment_of(int64_t class_id, const char *title)
{
    struct assignment s = {.class_id = class_id, .task_count = 2};

    strncat(s.title, title, CLASS_TITLE_MAX);
    strcpy(s.tasks[0].track, "messenger");
    strcpy(s.tasks[0].task, "echo");
    strcpy(s.tasks[1].track, "messenger");
    strcpy(s.tasks[1].task, "say");
    return s;
}

ON_BOTH(assignments_are_kept_changed_and_listed_by_deadline)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t id = make_class(a, story_person(a, "tea", ROLE_TEACHER, STORY_HASH));
    struct assignment later = assignment_of(id, "later"), soon = assignment_of(id, "soon");
    struct assignment whenever = assignment_of(id, "whenever"), *got = mem_alloc(sizeof(*got));
    struct buf titles = {0};

    later.due_ms = story_ms + 2000;
    soon.due_ms = story_ms + 1000;
    CHECK_INT(assignment_put(a, &whenever, &err), 1);
    CHECK_INT(assignment_put(a, &later, &err), 1);
    CHECK_INT(assignment_put(a, &soon, &err), 1);
    CHECK_INT(assignment_list(a, id, add_assignment, &titles, &err), 3);
    CHECK_TEXT(titles.data, "soon(2) later(2) whenever(2) ");
    soon.task_count = 1;
    soon.attempts_max = 3;
    CHECK_INT(assignment_put(a, &soon, &err), 1);
    CHECK_INT(assignment_find(a, soon.id, got, &err), 1);
    CHECK_INT(got->task_count, 1);
    CHECK_TEXT(got->tasks[0].task, "echo");
    CHECK_INT(got->attempts_max, 3);
    CHECK(got->class_id == id && got->due_ms == soon.due_ms);
    CHECK_INT(assignment_delete(a, soon.id, &err), 1);
    CHECK_INT(assignment_find(a, soon.id, got, &err), 0);
    CHECK_INT(assignment_put(a, &soon, &err), 0);
    CHECK_INT(class_delete(a, id, &err), 1);
    CHECK_INT(assignment_find(a, later.id, got, &err), 0);
    CHECK_INT(class_delete(a, id, &err), 0);
    mem_free(got);
    buf_release(&titles);
    accounts_story_close(a);
}

ON_BOTH(assignments_that_make_no_sense_are_refused)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t id = make_class(a, story_person(a, "tea", ROLE_TEACHER, STORY_HASH));
    struct assignment s = assignment_of(id, "x");

    s.task_count = 0;
    CHECK_INT(assignment_put(a, &s, &err), 0);
    s = assignment_of(id, "x");
    s.tasks[1] = s.tasks[0];
    CHECK_INT(assignment_put(a, &s, &err), 0);
    CHECK_HAS(err.text, "twice");
    s = assignment_of(id, "");
    CHECK_INT(assignment_put(a, &s, &err), 0);
    s = assignment_of(id, "x");
    s.attempts_max = ASSIGNMENT_ATTEMPTS_MAX + 1;
    CHECK_INT(assignment_put(a, &s, &err), 0);
    s = assignment_of(999, "x");
    CHECK_INT(assignment_put(a, &s, &err), 0);
    CHECK_INT(s.id, 0);
    accounts_story_close(a);
}
