/* What one node leaves in /tmp or /dev/shm must not be there for another. n1 would be the reader; the
 * first process stands for it, which sees the same folders as whoever is outside. */
#include "hostile.h"

void attack(void)
{
    TRY(open("/tmp/eddy-hostile-beacon", O_RDONLY) >= 0);
    TRY(open("/dev/shm/eddy-hostile-beacon", O_RDONLY) >= 0);
}
