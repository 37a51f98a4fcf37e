/* set_scan.h - what a history of adds and reads says about each element, before any judgement.
 *
 * Events are named by their index in the history; SET_NEVER stands for none. */
#ifndef CHECK_SET_SCAN_H
#define CHECK_SET_SCAN_H

#include "set_elements.h"

struct history;

#define SET_NEVER UINT32_MAX

/* One element that some client asked to add. */
struct set_element {
    uint32_t add;          /* first invocation of an add of it */
    uint32_t acked;        /* first ok of an add */
    bool failed;           /* every add of it failed, definitely */
    uint32_t known;        /* acked or first_seen, the earlier */
    uint32_t premature;    /* invocation of the first read that shows it, complete before add */
    uint32_t repeats_max;  /* most times that one read shows it */
    uint32_t repeats_read; /* that read's invocation */
};

/* The last final read of a node, and what it and the final reads beside it show. */
struct set_final {
    uint32_t read;   /* its invocation; SET_NEVER: the node answered none */
    uint64_t *shown; /* bit set over elements */
};

struct set_scan {
    struct set_elements *names;
    uint32_t len; /* elements that were added: numbers below this; strangers have those above */
    struct set_element *elements;
    uint32_t *first_seen;    /* earliest completion of a read that shows it */
    uint32_t *last_present;  /* latest invocation of a read that shows it */
    uint32_t *last_absent;   /* and of one that does not, complete after its add began */
    uint32_t *stranger_read; /* by number - len: invocation of the first read that shows it */
    size_t stranger_count;
    size_t strangers_cap;
    struct set_final *finals; /* by node */
    size_t final_count;
    size_t finals_cap;
    uint32_t malformed_count;
    uint32_t malformed_read; /* completion of the first read whose value is no list */
};

void set_scan_init(struct set_scan *s, const struct history *h, const char *add, const char *read);
void set_scan_release(struct set_scan *s);

bool set_final_shows(const struct set_final *final, uint32_t element);

#endif
