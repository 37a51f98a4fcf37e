/* edn.h - EDN text (the notation of Clojure, hence of Jepsen), token by token and as JSON.
 *
 * Takes all of EDN: nil, true, false, integers (also 1N), reals (also 1.5M), strings, characters,
 * keywords, symbols, lists, vectors, maps, sets, tags, comments, #_ and commas. Beyond EDN it takes
 * what Clojure prints all the same: ratios, 0x1f, ##Inf and ##NaN, #"..." and octal escapes. Text
 * must be UTF-8. Containers nest at most EDN_DEPTH_MAX deep, discarded ones included. Allocates
 * nothing while it reads tokens, and looks at each byte a bounded number of times. */
#ifndef CHECK_EDN_H
#define CHECK_EDN_H

#include "../base/json.h"
#include "../base/str.h"

struct err;

enum {
    EDN_DEPTH_MAX = JSON_DEPTH_MAX, /* so that every value fits into JSON */
    EDN_KEY_MAX = 4096,             /* bytes of JSON for a map's key that is no string */
};

enum edn_kind {
    EDN_END,   /* after the last form */
    EDN_ERROR, /* the text is no EDN: edn_explain() says where and why */
    EDN_NIL,
    EDN_TRUE,
    EDN_FALSE,
    EDN_INTEGER, /* text: as written, with sign, 0x and N */
    EDN_REAL,    /* text: as written, with sign and M; also "Inf", "-Inf" and "NaN" */
    EDN_RATIO,
    EDN_STRING,  /* text: inside the quotes, still escaped */
    EDN_CHAR,    /* text: without the backslash */
    EDN_KEYWORD, /* text: without the colon */
    EDN_SYMBOL,
    EDN_TAG, /* text: without the #; a form follows */
    EDN_LIST,
    EDN_VECTOR,
    EDN_MAP,
    EDN_SET,
    EDN_CLOSE, /* of the innermost container */
};

struct edn_reader {
    struct str in;
    size_t at;          /* offset of the next byte; after EDN_ERROR, of the offending one */
    size_t start;       /* where the last token began */
    const char *error;  /* after EDN_ERROR: what was expected there, a static text */
    enum edn_kind kind; /* the last token */
    struct str text;    /* borrowed from in */
    int depth;          /* containers that are open */
    int discards;       /* private, like all that follows: #_ being read inside each other */
    bool wants_form;    /* after a tag or #_ */
    struct {
        char closer;
        bool is_odd; /* of a map: a key waits for its value */
        size_t start;
    } open[EDN_DEPTH_MAX];
};

/* Several readers may walk one text; line and column count from the beginning of in, so a part is
 * read by setting at and cutting in.len. */
void edn_reader_init(struct edn_reader *r, struct str in);
enum edn_kind edn_next(struct edn_reader *r);

/* With the reader just at a form's first token: moves to its last one. False: EDN_ERROR. */
bool edn_skip(struct edn_reader *r);

/* Likewise, and appends the form as canonical JSON. Keywords, symbols and characters become
 * strings ("a/b" for :a/b), lists vectors and sets arrays (a set's elements in the order of their
 * texts), maps objects whose keys that are no strings become their JSON text; of equal keys the
 * last counts. Reals that are no JSON number and ratios become strings. A tag is dropped, but
 * #jepsen.independent.Tuple {:key k, :value v} becomes [k, v]. On failure out is as before. */
bool edn_json(struct edn_reader *r, struct buf *out);

/* After EDN_ERROR: the sentence, with line and column and what stands there. ERR_INPUT. */
int edn_explain(const struct edn_reader *r, struct err *err);

/* Which line and column (in characters), from 1, the byte at offset is in. */
struct text_place {
    size_t line, column;
};
struct text_place text_place(struct str text, size_t offset);

#endif
