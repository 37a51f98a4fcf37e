/* messages_layout.h - where everything of messages.svg stands: lanes across, events down.
 *
 * Laws: 1. Who happened before whom is seen: on one lane later events are lower, a message arrives
 * below where it was sent, and an event at a later time is below all events of earlier times.
 * 2. No two events of one lane share a place. Distances are not to scale: a quiet stretch is short.
 */
#ifndef REPORT_MESSAGES_LAYOUT_H
#define REPORT_MESSAGES_LAYOUT_H

#include "story.h"

enum { LAYOUT_CLIENT_LANES_MAX = 4, LAYOUT_NODES_ALL_MAX = 64, LAYOUT_NO_LANE = -1 };

struct lane {
    double x;
    uint32_t endpoint; /* of a client lane: the first of its clients */
    enum endpoint_role role;
    uint32_t endpoint_count; /* that share it */
};

struct layout {
    struct lane *lanes;
    uint32_t lane_count;
    int32_t *lane_of;   /* by endpoint */
    double *y;          /* by event */
    double *sent_y;     /* by message; 0: not seen sent */
    double top, bottom; /* of the lanes */
    double left, right; /* of the lanes: x of the first and the last */
    double width;
    uint32_t quiet_nodes; /* without a lane: they did nothing in the part shown */
};

void layout_init(struct layout *l, const struct story *s);
void layout_release(struct layout *l);

#endif
