/* plan.c - the fanout of a push (Kermarrec, Massoulie, Ganesh 2003; Erdos, Renyi 1959).
 *
 * A node is missed by one other with probability 1 - f (1 - loss) / (n - 1), and by all n - 1 of
 * them with that to the power n - 1. With n nodes the expected number of the missed is n times as
 * much; it is nearly Poisson, so that nobody is missed with probability e^(-expected).
 *
 * For large n the power becomes e^(-f (1 - loss)), and the whole can be solved for f:
 * (ln n - ln(-ln target)) / (1 - loss). In small clusters that is up to four too many. */
#include "plan.h"

#include <math.h>

static double chance_of_all(int nodes, double loss, int fanout)
{
    double others = nodes - 1;
    double missed = nodes * pow(1 - fanout * (1 - loss) / others, others);

    return exp(-missed);
}

int plan_fanout(int nodes, double loss, double target)
{
    int fanout = 0;

    while (fanout < nodes - 1 && (fanout == 0 || chance_of_all(nodes, loss, fanout) < target))
        fanout++;
    return fanout;
}
