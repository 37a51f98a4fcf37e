/* links.h - what the links between nodes (and to and from services) do to messages: how long they
 * take, whether they are lost, doubled or held up, and which are cut.
 *
 * Decides only; world.c carries it out, and knows which messages are subject to it. Each kind of
 * fault draws from a stream of its own, and only while it is on, so that switching one on leaves
 * the draws of the others as they were. */
#ifndef SIM_LINKS_H
#define SIM_LINKS_H

#include "world.h"

struct links;
struct streams;

struct links_config {
    uint32_t node_count;
    int64_t latency_ns; /* mean */
    enum latency_dist latency_dist;
    struct streams *streams; /* borrowed for as long as the links live */
};

struct links *links_new(const struct links_config *config);
void links_free(struct links *l); /* NULL is fine */

/* Drawn when a message, or a copy of it, sets out. */
/* Latency, slowness and reordering together. from and to are endpoints; those that are no nodes
 * have no link of their own. */
int64_t links_delay(struct links *l, uint32_t from, uint32_t to);
bool links_doubles(struct links *l);
/* Drawn when it arrives. */
bool links_loses(struct links *l, uint32_t from, uint32_t to);

void links_set_loss(struct links *l, double probability);
void links_set_duplication(struct links *l, double probability);
void links_set_reorder(struct links *l, double probability, int64_t extra_ns);
void links_set_slow(struct links *l, double factor);

/* The mean latency and the loss of one direction of one link; negative: as all others. What is lost
 * there is lost beside what all links lose. */
void links_set_link(struct links *l, uint32_t from, uint32_t to, int64_t latency_ns, double loss);

/* Cuts, by numbers of nodes. A node is never cut off from itself. */
void links_cut(struct links *l, uint32_t from, uint32_t to, bool cut);
bool links_is_cut(const struct links *l, uint32_t from, uint32_t to);
void links_heal(struct links *l);

void links_check(const struct links *l); /* asserts every invariant; for tests */

#endif
