/* api.h - /api/v1: the course as JSON, for scripts and for the page. Described in
 * docs/openapi.json, which api_test.c holds against the answers.
 *
 * Handlers as pages.h has them; errors are problem+json. */
#ifndef WEB_API_H
#define WEB_API_H

struct err;
struct request;
struct response;
struct site;

int api_tracks(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_track(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_task(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_hint(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_starter(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_languages(const struct site *s, const struct request *q, struct response *r,
                  struct err *err);
int api_progress(const struct site *s, const struct request *q, struct response *r,
                 struct err *err);
/* Of admins: api_admin.c, api_backups.c. */
int api_admin_workers(const struct site *s, const struct request *q, struct response *r,
                      struct err *err);
int api_admin_queue(const struct site *s, const struct request *q, struct response *r,
                    struct err *err);
int api_admin_cancel(const struct site *s, const struct request *q, struct response *r,
                     struct err *err);
int api_admin_regrade(const struct site *s, const struct request *q, struct response *r,
                      struct err *err);
int api_admin_sandbox(const struct site *s, const struct request *q, struct response *r,
                      struct err *err);
int api_admin_disk(const struct site *s, const struct request *q, struct response *r,
                   struct err *err);
int api_backups(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_backup(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_backup_make(const struct site *s, const struct request *q, struct response *r,
                    struct err *err);
int api_backup_remove(const struct site *s, const struct request *q, struct response *r,
                      struct err *err);
int api_search_index(const struct site *s, const struct request *q, struct response *r,
                     struct err *err);

/* api_submissions.c */
int api_submit(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_submissions(const struct site *s, const struct request *q, struct response *r,
                    struct err *err);
int api_submission(const struct site *s, const struct request *q, struct response *r,
                   struct err *err);
int api_cancel(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_submission_events(const struct site *s, const struct request *q, struct response *r,
                          struct err *err);
/* api_evidence.c */
int api_report(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_archive(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_unpack(const struct site *s, const struct request *q, struct response *r, struct err *err);
/* api_drafts.c, api_solution.c */
int api_draft(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_put_draft(const struct site *s, const struct request *q, struct response *r,
                  struct err *err);
int api_solution(const struct site *s, const struct request *q, struct response *r,
                 struct err *err);
/* api_workloads.c */
int api_workloads(const struct site *s, const struct request *q, struct response *r,
                  struct err *err);
int api_workload_starter(const struct site *s, const struct request *q, struct response *r,
                         struct err *err);
/* api_runs.c */
int api_run_put(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_run(const struct site *s, const struct request *q, struct response *r, struct err *err);
int api_run_cancel(const struct site *s, const struct request *q, struct response *r,
                   struct err *err);
int api_run_events(const struct site *s, const struct request *q, struct response *r,
                   struct err *err);
int api_run_report(const struct site *s, const struct request *q, struct response *r,
                   struct err *err);

#endif
