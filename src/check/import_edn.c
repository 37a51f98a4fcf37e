/* Histories in EDN: maps at the top, or in vectors and lists at the top. Records such as
 * #jepsen.history.Op{...} are maps with a tag. */
#include "import_event.h"

#include "../base/err.h"
#include "edn.h"

/* With the reader on the map's opening. */
static int read_event(struct importer *im, struct edn_reader *r, struct err *err)
{
    import_begin(im, r->start);
    while (edn_next(r) != EDN_CLOSE && r->kind != EDN_ERROR) {
        enum import_member m = IMPORT_MEMBER_COUNT;
        if (r->kind == EDN_KEYWORD || r->kind == EDN_STRING || r->kind == EDN_SYMBOL)
            m = import_member(r->text);
        if (!edn_skip(r) || edn_next(r) == EDN_ERROR)
            break;
        if (m == IMPORT_MEMBER_COUNT)
            edn_skip(r);
        else
            edn_json(r, import_take(im, m, r->start));
    }
    return r->kind == EDN_ERROR ? edn_explain(r, err) : import_end(im, err);
}

int import_edn(struct importer *im, struct err *err)
{
    struct edn_reader r;
    int status = 0;

    edn_reader_init(&r, im->text);
    while (status == 0 && edn_next(&r) != EDN_END) {
        size_t start = r.start;
        while (r.kind == EDN_TAG)
            edn_next(&r);
        if (r.kind == EDN_MAP) {
            status = read_event(im, &r, err);
        } else if (r.kind == EDN_ERROR) {
            status = edn_explain(&r, err);
        } else if (r.depth > 1 ||
                   (r.kind != EDN_VECTOR && r.kind != EDN_LIST && r.kind != EDN_CLOSE)) {
            status = import_refuse(im, start, err,
                                   "expected an event, a map such as {:process 0, :type :invoke, "
                                   ":f :read, :value nil}");
        }
    }
    return status;
}
