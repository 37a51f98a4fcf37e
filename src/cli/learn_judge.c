#include "learn_judge.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../cage/cage.h"
#include "../course/build.h"
#include "../course/grade.h"
#include "../course/grade_json.h"
#include "../course/language.h"
#include "../course/track.h"
#include "../report/steps_text.h"
#include "learn.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

/* ---- one at a time ---- */

int judge_lock(const struct learn *l, int *ret_fd, struct err *err)
{
    static const char waiting[] = "another check is at work in this folder; waiting for it ...";
    int fd = open(l->workspace.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int got;

    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "cannot open the folder %s", l->workspace.dir);
    got = flock(fd, LOCK_EX | LOCK_NB);
    if (got < 0 && errno == EWOULDBLOCK && !terminal_progress("%s", waiting))
        fprintf(stderr, "%s\n", waiting);
    while (got < 0 && !cage_stop_asked()) {
        struct timespec pause = {.tv_nsec = 100000000}; /* a signal may come just before flock(2) */
        nanosleep(&pause, NULL);
        got = flock(fd, LOCK_EX | LOCK_NB);
    }
    terminal_progress("%s", "");
    if (got < 0) {
        close(fd);
        return err_set(err, ERR_STOPPED, "stopped by a signal");
    }
    *ret_fd = fd;
    return 0;
}

void judge_unlock(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* ---- building ---- */

/* The program is built in the folder, and reports are kept there. A folder that takes neither is no
 * fault of the program, so it must not look like one. */
static int check_writable(const char *dir, struct err *err)
{
    if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) < 0)
        return err_set_errno(err, ERR_MACHINE,
                             "cannot write in %s, where the program is built and reports are kept",
                             dir);
    return 0;
}

int judge_build(const struct learn *l, const struct judge_request *r, bool *ret_built,
                char **ret_text, struct err *err)
{
    struct buf program = {0};
    struct build_result result = {0};
    struct build b = {.language = l->language, .dir = l->workspace.dir};
    char took[DURATION_TEXT_MAX];
    int status;

    workspace_program(&l->workspace, &program);
    b.out = program.data;
    status = check_writable(l->workspace.dir, err);
    if (status == 0) {
        bool fetches = l->language->prepare[0] != '\0' && access(program.data, X_OK) < 0;
        terminal_progress("building%s ...", fetches ? ", and fetching what it needs" : "");
        status = build_run(&b, &result, err);
        terminal_progress("%s", "");
    }
    if (status == 0 && !r->json && !result.built) {
        terminal_print(stdout, STYLE_BAD, "The program does not build:\n\n");
        terminal_print_foreign(stdout, result.text);
    } else if (status == 0 && !r->json) {
        terminal_print(stdout, STYLE_FAINT, "built in %s\n", duration_text(result.took_ns, took));
    }
    if (status == 0) {
        *ret_built = result.built;
        *ret_text = mem_strdup(result.text);
    }
    build_result_release(&result);
    buf_release(&program);
    return status;
}

/* ---- telling ---- */

/* The lines of steps_text(), with colour where a line begins with a verdict. */
static void print_lines(const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        enum terminal_style style = strncmp(text, "  ok  ", 6) == 0   ? STYLE_GOOD
                                    : strncmp(text, "  FAIL", 6) == 0 ? STYLE_BAD
                                                                      : STYLE_PLAIN;
        size_t head = style != STYLE_PLAIN ? 6 : 0;
        terminal_print(stdout, style, "%.*s", (int)head, text);
        printf("%.*s\n", (int)(len - head), text + head);
        text += len + (text[len] == '\n');
    }
}

static void print_steps(const struct grade_result *r)
{
    const char *part = NULL;
    uint32_t i;

    for (i = 0; i < r->step_count; i++) {
        struct buf text = {0};
        json_t *steps;
        if (part != NULL && strcmp(part, r->steps[i].part) == 0)
            continue;
        part = r->steps[i].part;
        if (part[0] != '\0')
            terminal_print(stdout, STYLE_STRONG, "%s\n", part);
        steps = grade_json_steps(r, part);
        steps_text(steps, &text);
        if (text.len > 0)
            print_lines(text.data);
        json_decref(steps);
        buf_release(&text);
    }
}

static void print_log(const struct grade_failure *f)
{
    size_t i;

    if (json_array_size(f->log) == 0)
        return;
    printf("        the end of what %s wrote to stderr:\n", f->node);
    for (i = 0; i < json_array_size(f->log); i++) {
        printf("          ");
        terminal_print_foreign(stdout, json_string_value(json_array_get(f->log, i)));
        printf("\n");
    }
}

/* What repeats the run of one seed. */
struct repeat {
    const struct task *task;
};

static void add_command(void *owner, uint64_t seed, struct buf *out)
{
    const struct repeat *r = owner;

    buf_addf(out, "eddy learn check %s --seed %" PRIu64 " --seeds 1", r->task->slug, seed);
}

static void print_result(const struct task *task, const struct grade_result *r, const char *keep)
{
    char virtual_time[DURATION_TEXT_MAX], took[DURATION_TEXT_MAX];
    struct repeat repeat = {task};
    struct buf command = {0};

    print_steps(r);
    if (!r->passed) {
        print_log(&r->failure);
        add_command(&repeat, r->failure.seed, &command);
        printf("\n  again   %s\n", command.data);
    }
    if (r->kept) {
        buf_reset(&command);
        terminal_add_file_url(&command, keep);
        printf("%s  report  %s/report.html\n", r->passed ? "\n" : "", command.data);
    }
    printf("\n");
    if (r->passed)
        terminal_print(stdout, STYLE_GOOD, "Passed, on %u %s: ", r->seeds,
                       r->seeds == 1 ? "seed" : "seeds");
    else
        terminal_print(stdout, STYLE_BAD, "Not yet: ");
    printf("%" PRIu64 " %s in %s of your nodes' time, judged in %s.\n", r->message_count,
           r->message_count == 1 ? "message" : "messages",
           duration_text(r->virtual_ns, virtual_time), duration_text(r->took_ns, took));
    buf_release(&command);
}

static json_t *result_json(const struct task *task, const struct judge_request *request,
                           const struct grade_result *r, const char *keep)
{
    enum sandbox_level level = request->sandbox != NULL ? request->sandbox->level : SANDBOX_OFF;
    json_t *all = json_pack("{s:s}", "task", task->slug);
    json_t *result = grade_json(r);

    json_object_update(all, result);
    json_decref(result);
    json_object_set_new(all, "sandbox", json_string(sandbox_level_name(level)));
    if (!r->passed) {
        struct repeat repeat = {task};
        struct buf command = {0};
        add_command(&repeat, r->failure.seed, &command);
        json_object_set_new(all, "command", json_string(command.data));
        buf_release(&command);
    }
    if (r->kept)
        json_object_set_new(all, "report", json_sprintf("%s/report.html", keep));
    return all;
}

static void progress(void *owner, uint32_t done, uint32_t count)
{
    const struct repeat *r = owner;

    terminal_progress("%s: %u of %u runs", r->task->slug, done, count);
}

/* ---- grading ---- */

static int remember(const struct learn *l, const struct task *task, const struct grade_result *r,
                    const char *keep, struct err *err)
{
    struct progress_key key = learn_key(l, task);
    int status;
    struct progress_result result = {
        .verdict = r->passed ? PROGRESS_PASSED : PROGRESS_FAILED,
        .step = r->passed ? "" : r->failure.step,
        .seed = r->passed ? 0 : r->failure.seed,
        .report = r->kept ? keep : "",
    };

    status = progress_add(l->store, &key, &result, err);
    if (status < 0)
        err_wrap(err, "this result could not be kept");
    return status;
}

int judge_not_built(const struct learn *l, const struct task *task, struct err *err)
{
    struct progress_key key = learn_key(l, task);
    struct progress_result result = {PROGRESS_NOT_BUILT, "", 0, ""};

    return progress_add(l->store, &key, &result, err);
}

/* Where the folders of runs are while they go on; it must be on the disk of the reports. */
static int make_places(const struct learn *l, const struct task *task, struct buf *scratch,
                       struct buf *keep, struct err *err)
{
    buf_addf(keep, "%s/eddy-report/%s", l->workspace.dir, task->name);
    buf_addf(scratch, "%s/eddy-report/.runs-XXXXXX", l->workspace.dir);
    *strrchr(scratch->data, '/') = '\0';
    if (file_mkdirs(scratch->data, err) < 0)
        return ERR_MACHINE;
    scratch->data[strlen(scratch->data)] = '/';
    if (mkdtemp(scratch->data) == NULL)
        return err_set_errno(err, ERR_MACHINE, "cannot make the folder %s", scratch->data);
    return 0;
}

int judge_task(struct learn *l, const struct judge_request *r, const struct task *task,
               enum judge_verdict *ret_verdict, json_t **ret_json, struct err *err)
{
    struct buf program = {0}, scratch = {0}, keep = {0};
    struct grade_result result = {0};
    struct repeat repeat = {task};
    struct grade_config config = {
        .task = task,
        .first_seed = r->seed,
        .seeds = r->seeds,
        .jobs = r->jobs,
        .sandbox = r->sandbox,
        .owner = &repeat,
        .command = add_command,
        .progress = r->json ? NULL : progress,
    };
    struct err ignored;
    int status = make_places(l, task, &scratch, &keep, err);

    workspace_program(&l->workspace, &program);
    config.program = program.data;
    config.dir = scratch.data;
    config.keep = keep.data;
    if (status == 0) {
        status = grade_run(&config, &result, err);
        terminal_progress("%s", "");
        file_remove_tree(scratch.data, &ignored);
    }
    if (status == 0) {
        if (r->json)
            *ret_json = result_json(task, r, &result, keep.data);
        else
            print_result(task, &result, keep.data);
        *ret_verdict = result.passed ? JUDGE_PASSED : JUDGE_FAILED;
        status = remember(l, task, &result, keep.data, err);
    }
    grade_result_release(&result);
    buf_release(&program);
    buf_release(&scratch);
    buf_release(&keep);
    return status;
}

/* ---- what comes next ---- */

int judge_move_on(struct learn *l, struct err *err)
{
    uint32_t i;
    int status = 0;

    for (i = 0; i < l->track->task_count && status == 0; i++) {
        struct progress_key key = learn_key(l, &l->track->tasks[i]);
        struct progress p = {0};
        status = progress_get(l->store, &key, &p, err);
        if (status == 0 && !p.passed && l->track->tasks[i].number >= l->workspace.task)
            break;
    }
    if (status < 0)
        return status;
    l->task = i < l->track->task_count ? &l->track->tasks[i] : NULL;
    return workspace_set_task(
        &l->workspace, l->task != NULL ? l->task->number : track_last_number(l->track) + 1, err);
}
