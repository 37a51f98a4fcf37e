/* page_data.h - what report.html knows of a run: journal, history, results, as one JSON object.
 *
 * Numbers stand in columns, times as differences, texts that recur as places in a list of texts:
 * 100,000 messages take some 3 MB beside their bodies. page/data.js is the reader. Members:
 *
 *   title, label, command   texts, or null
 *   end       ns; the run's last moment
 *   window    [from, to] in ns, or null: where it went wrong
 *   results   as in results.json
 *   names     endpoints: first the nodes (node_count of them), then clients and services
 *   types     of messages
 *   messages  {src, dest, type: columns of places; first, all: how many came before the first one
 *             kept, and how many the run sent}
 *   events    {of, dt: columns, in the order of the journal; of: 0 the next message is sent, m + 1
 *             message m arrives, -(m + 1) it is lost; dt: ns since the event before; why: reasons
 * of the losses, places in reasons} reasons   texts records   [[event, t, kind, endpoint or -1,
 * text], ...]: n node, l log, s step, x note, b blame; event: how many events came before faults
 * [[from, to, kind, text], ...] fs        names of functions ops       {t, dt, process, node, f,
 * outcome, value, result, error: columns}; t: differences; dt -1: never completed; outcome: 0 ok, 1
 * fail, 2 info; result "" where it is value journal_left_out  {messages, records, bad_lines};
 * faults_left_out, ops_left_out: how many
 *
 * Bodies of messages are kept apart, since reading 100,000 JSON texts takes a second that most
 * readers never need: one line each, as it was sent; one that is cut begins with "~BYTES ", the
 * size of the whole. */
#ifndef REPORT_PAGE_DATA_H
#define REPORT_PAGE_DATA_H

#include "../base/str.h"
#include "page_bodies.h"

struct err;
struct report_run;

enum {
    PAGE_MESSAGES_MAX = 120000,
    PAGE_EVENTS_MAX = 3 * PAGE_MESSAGES_MAX, /* sends, arrivals and losses; the rest is left out */
    PAGE_OPS_MAX = 100000,
    PAGE_NAMES_MAX = 20000,
    PAGE_TYPES_MAX = 1000,
    PAGE_LIST_BYTES_MAX = 3 << 20, /* of records, and of operations' texts */
};

struct page_data {
    struct buf json; /* the object, safe in a data block (page_text.h) */
    struct page_bodies bodies;
};

/* share: of how many runs of one page this is one; the caps above are divided by it. 0 and the data
 * (page_data_release), or negative. */
int page_data_read(const struct report_run *run, uint32_t share, struct page_data *ret_data,
                   struct err *err);
void page_data_release(struct page_data *d);

#endif
