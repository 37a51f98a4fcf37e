/* form.h - forms that speak with the API: HTML that can be read and filled in, and what the island
 * `form` (ui/src/form.ts) must know to send it as JSON.
 *
 * Whatever changes something needs a header that no form of HTML can send (routes.h), so a form
 * needs the script; without it, it says so. Its method is POST all the same, so that a browser
 * without scripts never puts a password into an address. */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include "../base/str.h"

/* What is sent and what happens then. NULL: nothing of it. */
struct form {
    const char *method; /* "POST", ... */
    const char *path;   /* below /api/v1 */
    const char *label;  /* of the form, for those who do not see where it stands */
    const char *next;   /* where to go then; {id} is the answer's; NULL: this page anew */
    const char *show;   /* or: the member of the answer that is shown once, to be copied */
    const char *told;   /* the sentence with it, or the one that says that it is done */
    const char *ask;    /* a question first: "Remove this backup?" */
};

enum field_kind { FIELD_TEXT, FIELD_PASSWORD, FIELD_NUMBER, FIELD_TIME };

struct field {
    const char *name, *label;
    enum field_kind kind;     /* NUMBER is sent as one, TIME as milliseconds since 1970 */
    const char *value;        /* or NULL */
    const char *help;         /* a sentence below, or NULL */
    const char *autocomplete; /* or NULL */
    bool optional;            /* "" may be sent; NUMBER and TIME are left out then */
    const char *id;           /* its own where the page has the name twice; or NULL */
};

void form_begin(struct buf *out, const struct form *f);
void form_field(struct buf *out, const struct field *f);
/* Sent as it is, a number as one. */
void form_hidden(struct buf *out, const char *name, const char *value);
void form_hidden_number(struct buf *out, const char *name, int64_t value);
void form_box(struct buf *out, const char *name, const char *label, bool checked);
/* A task of the course; those that are ticked are sent together, as tasks: [{track, task}]. */
void form_task(struct buf *out, const char *track, const char *task, const char *title);
void form_choice_begin(struct buf *out, const char *name, const char *label);
void form_choice(struct buf *out, const char *value, const char *words, bool chosen);
void form_choice_end(struct buf *out);
/* kind: classes of the button besides "button": "primary", "small danger". */
void form_end(struct buf *out, const char *words, const char *kind);

/* A form that is one button. values: name, value, name, value, NULL; may be NULL. */
void form_button(struct buf *out, const struct form *f, const char *const *values,
                 const char *words, const char *kind);
/* The same with one member that is true or false. */
void form_button_box(struct buf *out, const struct form *f, const char *name, bool value,
                     const char *words, const char *kind);

#endif
