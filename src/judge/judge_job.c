#include "judge_job.h"

#include "../base/err.h"
#include "../base/file.h"
#include "judging.h"
#include "submission.h"
#include "worker.h"

#include <inttypes.h>
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

static int judge(const struct job *job, struct job_voice *voice, const struct judge_job *with,
                 const struct submission *s, struct err *err)
{
    struct buf report = {0};
    struct judging j = {
        .workshop = with->workshop,
        .submission = s,
        .folder = job_voice_folder(voice),
        .jobs = with->runs,
        .owner = voice,
        .voice = pass_on,
    };
    json_t *result = NULL;
    int status = with->reports != NULL ? file_mkdirs(with->reports, err) : 0;

    if (with->reports != NULL)
        buf_addf(&report, "%s/%" PRId64, with->reports, job->id);
    j.report = report.data;
    if (status == 0)
        status = submission_judge(&j, &result, err);
    if (status == 0)
        give(voice, result);
    buf_release(&report);
    return status;
}

int judge_job(const struct job *job, struct job_voice *voice, void *owner, struct err *err)
{
    struct submission s = {0};
    int status = submission_parse(job->payload, &s, err);

    if (status < 0) {
        give(voice, judging_refused(NULL, err->text));
        return 0;
    }
    status = judge(job, voice, owner, &s, err);
    submission_release(&s);
    return status;
}
