/* Attempts come from the database in order, one person after the other; each goes into its place in
 * a table of members times tasks, which is bounded by CLASS_MEMBERS_MAX and ASSIGNMENT_TASKS_MAX.
 * The rules of what counts stand in count_attempt() alone. */
#include "grades.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../store/store.h"
#include "accounts.h"

#include <string.h>

enum { STICKINGS_MAX = 50 };

/* ---- what counts ---- */

struct attempt {
    int64_t handin, put_ms;
    bool passed;
};

/* In their order. */
static void count_attempt(const struct assignment *s, struct grade *g, const struct attempt *t)
{
    bool in_time = s->due_ms == 0 || t->put_ms <= s->due_ms;
    bool in_number = s->attempts_max == 0 || g->attempts < s->attempts_max;

    if (g->passed)
        return;
    if (!in_time || !in_number) {
        g->late |= t->passed;
        return;
    }
    g->attempts++;
    g->handin = t->handin;
    g->passed = t->passed;
    g->passed_ms = t->passed ? t->put_ms : 0;
}

static int64_t task_number(const struct assignment *s, const char *track, const char *task)
{
    uint32_t i;

    for (i = 0; i < s->task_count; i++)
        if (strcmp(s->tasks[i].track, track) == 0 && strcmp(s->tasks[i].task, task) == 0)
            return i;
    return -1;
}

/* A row of grade_handins into the grades of its person. */
static void count_row(const struct assignment *s, struct grade *grades,
                      const struct store_rows *rows)
{
    int64_t at = task_number(s, store_row_text(rows, 1), store_row_text(rows, 2));
    const struct attempt attempt = {
        .handin = store_row_integer(rows, 3),
        .put_ms = store_row_integer(rows, 4),
        .passed = strcmp(store_row_text(rows, 5), "passed") == 0,
    };

    if (at >= 0)
        count_attempt(s, &grades[at], &attempt);
}

/* ---- a class ---- */

struct table {
    struct arena *texts;
    struct class_member *members;
    size_t member_cap;
    uint32_t member_count;
    struct grade *grades; /* member times task */
};

static void add_member(void *owner, const struct class_member *m)
{
    struct table *t = owner;
    struct class_member copy = *m;

    if (m->teaches)
        return;
    copy.name = arena_strndup(t->texts, m->name, strlen(m->name));
    copy.full_name = arena_strndup(t->texts, m->full_name, strlen(m->full_name));
    t->members = mem_grow(t->members, &t->member_cap, t->member_count + 1, sizeof(*t->members));
    t->members[t->member_count++] = copy;
}

static void table_release(struct table *t)
{
    arena_free(t->texts);
    mem_free(t->members);
    mem_free(t->grades);
}

static int table_members(struct accounts *a, int64_t class_id, struct table *t, struct err *err)
{
    *t = (struct table){.texts = arena_new()};
    return class_members(a, class_id, add_member, t, err);
}

/* NULL: he is no learner of the class any more. */
static struct grade *grades_in(const struct table *t, const struct assignment *s, int64_t person)
{
    uint32_t i;

    for (i = 0; i < t->member_count; i++)
        if (t->members[i].person == person)
            return t->grades + (size_t)i * s->task_count;
    return NULL;
}

static int table_fill(struct accounts *a, const struct assignment *s, struct table *t,
                      struct err *err)
{
    const struct store_value v[] = {store_integer(s->id), store_integer(s->class_id)};
    struct store_rows *rows = NULL;
    struct grade *grades = NULL;
    int64_t person = -1;
    int status = store_query(a->store, "grade_handins", v, 2, &rows, err);

    mem_free(t->grades);
    t->grades = mem_zalloc((size_t)t->member_count * s->task_count * sizeof(*t->grades));
    while (status == 0 && (status = store_next(rows, err)) == 1) {
        if (store_row_integer(rows, 0) != person) {
            person = store_row_integer(rows, 0);
            grades = grades_in(t, s, person);
        }
        if (grades != NULL)
            count_row(s, grades, rows);
        status = 0;
    }
    store_rows_close(rows);
    return status;
}

static uint32_t count_passed(const struct assignment *s, const struct grade *grades)
{
    uint32_t i, passed = 0;

    for (i = 0; i < s->task_count; i++)
        passed += grades[i].passed;
    return passed;
}

int grades_of(struct accounts *a, const struct assignment *assignment,
              void (*each)(void *owner, const struct grade_row *row), void *owner, struct err *err)
{
    struct table t;
    uint32_t i;
    int status = table_members(a, assignment->class_id, &t, err);

    if (status >= 0)
        status = table_fill(a, assignment, &t, err);
    for (i = 0; status == 0 && i < t.member_count; i++) {
        const struct grade *grades = t.grades + (size_t)i * assignment->task_count;
        const struct grade_row row = {t.members[i], grades, count_passed(assignment, grades)};
        each(owner, &row);
    }
    status = status < 0 ? status : (int)t.member_count;
    table_release(&t);
    return status;
}

int grades_of_person(struct accounts *a, const struct assignment *assignment, int64_t person,
                     struct grade grades[ASSIGNMENT_TASKS_MAX], struct err *err)
{
    const struct store_value v[] = {store_integer(assignment->id), store_integer(person)};
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "grade_handins_of", v, 2, &rows, err);

    memset(grades, 0, ASSIGNMENT_TASKS_MAX * sizeof(*grades));
    while (status == 0 && (status = store_next(rows, err)) == 1) {
        count_row(assignment, grades, rows);
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : 1;
}

/* ---- for spreadsheets ---- */

/* What a spreadsheet takes for the beginning of a formula, also in its wide form (U+FF0B ...). */
static bool is_dangerous(struct str text)
{
    static const char *const wide[] = {"\uff0b", "\uff0d", "\uff1d", "\uff20"};
    size_t i;

    if (text.len == 0)
        return false;
    if (memchr("=+-@\t\r\n|%", text.data[0], 9) != NULL)
        return true;
    for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
        if (text.len >= 3 && memcmp(text.data, wide[i], 3) == 0)
            return true;
    return false;
}

void csv_cell(struct str text, struct buf *out)
{
    size_t i;

    buf_add_char(out, '"');
    if (is_dangerous(text))
        buf_add_char(out, '\'');
    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, text.data[i]);
    }
    buf_add_char(out, '"');
}

static void number_cell(int64_t number, struct buf *out)
{
    buf_add_char(out, ',');
    buf_add_i64(out, number);
}

/* "passed", "failed 3" (attempts), "late", or nothing. */
static void grade_cell(const struct grade *g, struct buf *out)
{
    buf_add_char(out, ',');
    if (g->passed)
        buf_add_text(out, "\"passed\"");
    else if (g->late)
        buf_add_text(out, "\"late\"");
    else if (g->attempts > 0)
        buf_addf(out, "\"failed %u\"", g->attempts);
    else
        buf_add_text(out, "\"\"");
}

struct sheet {
    struct assignment *list;
    size_t cap;
    uint32_t count;
    int64_t only; /* 0: all */
};

static void add_assignment(void *owner, const struct assignment *s)
{
    struct sheet *sheet = owner;

    if (sheet->only != 0 && s->id != sheet->only)
        return;
    sheet->list = mem_grow(sheet->list, &sheet->cap, sheet->count + 1, sizeof(*sheet->list));
    sheet->list[sheet->count++] = *s;
}

static void add_titles(const struct sheet *sheet, struct buf *out)
{
    struct buf title = {0};
    uint32_t i, k;

    buf_add_text(out, "\"name\",\"full name\"");
    for (i = 0; i < sheet->count; i++) {
        const struct assignment *s = &sheet->list[i];
        for (k = 0; k < s->task_count; k++) {
            buf_reset(&title);
            buf_addf(&title, "%s: %s/%s", s->title, s->tasks[k].track, s->tasks[k].task);
            buf_add_char(out, ',');
            csv_cell(buf_str(&title), out);
        }
        buf_reset(&title);
        buf_addf(&title, "%s: passed of %u", s->title, s->task_count);
        buf_add_char(out, ',');
        csv_cell(buf_str(&title), out);
    }
    buf_add_text(out, "\r\n");
    buf_release(&title);
}

/* One line a learner, made assignment by assignment: the lines grow side by side. */
static int add_lines(struct accounts *a, const struct sheet *sheet, struct table *t,
                     struct buf *lines, struct err *err)
{
    uint32_t i, m, k;
    int status = 0;

    for (m = 0; m < t->member_count; m++) {
        csv_cell(str_of(t->members[m].name), &lines[m]);
        buf_add_char(&lines[m], ',');
        csv_cell(str_of(t->members[m].full_name), &lines[m]);
    }
    for (i = 0; status == 0 && i < sheet->count; i++) {
        const struct assignment *s = &sheet->list[i];
        status = table_fill(a, s, t, err);
        for (m = 0; status == 0 && m < t->member_count; m++) {
            const struct grade *grades = t->grades + (size_t)m * s->task_count;
            for (k = 0; k < s->task_count; k++)
                grade_cell(&grades[k], &lines[m]);
            number_cell(count_passed(s, grades), &lines[m]);
        }
    }
    return status;
}

static int write_sheet(struct accounts *a, int64_t class_id, const struct sheet *sheet,
                       struct buf *out, struct err *err)
{
    struct buf *lines;
    struct table t;
    uint32_t m;
    int status = table_members(a, class_id, &t, err);

    lines = mem_zalloc((t.member_count + 1) * sizeof(*lines));
    if (status >= 0)
        status = add_lines(a, sheet, &t, lines, err);
    if (status == 0)
        add_titles(sheet, out);
    for (m = 0; m < t.member_count; m++) {
        if (status == 0)
            buf_addf(out, "%s\r\n", lines[m].data);
        buf_release(&lines[m]);
    }
    mem_free(lines);
    table_release(&t);
    return status < 0 ? status : 1;
}

int grades_csv(struct accounts *a, int64_t class_id, int64_t assignment_id, struct buf *out,
               struct err *err)
{
    struct sheet sheet = {.only = assignment_id};
    struct class_view c;
    int status = class_find(a, class_id, 0, &c, err);

    if (status == 1)
        status = accounts_also(assignment_list(a, class_id, add_assignment, &sheet, err));
    if (status == 1 && assignment_id != 0 && sheet.count == 0)
        status = 0;
    if (status == 1)
        status = write_sheet(a, class_id, &sheet, out, err);
    mem_free(sheet.list);
    return status;
}

/* ---- who is where ---- */

int standings(struct accounts *a, int64_t class_id,
              void (*each)(void *owner, const struct standing *s), void *owner, struct err *err)
{
    const struct store_value v = store_integer(class_id);
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "grade_standings", &v, 1, &rows, err), count = 0;

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        const struct standing s = {
            .member = {.person = store_row_integer(rows, 0),
                       .name = store_row_text(rows, 1),
                       .full_name = store_row_text(rows, 2),
                       .joined_ms = store_row_integer(rows, 3),
                       .seen_ms = store_row_integer(rows, 4)},
            .passed = store_row_integer(rows, 5),
            .track = store_row_text(rows, 6),
            .task = store_row_text(rows, 7),
            .verdict = store_row_text(rows, 8),
            .at_ms = store_row_integer(rows, 9),
            .handin = store_row_integer(rows, 10),
        };
        each(owner, &s);
        count++;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}

int stickings(struct accounts *a, int64_t class_id,
              void (*each)(void *owner, const struct sticking *s), void *owner, struct err *err)
{
    const struct store_value v[] = {store_integer(class_id), store_integer(STICKINGS_MAX)};
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "grade_stickings", v, 2, &rows, err), count = 0;

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        const struct sticking s = {
            .track = store_row_text(rows, 0),
            .task = store_row_text(rows, 1),
            .people = store_row_integer(rows, 2),
            .passed = store_row_integer(rows, 3),
            .attempts = store_row_integer(rows, 4),
            .said = store_row_text(rows, 5),
        };
        each(owner, &s);
        count++;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}
