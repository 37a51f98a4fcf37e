/* results_edn.h - a run's result in the notation and in the places where Maelstrom leaves it.
 *
 * Scripts around Maelstrom read `store/latest/results.edn`: with an EDN reader, with grep and sed,
 * even by the number of a line; and the last line of `jepsen.log`. So the parts that Maelstrom
 * knows stand here in its order and in the layout of Clojure's printer: a map that fits into 72
 * columns on one line, any other with an entry a line, ":valid? ..}" of the whole as the last one.
 * What is ours alone stands in results.json; of the workload's own part all is in both. */
#ifndef REPORT_RESULTS_EDN_H
#define REPORT_RESULTS_EDN_H

#include "../base/str.h"

#include <jansson.h>

struct err;

/* Appends what results_json() made, without a newline at the end. */
void results_edn(const json_t *results, struct buf *out);
/* The line by which Maelstrom ends, in its words and with its faces: scripts compare them. */
const char *results_last_line(const json_t *results);
/* Writes results.edn, and jepsen.log: the same, and that line. */
int results_edn_write(const json_t *results, const char *folder, struct err *err);

#endif
