/* service_tso.h - the timestamp oracle: 0, 1, 2, ..., each given once, in order. */
#ifndef SIM_SERVICE_TSO_H
#define SIM_SERVICE_TSO_H

#include <stdint.h>

struct tso {
    int64_t next;
};

int64_t tso_take(struct tso *tso);

#endif
