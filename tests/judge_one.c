/* judge_one - judges one submission, without a queue: for tests and benchmarks.
 *
 * usage: judge_one FOLDER LEVEL LANGUAGES [REPORT] <SUBMISSION >RESULT
 *        judge_one --text TRACK TASK LANGUAGE DIR >SUBMISSION
 *        judge_one --pack FORMAT TEXT-FILE | --unpack TRACK TASK LANGUAGE ARCHIVE
 *
 * FOLDER has the cache and stays; LEVEL is A to D, off or auto. Events go to stderr, a line each.
 * Exit status: 0 passed, 1 failed, 2 not judged, 3 and a sentence: the machine's fault. */
#include "base/err.h"
#include "base/file.h"
#include "judge/judging.h"
#include "judge/submission.h"
#include "judge/workshop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void hear(void *owner, struct str event)
{
    (void)owner;
    fprintf(stderr, "%.*s\n", STR_ARG(event));
}

static int complain(const struct err *err)
{
    fprintf(stderr, "judge_one: %s\n", err->text);
    return 3;
}

static int verdict_of(const json_t *result)
{
    const char *verdict = json_string_value(json_object_get(result, "verdict"));

    return strcmp(verdict, "passed") == 0 ? 0 : strcmp(verdict, "failed") == 0 ? 1 : 2;
}

static int judge(char **argv, struct err *err)
{
    struct workshop_config config = {.folder = argv[1], .languages = argv[3]};
    struct workshop *workshop = NULL;
    struct submission s = {0};
    struct buf text = {0}, folder = {0};
    struct judging j = {.submission = &s, .jobs = 2, .report = argv[4], .voice = hear};
    struct err ignored;
    json_t *result = NULL;
    int status = file_read("/dev/stdin", SUBMISSION_TEXT_MAX + 1, &text, err);

    if (status == 0 && !sandbox_level_parse(argv[2], &config.level))
        status = err_set(err, ERR_INPUT, "there is no level %s", argv[2]);
    if (status == 0)
        status = submission_parse(buf_str(&text), &s, err);
    if (status == 0)
        status = workshop_open(&config, &workshop, err);
    if (status == 0) {
        buf_addf(&folder, "%s/job-XXXXXX", workshop->folder);
        if (mkdtemp(folder.data) == NULL)
            status = err_set_errno(err, ERR_MACHINE, "%s", folder.data);
        else
            chmod(folder.data, 0755);
    }
    j.workshop = workshop;
    j.folder = folder.data;
    if (status == 0)
        status = submission_judge(&j, &result, err);
    if (folder.data != NULL)
        file_remove_tree(folder.data, &ignored);
    if (status == 0) {
        json_dumpf(result, stdout, JSON_INDENT(1));
        printf("\n");
        status = verdict_of(result);
    }
    json_decref(result);
    submission_release(&s);
    workshop_close(workshop);
    buf_release(&text);
    buf_release(&folder);
    return status;
}

/* Files that `find` lists in stdin, one a line, of the folder DIR. */
static int text(char **argv, struct err *err)
{
    struct submission s = {0};
    struct buf out = {0};
    char name[4096], path[8192];
    int status = submission_word("track", str_of(argv[2]), &s.track, err);

    if (status == 0)
        status = submission_word("task", str_of(argv[3]), &s.task, err);
    if (status == 0)
        status = submission_word("language", str_of(argv[4]), &s.language, err);
    while (status == 0 && fgets(name, sizeof(name), stdin) != NULL) {
        struct buf data = {0};
        name[strcspn(name, "\n")] = '\0';
        snprintf(path, sizeof(path), "%s/%s", argv[5], name);
        status = file_read(path, SUBMISSION_FILE_MAX + 1, &data, err);
        if (status == 0)
            status = submission_add(&s, str_of(name), buf_str(&data), err);
        buf_release(&data);
    }
    if (status == 0) {
        submission_text(&s, &out);
        fwrite(out.data, 1, out.len, stdout);
    }
    submission_release(&s);
    buf_release(&out);
    return status;
}

int main(int argc, char **argv)
{
    struct err err = {.text = ""};
    int status;

    if (argc == 6 && strcmp(argv[1], "--text") == 0)
        status = text(argv, &err);
    else if (argc == 4 || argc == 5)
        status = judge(argv, &err);
    else
        status = err_set(&err, ERR_INPUT, "see the head of tests/judge_one.c");
    return status < 0 ? complain(&err) : status;
}
