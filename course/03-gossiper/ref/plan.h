/* plan.h - how many members each node must tell. Pure arithmetic. */
#ifndef GOSSIPER_PLAN_H
#define GOSSIPER_PLAN_H

/* The smallest fanout for which one wave of pushes reaches all `nodes` with probability `target`
 * or better, when each message is lost with probability `loss`. At most nodes - 1, which may still
 * be too few. */
int plan_fanout(int nodes, double loss, double target);

#endif
