/* control.h - what the controller decides: who leads, and what follows from a node's death. */
#ifndef LOGGER_CONTROL_H
#define LOGGER_CONTROL_H

#include "meta.h"

void control_open(void);
void control_routes(void);

/* Makes a partition, or has the controller make it; done may be NULL. */
void control_create(const char *key, const struct json *fields,
                    void (*done)(void *owner, enum node_code code), void *owner);

#endif
