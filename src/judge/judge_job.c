#include "judge_job.h"

#include "../base/err.h"
#include "../base/file.h"
#include "judging.h"
#include "play.h"
#include "playing.h"
#include "submission.h"
#include "worker.h"
#include "workshop.h"

#include <stdlib.h>

static void pass_on(void *owner, struct str event)
{
    job_voice_event(owner, event);
}

/* Takes result. */
static void give(struct job_voice *voice, json_t *result)
{
    char *text = json_dumps(result, JSON_COMPACT);

    if (text != NULL)
        job_voice_result(voice, str_of(text));
    free(text);
    json_decref(result);
}

/* The report is one page with all in it, so it goes with the result, which then names it and no
 * folder of this worker's. One that cannot be read is missed, but changes no verdict. */
static void give_report(struct job_voice *voice, const char *folder, json_t *result)
{
    static const char name[] = "report.html";
    struct err ignored = {.text = ""};
    struct buf path = {0}, page = {0};

    json_object_del(result, "report");
    buf_addf(&path, "%s/%s", folder, name);
    if (file_read(path.data, JOB_FILE_MAX, &page, &ignored) == 0) {
        job_voice_file(voice, name, buf_str(&page));
        json_object_set_new(
            result, "report",
            json_pack("{s:[{s:s, s:I}]}", "files", "name", name, "bytes", (json_int_t)page.len));
    }
    buf_release(&page);
    buf_release(&path);
}

static int judge(struct job_voice *voice, const struct judge_job *with, const struct submission *s,
                 struct err *err)
{
    struct buf report = {0}, folder = {0};
    struct judging j = {
        .workshop = with->workshop,
        .submission = s,
        .jobs = with->runs,
        .owner = voice,
        .voice = pass_on,
    };
    json_t *result = NULL;
    int status;

    buf_addf(&folder, "%s/judging", job_voice_folder(voice));
    buf_addf(&report, "%s/report", job_voice_folder(voice));
    j.folder = folder.data;
    j.report = report.data;
    status = file_mkdirs(folder.data, err);
    if (status == 0)
        status = submission_judge(&j, &result, err);
    if (status == 0) {
        give_report(voice, report.data, result);
        give(voice, result);
    }
    buf_release(&report);
    buf_release(&folder);
    return status;
}

static int submission_job(const struct job *job, struct job_voice *voice, void *owner,
                          struct err *err)
{
    struct submission s = {0};
    int status = submission_parse(job->payload, &s, err);

    if (status < 0) {
        give(voice, judging_refused(NULL, err->text));
        return 0;
    }
    status = judge(voice, owner, &s, err);
    submission_release(&s);
    return status;
}

static int play(struct job_voice *voice, const struct judge_job *with, const struct play *p,
                struct err *err)
{
    struct buf folder = {0}, report = {0};
    struct playing playing = {
        .workshop = with->workshop,
        .play = p,
        .owner = voice,
        .voice = pass_on,
    };
    json_t *result = NULL;
    int status;

    buf_addf(&folder, "%s/playing", job_voice_folder(voice));
    buf_addf(&report, "%s/run", folder.data);
    playing.folder = folder.data;
    status = file_mkdirs(folder.data, err);
    if (status == 0)
        status = play_judge(&playing, &result, err);
    if (status == 0) {
        give_report(voice, report.data, result);
        give(voice, result);
    }
    buf_release(&folder);
    buf_release(&report);
    return status;
}

static int play_job(const struct job *job, struct job_voice *voice, void *owner, struct err *err)
{
    struct play p = {0};
    int status = play_parse(job->payload, &p, err);

    if (status < 0) {
        give(voice, judging_refused(NULL, err->text));
        return 0;
    }
    status = play(voice, owner, &p, err);
    play_release(&p);
    return status;
}

int judge_job(const struct job *job, struct job_voice *voice, void *owner, struct err *err)
{
    if (play_is(job->payload))
        return play_job(job, voice, owner, err);
    return submission_job(job, voice, owner, err);
}

int64_t judge_job_cache_bytes(void *owner)
{
    const struct judge_job *with = owner;

    return cache_bytes(with->workshop->cache);
}
