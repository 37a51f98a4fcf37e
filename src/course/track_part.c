/* A teacher writes one line a part, and a line can be wrong in two ways: in itself (no number, no
 * title), or beside the others (out of order, twice, beyond the last task, the first tasks left
 * out). Both readers walk the head's fields once and keep what came before.
 *
 * Ranges ("1-5: A node that answers") were tried and dropped: they say twice where a part ends, so
 * a task that is put in between makes two lines wrong instead of none. "part 6: ..." was dropped
 * because it reads as the sixth part, and somebody who counts parts would get wrong ones without a
 * word. */
#include "track_part.h"

#include "../base/mem.h"
#include "../base/str.h"
#include "faults.h"
#include "page.h"
#include "plant.h"
#include "track.h"

#include <string.h>

static const char word[] = "part", before_number[] = "part from ";

bool track_part_is_field(const struct page_field *field)
{
    return strncmp(field->name, word, strlen(word)) == 0;
}

/* "part from 6": 6; 0: this is no beginning of a part. */
static uint32_t first_number(const struct page_field *field)
{
    size_t len = strlen(before_number);
    int64_t number;

    if (strncmp(field->name, before_number, len) != 0 ||
        !str_to_i64(str_of(field->name + len), &number) || number < 1 || number > UINT32_MAX)
        return 0;
    return (uint32_t)number;
}

/* How many tasks have a lower number. */
static uint32_t count_below(const struct track *t, uint32_t number)
{
    uint32_t i = 0;

    while (i < t->task_count && t->tasks[i].number < number)
        i++;
    return i;
}

/* ---- reading ---- */

static void add_part(struct track *t, const char *title, uint32_t first, uint32_t end)
{
    if (end == first)
        return;
    t->parts = mem_grow(t->parts, &t->part_cap, t->part_count + 1, sizeof(*t->parts));
    t->parts[t->part_count++] =
        (struct track_part){.title = mem_strdup(title), .first = first, .count = end - first};
}

void track_parts_read(struct track *t, const struct page *page)
{
    const char *title = NULL; /* of the part that is open */
    uint32_t i, first = 0, last_number = 0;

    for (i = 0; i < page->field_count; i++) {
        uint32_t number = first_number(&page->fields[i]);
        if (number <= last_number || page->fields[i].value[0] == '\0')
            continue;
        if (title != NULL) {
            uint32_t end = count_below(t, number);
            add_part(t, title, first, end);
            first = end;
        }
        title = page->fields[i].value;
        last_number = number;
    }
    if (title != NULL)
        add_part(t, title, first, t->task_count);
}

const struct track_part *track_part_beginning(const struct track *t, uint32_t task_index)
{
    uint32_t i;

    for (i = 0; i < t->part_count; i++)
        if (t->parts[i].first == task_index)
            return &t->parts[i];
    return NULL;
}

/* ---- checking ---- */

struct check {
    const struct track *track;
    const struct page *page;
    const char *shown;
    struct faults *faults;
    uint32_t last_task;   /* the highest number, of what is planned, too */
    uint32_t last_number; /* where the part before begins; 0: there is none */
};

/* A line by itself. The number where the part begins, or 0: it says none. */
static uint32_t check_line(const struct check *c, uint32_t at)
{
    const struct page_field *field = &c->page->fields[at];
    uint32_t i, number = first_number(field);

    if (number == 0)
        faults_add(c->faults, c->shown, field->line,
                   "\"%s:\" does not say where a part begins; write \"part from N: TITLE\", where "
                   "N is the number of its first task",
                   field->name);
    if (field->value[0] == '\0') {
        faults_add(c->faults, c->shown, field->line, "the part has no title");
        return number;
    }
    for (i = 0; i < at; i++)
        if (track_part_is_field(&c->page->fields[i]) &&
            strcmp(c->page->fields[i].value, field->value) == 0) {
            faults_add(c->faults, c->shown, field->line,
                       "the part is called as the one in line %u: \"%s\"", c->page->fields[i].line,
                       field->value);
            break;
        }
    return number;
}

/* A line beside the one before, and beside the tasks. */
static void check_place(struct check *c, uint32_t number, uint32_t line)
{
    if (c->last_number == 0 && number > 1)
        faults_add(c->faults, c->shown, line,
                   "the first part begins with task %u, so what comes before is in no part; it "
                   "must begin with task 1",
                   number);
    else if (number == c->last_number)
        faults_add(c->faults, c->shown, line, "two parts begin with task %u", number);
    else if (number < c->last_number && !PLANTED(10))
        faults_add(c->faults, c->shown, line,
                   "the part from task %u stands behind the one from task %u; parts stand in the "
                   "order of their tasks",
                   number, c->last_number);
    if (number > c->last_task)
        faults_add(c->faults, c->shown, line,
                   "the part begins with task %u, and the last task is %u", number, c->last_task);
    c->last_number = number;
}

void track_parts_check(const struct track *t, const struct page *page, const char *shown,
                       struct faults *f)
{
    struct check c = {.track = t, .page = page, .shown = shown, .faults = f};
    bool divided = false;
    uint32_t i;

    c.last_task = track_last_number(t);
    if (t->planned_count > c.last_task)
        c.last_task = t->planned_count;
    for (i = 0; i < page->field_count; i++) {
        uint32_t number;
        if (!track_part_is_field(&page->fields[i]))
            continue;
        divided = true;
        number = check_line(&c, i);
        if (number > 0)
            check_place(&c, number, page->fields[i].line);
    }
    if (!divided && page->has_head && t->task_count > TRACK_TASKS_UNDIVIDED_MAX)
        faults_add(f, shown, page->head_end,
                   "the track has %u tasks and no parts; with more than %d, the head must have "
                   "lines \"part from N: TITLE\"",
                   t->task_count, TRACK_TASKS_UNDIVIDED_MAX);
}
