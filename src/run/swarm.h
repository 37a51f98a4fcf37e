/* swarm.h - the setting of one run out of many: which faults, how harsh, how many nodes, what load.
 *
 * A pure function of limits and seed. Runs that differ in what they do not do find more than runs
 * that do a little of everything (Groce et al., "Swarm testing", 2012): a fault that heals others,
 * or keeps clients from working, is absent from half of them. Each value has a stream of its own,
 * so that a new one does not change the others. */
#ifndef RUN_SWARM_H
#define RUN_SWARM_H

#include <stdbool.h>
#include <stdint.h>

struct swarm_range {
    int64_t min, max; /* equal: fixed */
};

struct swarm_limits {
    struct swarm_range node_count;     /* the greatest in a third of the runs, 3 in half */
    struct swarm_range clients_a_node; /* even */
    struct swarm_range rate;           /* even over powers, as the next two */
    struct swarm_range latency_ns;     /* and 0 in a quarter of the runs; {0, 0}: always 0 */
    struct swarm_range interval_ns;
    uint32_t fault_count; /* at most 32; each is on in half of the runs */
    uint32_t dist_count;  /* choices; 0 and 1: no choice */
    uint32_t topology_count;
    uint32_t partition_count;
    bool schedule; /* whether it may be drawn */
};

struct swarm_draw {
    int64_t node_count, clients_a_node, rate, latency_ns, interval_ns;
    uint32_t faults; /* bit i: fault i is on */
    uint32_t dist, topology, partition;
    bool schedule_seeded;
    bool cues;   /* faults come right after messages, where they can */
    bool rivals; /* partition and kill are one fault, of two nodes that never hear each other */
    bool news;   /* a partition is for whoever says something new */
};

/* Values drawn over powers have two digits, so that they can be typed. */
void swarm_draw(const struct swarm_limits *limits, uint64_t seed, struct swarm_draw *ret_draw);

#endif
