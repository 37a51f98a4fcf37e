/* statics.h - files that pages need: style sheets, icon, scripts. They are built into the program
 * (ui/, see the Makefile) and served as /static/NAME.HASH.EXT, where HASH is of the content; so
 * they may be kept for ever, and a new program has new names. A program that was built without npm
 * has no scripts: they are empty files then, which are as good as none. */
#ifndef WEB_STATICS_H
#define WEB_STATICS_H

#include "../base/str.h"

struct response;
struct statics;

struct statics *statics_new(void);
void statics_free(struct statics *s); /* NULL is fine */

/* The address of "style.css"; "" if there is no such file. */
const char *statics_url(const struct statics *s, const char *name);
/* Answers with the file of this name ("style.HASH.css"); false if there is none. */
bool statics_answer(const struct statics *s, struct str name, struct response *r);

/* Appends the text as gzip. */
void statics_zip(struct str text, struct buf *out);

#endif
