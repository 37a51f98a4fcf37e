/* shrunk_files.h - report.html and results.json of a run that was shrunk from another.
 *
 * The page shows the shrunk run first, with its story and what it takes, and then the run that it
 * came from, if the files of that are still there. */
#ifndef REPORT_SHRUNK_FILES_H
#define REPORT_SHRUNK_FILES_H

#include <jansson.h>
#include <stdint.h>

struct err;
struct run_view;

struct shrunk_from {
    const char *dir; /* of the run that it came from */
    const char *const *node_names;
    uint32_t node_count;
    int64_t end_ns;
    const char *command; /* has it again */
};

/* shrink becomes the member "shrink" of results, the shrunk run's: story, without, and so on, as in
 * shrink.json. dir is the folder of the shrunk run. */
int shrunk_files_write(const struct run_view *view, json_t *results, const json_t *shrink,
                       const char *command, const struct shrunk_from *from, const char *dir,
                       struct err *err);

#endif
