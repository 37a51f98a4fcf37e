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
int api_search_index(const struct site *s, const struct request *q, struct response *r,
                     struct err *err);

#endif
