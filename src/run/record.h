/* record.h - run.json: all that it takes to run a run again, and to know whether it was the same.
 *
 *   {"eddy":    {"version":..., "digest":...},        who made it
 *    "program": {"path":..., "argv":[...], "files":[...], "go":...},       program.h
 *    "folder":  "...", "environment": "...",          where; a digest, as it may hold secrets
 *    "scenario": {"path":..., "text":...}, "options": {...},
 *    "nodes": [...], "seed":..., "clock": "virtual", and what else struct run_config has,
 *    "replay-of": null or the folder of the run that this one repeats,
 *    "decisions": null or what takes the place of chance (decisions.h),
 *    "end": {"verdict":..., "sentence":..., "end-ns":..., "lines":..., "digest":...,
 * "stopped":...}}
 *
 * Written before the first node starts, with "end" null, and again at the run's end: lines and
 * digest are those of the journal, uncompressed. */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "run.h"

struct err;

/* The record of a run that begins now. NULL: a path or an argument is not UTF-8, so that JSON
 * cannot hold it; such a run cannot be repeated by its record. The caller owns it (json_decref). */
json_t *record_json(const struct run_config *config, enum cage_clock clock);

/* Puts in how it ended. */
void record_set_end(json_t *record, const struct run_result *result);
int record_write(const json_t *record, const char *dir, struct err *err);

/* A record read back. config borrows from it; dir, until_ns, replay_of and the logs are the
 * caller's to set. */
struct record {
    struct run_config config;
    const char *folder;          /* in which eddy was started */
    char *name;                  /* of the scenario: its file's name without .lua */
    bool complete;               /* the run came to an end of its own */
    int64_t end_ns;              /* on the run's clock; 0 if it was broken off */
    const char *digest;          /* of its journal; NULL if it was broken off */
    const char *verdict;         /* "valid", "invalid", "unknown"; NULL if it was broken off */
    const char *sentence;        /* why; NULL if it is valid */
    const char *replay_of;       /* NULL: it repeats no other run */
    json_t *root;                /* the whole file */
    struct sandbox_spec sandbox; /* what the config points at, if nodes had one */
};

/* Reads dir/run.json. ERR_INPUT: there is none, or it lacks something that a run needs. */
int record_load(const char *dir, struct record **ret_record, struct err *err);
void record_free(struct record *r); /* NULL is fine */

/* What is not as it was: files of the program, environment, eddy itself. A list of sentences. */
json_t *record_changes(const struct record *r);

#endif
