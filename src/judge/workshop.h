/* workshop.h - what judging needs and is found or made once: the course, a bench for each language,
 * and the cache of what was built.
 *
 * A bench is a toolchain with the kit's files and what the kit gives every submission ({lib} in
 * kits/languages.txt). One process opens a workshop; its children may use it as it is. */
#ifndef JUDGE_WORKSHOP_H
#define JUDGE_WORKSHOP_H

#include "cache.h"
#include "toolchain.h"

#include "../cage/sandbox.h"

struct course;
struct err;
struct submission_file;

enum { WORKSHOP_CACHE_MIN = 256 << 20 };

struct workshop_config {
    const char *home;      /* as of course_home(); NULL: that */
    const char *folder;    /* for the cache and its work; made if it is not there */
    int64_t cache_bytes;   /* 0: 2 GiB; WORKSHOP_CACHE_MIN at least */
    const char *languages; /* "c,python": only these; NULL: all that there are */
    enum sandbox_level level;
    int64_t build_wall_ns; /* real time that one build may take, or the machine is too busy; 0: 30 s
                              and twice the processor time that it may take */
    void *owner;
    /* Told of each language before its bench is made, which may take some seconds the first time
     * (missing NULL), and of each that cannot be had and why. May be NULL. */
    void (*progress)(void *owner, const char *language, const char *missing);
};

struct bench {
    struct toolchain toolchain;
    char *missing;                         /* why there is none; NULL: it is ready */
    struct submission_file *kit, *starter; /* kit: names begin with "kit/" */
    uint32_t kit_count, starter_count;
    struct cache_hold shared;  /* path NULL: the language has no such thing */
    char seal[SEAL_TEXT_SIZE]; /* of tools, table and kit */
};

struct workshop {
    enum sandbox_level level;
    int64_t build_wall_ns; /* as in its configuration */
    char *folder;
    struct course *course;
    struct languages *languages;
    struct cache *cache;
    struct bench *benches;
    uint32_t bench_count;
};

/* Languages that cannot be had are no failure. ERR_INPUT: no course, or no such language;
 * ERR_MACHINE: the level is not offered here; ERR_STOPPED. */
int workshop_open(const struct workshop_config *config, struct workshop **ret_workshop,
                  struct err *err);
void workshop_close(struct workshop *w); /* NULL is fine */

/* The bench of a language, by name or alias. ERR_INPUT: there is no such language; ERR_MACHINE: its
 * tools cannot be had here, and why. */
int workshop_bench(const struct workshop *w, const char *language, const struct bench **ret_bench,
                   struct err *err);

/* Appends the names of the languages that are ready: "c,cpp,go". */
void workshop_offers(const struct workshop *w, struct buf *out);
/* Appends what it has and what not, as JSON: [{"language", "version"}, {"language", "missing"}]. */
void workshop_tools(const struct workshop *w, struct buf *out);

#endif
