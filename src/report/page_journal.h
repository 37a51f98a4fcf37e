/* page_journal.h - the columns of report.html that come from a run's journal. */
#ifndef REPORT_PAGE_JOURNAL_H
#define REPORT_PAGE_JOURNAL_H

#include "../base/str.h"

#include <stdint.h>

struct err;
struct page_bodies;
struct run_view;

struct page_journal_view {
    const struct run_view *view;
    uint32_t share;             /* page_data.h */
    int64_t from_ns;            /* where it becomes interesting; negative: at the start */
    struct page_bodies *bodies; /* one is added for each message that is kept */
};

/* Appends the members names, node_count, types, messages, events, reasons, records and, of
 * left_out, its members that concern them, to a JSON object that is open: see page_data.h. A run of
 * more messages than PAGE_MESSAGES_MAX is shown from its start, or from somewhat before from_ns. */
int page_journal_add(const struct page_journal_view *journal, struct buf *out, struct err *err);

#endif
