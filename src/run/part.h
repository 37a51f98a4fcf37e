/* part.h - what a part of a task asks of its run. One place, for everyone who runs tasks. */
#ifndef RUN_PART_H
#define RUN_PART_H

struct run_config;
struct script_part;

/* Fills in nodes, peers, links, disks and sockets as the part wants them. Borrows its texts. */
void part_config(const struct script_part *part, struct run_config *config);

#endif
