#include "grades.h"

#include "accounts_story.h"

/* A class of tea's with ada and bob, and an assignment of two tasks with a deadline at 1000 s from
 * now. Times below are milliseconds from now. */
struct school {
    struct accounts *a;
    int64_t class_id, tea, ada, bob;
    struct assignment s;
};

static void school_open(struct school *o, const struct database *d)
{
    struct err err = {.text = ""};

    memset(o, 0, sizeof(*o));
    o->a = accounts_story_open(d, true);
    o->tea = story_person(o->a, "tea", ROLE_TEACHER, STORY_HASH);
    o->ada = story_person(o->a, "ada", ROLE_LEARNER, STORY_HASH);
    o->bob = story_person(o->a, "bob", ROLE_LEARNER, STORY_HASH);
    CHECK_INT(people_set_full_name(o->a, o->ada, STR_LIT("=HYPERLINK(\"x\",\"y\")"), &err), 1);
    CHECK_INT(class_add(o->a, STR_LIT("Autumn"), o->tea, &o->class_id, &err), 1);
    CHECK_INT(class_join(o->a, o->class_id, o->ada, false, &err), 1);
    CHECK_INT(class_join(o->a, o->class_id, o->bob, false, &err), 1);
    o->s = (struct assignment){.class_id = o->class_id, .task_count = 2, .title = "First"};
    o->s.due_ms = story_ms + 1000000;
    strcpy(o->s.tasks[0].track, "messenger");
    strcpy(o->s.tasks[0].task, "echo");
    strcpy(o->s.tasks[1].track, "messenger");
    strcpy(o->s.tasks[1].task, "say");
    CHECK_INT(assignment_put(o->a, &o->s, &err), 1);
}

static struct grade grade_of(struct school *o, int64_t person, int task)
{
    struct grade grades[ASSIGNMENT_TASKS_MAX];
    struct err err = {.text = ""};

    CHECK_INT(grades_of_person(o->a, &o->s, person, grades, &err), 1);
    return grades[task];
}

ON_BOTH(the_best_attempt_before_the_deadline_counts)
{
    struct school o;
    struct grade g;

    school_open(&o, d);
    story_handin(d, o.ada, "echo", "failed", story_ms + 1);
    story_handin(d, o.ada, "echo", "passed", story_ms + 1000000); /* the last moment */
    story_handin(d, o.ada, "echo", "failed", story_ms + 1000000);
    story_handin(d, o.bob, "echo", "failed", story_ms + 2);
    story_handin(d, o.bob, "echo", "passed", story_ms + 1000001);
    g = grade_of(&o, o.ada, 0);
    CHECK(g.passed && !g.late && g.attempts == 2 && g.passed_ms == story_ms + 1000000);
    g = grade_of(&o, o.bob, 0);
    CHECK(!g.passed && g.late && g.attempts == 1);
    g = grade_of(&o, o.bob, 1);
    CHECK(!g.passed && !g.late && g.attempts == 0 && g.handin == 0);
    accounts_story_close(o.a);
}

ON_BOTH(so_many_attempts_count_and_no_more)
{
    struct err err = {.text = ""};
    struct school o;
    struct grade g;

    school_open(&o, d);
    o.s.attempts_max = 2;
    CHECK_INT(assignment_put(o.a, &o.s, &err), 1);
    story_handin(d, o.ada, "echo", "failed", story_ms + 1);
    story_handin(d, o.ada, "echo", "failed", story_ms + 2);
    story_handin(d, o.ada, "echo", "passed", story_ms + 3);
    g = grade_of(&o, o.ada, 0);
    CHECK(!g.passed && g.late && g.attempts == 2);
    accounts_story_close(o.a);
}

/* Goal: what is our fault, or only a look, costs no attempt. */
ON_BOTH(what_was_not_judged_is_no_attempt)
{
    struct err err = {.text = ""};
    struct school o;
    struct grade g;

    school_open(&o, d);
    o.s.attempts_max = 1;
    CHECK_INT(assignment_put(o.a, &o.s, &err), 1);
    story_handin(d, o.ada, "echo", "not judged", story_ms + 1);
    story_handin(d, o.ada, "echo", "", story_ms + 2);
    story_handin(d, o.ada, "echo", "cancelled", story_ms + 3);
    story_handin(d, o.ada, "echo", "failed", story_ms + 4);
    database_sql(d, "UPDATE handin SET kind = 'run' WHERE verdict = 'failed'");
    story_handin(d, o.ada, "echo", "passed", story_ms + 5);
    g = grade_of(&o, o.ada, 0);
    CHECK(g.passed && g.attempts == 1);
    accounts_story_close(o.a);
}

ON_BOTH(the_table_is_safe_to_open)
{
    struct err err = {.text = ""};
    struct buf csv = {0};
    struct school o;

    school_open(&o, d);
    story_handin(d, o.ada, "echo", "passed", story_ms + 1);
    story_handin(d, o.bob, "echo", "failed", story_ms + 1);
    story_handin(d, o.bob, "echo", "failed", story_ms + 2);
    story_handin(d, o.bob, "say", "passed", story_ms + 1000001);
    story_handin(d, o.tea, "say", "passed", story_ms + 1); /* a teacher has no grades */
    CHECK_INT(grades_csv(o.a, o.class_id, 0, &csv, &err), 1);
    CHECK_TEXT(csv.data,
               "\"name\",\"full name\",\"First: messenger/echo\",\"First: messenger/say\","
               "\"First: passed of 2\"\r\n"
               "\"ada\",\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\",\"passed\",\"\",1\r\n"
               "\"bob\",\"\",\"failed 2\",\"late\",0\r\n");
    buf_reset(&csv);
    CHECK_INT(grades_csv(o.a, o.class_id, o.s.id, &csv, &err), 1);
    CHECK_INT(grades_csv(o.a, o.class_id, 999, &csv, &err), 0);
    CHECK_INT(grades_csv(o.a, 999, 0, &csv, &err), 0);
    buf_release(&csv);
    accounts_story_close(o.a);
}

TEST(cells_cannot_become_formulas)
{
    static const char *const pairs[][2] = {
        {"", "\"\""},
        {"Ada", "\"Ada\""},
        {"a\"b,c", "\"a\"\"b,c\""},
        {"=1", "\"'=1\""},
        {"+1", "\"'+1\""},
        {"-1", "\"'-1\""},
        {"@x", "\"'@x\""},
        {"\t=1", "\"'\t=1\""},
        {"\xef\xbc\x9d"
         "1",
         "\"'\xef\xbc\x9d"
         "1\""},
        {"1=", "\"1=\""},
    };
    struct buf out = {0};
    size_t i;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        buf_reset(&out);
        csv_cell(str_of(pairs[i][0]), &out);
        CHECK_TEXT(out.data, pairs[i][1]);
    }
    buf_release(&out);
}

static void add_standing(void *owner, const struct standing *s)
{
    buf_addf(owner, "%s: %lld passed, at \"%s\" \"%s\"\n", s->member.name, (long long)s->passed,
             s->task, s->verdict);
}

static void add_sticking(void *owner, const struct sticking *s)
{
    buf_addf(owner, "%s: %lld of %lld, %lld failed\n", s->task, (long long)s->passed,
             (long long)s->people, (long long)s->attempts);
}

ON_BOTH(a_teacher_sees_who_is_where_and_where_people_are_stuck)
{
    struct err err = {.text = ""};
    struct buf text = {0};
    struct school o;

    school_open(&o, d);
    story_handin(d, o.ada, "echo", "failed", story_ms + 1);
    story_handin(d, o.ada, "echo", "passed", story_ms + 2);
    story_handin(d, o.bob, "echo", "failed", story_ms + 3);
    story_handin(d, o.bob, "echo", "failed", story_ms + 4);
    story_handin(d, o.tea, "say", "failed", story_ms + 5);
    CHECK_INT(standings(o.a, o.class_id, add_standing, &text, &err), 2);
    CHECK_TEXT(text.data, "ada: 0 passed, at \"echo\" \"passed\"\n"
                          "bob: 0 passed, at \"echo\" \"failed\"\n");
    buf_reset(&text);
    CHECK_INT(stickings(o.a, o.class_id, add_sticking, &text, &err), 1);
    CHECK_TEXT(text.data, "echo: 1 of 2, 2 failed\n");
    buf_release(&text);
    accounts_story_close(o.a);
}
