#include "learn.h"

#include "../base/err.h"
#include "../course/track.h"
#include "commands.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>

/* Of a track's title, and of its whole line without what more is planned. */
enum { TITLE_WIDTH = 54, LINE_WIDTH = 99 };

static int print_track(const struct learn *l, const struct track *t, struct err *err)
{
    uint32_t passed = 0;
    int width = terminal_column(TITLE_WIDTH, LINE_WIDTH);
    int status = progress_count(l->store, t->slug, &passed, err);

    if (status < 0)
        return status;
    if (t->dir == NULL) {
        terminal_print(stdout, STYLE_FAINT, "  %02u  %-15s %-*s %2u tasks, planned\n", t->number,
                       t->slug, width, t->title, t->planned_count);
        return 0;
    }
    printf("  %02u  ", t->number);
    terminal_print(stdout, STYLE_STRONG, "%-15s", t->slug);
    printf(" %-*s ", width, t->title);
    if (passed >= t->task_count && t->task_count > 0)
        terminal_print(stdout, STYLE_GOOD, "%2u tasks, all passed", t->task_count);
    else if (passed > 0)
        terminal_print(stdout, STYLE_GOOD, "%2u of %u passed", passed, t->task_count);
    else
        printf("%2u tasks", t->task_count);
    if (t->planned_count > t->task_count)
        terminal_print(stdout, STYLE_FAINT, ", %u more planned", t->planned_count - t->task_count);
    printf("\n");
    return 0;
}

static void print_next_step(const struct course *c)
{
    uint32_t i;

    for (i = 0; i < c->track_count; i++)
        if (c->tracks[i].dir != NULL) {
            printf("\nBegin with: eddy learn start %s --lang python\n"
                   "Or --lang c, cpp, go, java, javascript, rust, typescript.\n",
                   c->tracks[i].slug);
            return;
        }
    printf("\nNone of the tracks is written yet.\n");
}

int learn_list(char *const *argv, struct err *err)
{
    struct learn l = {0};
    const char *category = "";
    uint32_t i;
    int status;

    if (argv[0] != NULL)
        return err_set(err, ERR_INPUT, "it takes no words, and there is \"%s\"", argv[0]);
    status = learn_open(&l, err);
    for (i = 0; status == 0 && i < l.course->track_count; i++) {
        const struct track *t = &l.course->tracks[i];
        if (strcmp(t->category, category) != 0)
            terminal_print(stdout, STYLE_STRONG, "%s%s\n", i > 0 ? "\n" : "", t->category);
        category = t->category;
        status = print_track(&l, t, err);
    }
    if (status == 0)
        print_next_step(l.course);
    learn_release(&l);
    return status == 0 ? EXIT_VALID : status;
}
