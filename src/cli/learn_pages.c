/* Subcommands that show something: the task, a hint, where one stands. */
#include "learn.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../course/language.h"
#include "../course/page.h"
#include "../course/page_check.h"
#include "../course/page_terminal.h"
#include "../course/track.h"
#include "../course/track_part.h"
#include "../store/store.h"
#include "commands.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* At most one word, that names a task. */
static int one_word(char *const *argv, const char **ret_word, struct err *err)
{
    if (argv[0] != NULL && argv[0][0] == '-')
        return err_set(err, ERR_INPUT, "it has no option %s", argv[0]);
    if (argv[0] != NULL && argv[1] != NULL)
        return err_set(err, ERR_INPUT, "one task, please; \"%s\" is too much", argv[1]);
    *ret_word = argv[0];
    return 0;
}

static int open_task(struct learn *l, char *const *argv, const struct task **ret_task,
                     struct page **ret_page, struct err *err)
{
    const char *word = NULL;
    int status = one_word(argv, &word, err);

    if (status == 0)
        status = learn_open_folder(l, err);
    if (status == 0)
        status = learn_task(l, word, ret_task, err);
    if (status == 0)
        status = page_read((*ret_task)->page, ret_page, err);
    return status;
}

static void print_markdown(struct str markdown)
{
    struct page_terminal t = {terminal_width(), terminal_has_colour(stdout)};
    struct buf text = {0};

    page_terminal(&t, markdown, &text);
    if (text.len > 0)
        fwrite(text.data, 1, text.len, stdout);
    buf_release(&text);
}

static void print_title(const struct task *task)
{
    uint32_t i;

    terminal_print(stdout, STYLE_STRONG, "%u %s: %s", task->number, task->slug, task->title);
    printf("  ");
    for (i = 0; i < task->level; i++)
        printf("*");
    printf("\n\n");
}

/* The page without its hints, which are asked for one by one. */
int learn_read(char *const *argv, struct err *err)
{
    const struct task *task = NULL;
    struct page *page = NULL;
    struct learn l = {0};
    int status = open_task(&l, argv, &task, &page, err);

    if (status == 0) {
        const struct page_part *hints = page_part(page, 2, "Hints");
        const char *text = page->text.data;
        size_t begin = page->parts[0].begin;
        print_title(task);
        if (hints != NULL) {
            uint32_t after = page_part_after(page, (uint32_t)(hints - page->parts));
            size_t end = page->parts[after - 1].end;
            print_markdown((struct str){text + begin, hints->begin - begin});
            begin = end;
        }
        print_markdown((struct str){text + begin, page->text.len - begin});
    }
    page_free(page);
    learn_release(&l);
    return status == 0 ? EXIT_VALID : status;
}

static int show_hint(const struct learn *l, const struct task *task, const struct page *page,
                     struct err *err)
{
    struct progress_key key = learn_key(l, task);
    struct progress p = {0};
    int status = progress_get(l->store, &key, &p, err);
    uint32_t n = p.hints < HINT_COUNT ? p.hints + 1 : HINT_COUNT;
    struct str hint = page_hint(page, n);

    if (status < 0)
        return status;
    if (hint.data == NULL)
        return err_set(err, ERR_INPUT, "%s has no hint %u", task->page, n);
    terminal_print(stdout, STYLE_STRONG, "Hint %u of %d for task %u, %s\n\n", n, HINT_COUNT,
                   task->number, task->slug);
    print_markdown(hint);
    if (n == HINT_COUNT)
        printf("That is the last one. A solution in C: eddy learn solution\n");
    return progress_set_hints(l->store, &key, n, err);
}

int learn_hint(char *const *argv, struct err *err)
{
    const struct task *task = NULL;
    struct page *page = NULL;
    struct learn l = {0};
    int status = open_task(&l, argv, &task, &page, err);

    if (status == 0)
        status = show_hint(&l, task, page, err);
    page_free(page);
    learn_release(&l);
    return status == 0 ? EXIT_VALID : status;
}

/* ---- status ---- */

static void print_day(int64_t at)
{
    time_t seconds = (time_t)at;
    struct tm tm;
    char day[32];

    localtime_r(&seconds, &tm);
    strftime(day, sizeof(day), "%Y-%m-%d", &tm);
    terminal_print(stdout, STYLE_GOOD, "passed %s", day);
}

/* Of all tasks, in this folder; the caller frees the list. */
static int read_progress(const struct learn *l, struct progress **ret_list, struct err *err)
{
    struct progress *list = mem_zalloc((l->track->task_count + 1) * sizeof(*list));
    uint32_t i;
    int status = 0;

    for (i = 0; i < l->track->task_count && status == 0; i++) {
        struct progress_key key = learn_key(l, &l->track->tasks[i]);
        status = progress_get(l->store, &key, &list[i], err);
    }
    if (status == 0)
        *ret_list = list;
    else
        mem_free(list);
    return status;
}

static void print_part(const struct track_part *part, const struct progress *list)
{
    uint32_t i, passed = 0;

    for (i = part->first; i < part->first + part->count; i++)
        passed += list[i].passed;
    terminal_print(stdout, STYLE_STRONG, "\n%s", part->title);
    terminal_print(stdout, passed == part->count ? STYLE_GOOD : STYLE_FAINT, "  %u of %u passed\n",
                   passed, part->count);
}

/* Of a task's title, and of its whole line without checks and hints. */
enum { TITLE_WIDTH = 50, LINE_WIDTH = 87 };

static void print_task(const struct learn *l, const struct task *task, struct progress p)
{
    printf("%s %2u  %-12s %-*s ", task == l->task ? ">" : " ", task->number, task->slug,
           terminal_column(TITLE_WIDTH, LINE_WIDTH), task->title);
    if (p.passed)
        print_day(p.passed_at);
    else if (p.attempts > 0)
        printf("tried");
    if (p.attempts > 0)
        printf(", %u %s", p.attempts, p.attempts == 1 ? "check" : "checks");
    if (p.hints > 0)
        printf(", %u %s", p.hints, p.hints == 1 ? "hint" : "hints");
    printf("\n");
}

static void print_tasks(const struct learn *l, const struct progress *list)
{
    uint32_t i;

    terminal_print(stdout, STYLE_STRONG, "%s: %s, in %s\n", l->track->slug, l->track->title,
                   l->language->title);
    for (i = 0; i < l->track->task_count; i++) {
        const struct track_part *part = track_part_beginning(l->track, i);
        if (part != NULL)
            print_part(part, list);
        print_task(l, &l->track->tasks[i], list[i]);
    }
}

/* How the last check of the current task went. */
static int print_last(const struct learn *l, struct err *err)
{
    struct store_value key[4];
    struct store_rows *rows = NULL;
    int status;

    if (l->task == NULL)
        return 0;
    key[0] = store_text(l->track->slug);
    key[1] = store_text(l->task->slug);
    key[2] = store_text(l->language->name);
    key[3] = store_text(l->workspace.dir);
    status = store_query(l->store, "result_last", key, 4, &rows, err);
    if (status == 0)
        status = store_next(rows, err);
    if (status == 1) {
        const char *step = store_row_text(rows, 2), *report = store_row_text(rows, 4);
        printf("\nThe last check of task %u: %s%s%s%s\n", l->task->number, store_row_text(rows, 1),
               step[0] != '\0' ? ", in the step \"" : "", step, step[0] != '\0' ? "\"" : "");
        if (report[0] != '\0') {
            struct buf url = {0};
            terminal_add_file_url(&url, report);
            printf("  report  %s/report.html\n", url.data);
            buf_release(&url);
        }
    }
    store_rows_close(rows);
    return status < 0 ? status : 0;
}

int learn_status(char *const *argv, struct err *err)
{
    struct progress *list = NULL;
    struct learn l = {0};
    int status;

    if (argv[0] != NULL)
        return err_set(err, ERR_INPUT, "it takes no words, and there is \"%s\"", argv[0]);
    status = learn_open_folder(&l, err);
    if (status == 0)
        status = read_progress(&l, &list, err);
    if (status == 0) {
        print_tasks(&l, list);
        status = print_last(&l, err);
    }
    mem_free(list);
    learn_release(&l);
    return status == 0 ? EXIT_VALID : status;
}

/* ---- next ---- */

static int move_to(struct learn *l, const char *word, struct err *err)
{
    const struct task *task = NULL;
    int status = 0;

    if (word != NULL)
        status = learn_task(l, word, &task, err);
    else if (l->task != NULL)
        task = track_task_from(l->track, l->task->number + 1);
    if (status < 0)
        return status;
    if (task == NULL) {
        printf("There is no task behind the last one of %s. `eddy learn next TASK` goes to any.\n",
               l->track->slug);
        return EXIT_VALID;
    }
    status = workspace_set_task(&l->workspace, task->number, err);
    if (status == 0)
        printf("Task %u, %s: %s. Read it with: eddy learn task\n", task->number, task->slug,
               task->title);
    return status;
}

int learn_next(char *const *argv, struct err *err)
{
    const char *word = NULL;
    struct learn l = {0};
    int status = one_word(argv, &word, err);

    if (status == 0)
        status = learn_open_folder(&l, err);
    if (status == 0)
        status = move_to(&l, word, err);
    learn_release(&l);
    return status;
}
