#include "service_tso.h"

int64_t tso_take(struct tso *tso)
{
    return tso->next++;
}
