/* follower.h - the copies that this node makes of partitions that others lead. */
#ifndef LOGGER_FOLLOWER_H
#define LOGGER_FOLLOWER_H

/* Begins anew to fetch what we follow from this node, and goes on with it. */
void follower_fetch(int leader);

#endif
