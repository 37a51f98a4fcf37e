/* spaces.h - the data of task 11: values by space and key, in memory and in a file of the node's
 * folder, so that they are there again after a restart. */
#ifndef NETWORKER_SPACES_H
#define NETWORKER_SPACES_H

#include "table.h"

#include <stdbool.h>

void spaces_open(void); /* reads the file, once */
bool spaces_get(struct bytes space, struct bytes key, struct bytes *ret_value); /* borrowed */
void spaces_set(struct bytes space, struct bytes key, struct bytes value);

#endif
