/* outcome.h - what the judge said of a submission (src/judge/judging.h), as HTML to be read.
 *
 * The result comes out of the database and was written by the judge, but it quotes what strangers'
 * programs printed; whatever is missing or of another type in it is left out. */
#ifndef WEB_OUTCOME_H
#define WEB_OUTCOME_H

#include <jansson.h>

struct buf;

/* Why it failed, first; then all steps, what the build said, and what it cost. */
void outcome_html(const json_t *result, struct buf *out);
/* Which limit ended it; nothing if it is no object. */
void outcome_limit(const json_t *limit, struct buf *out);

#endif
