#include "hostile.h"

void attack(void)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/sparse", getenv("EDDY_DATA"));
    TRY(ftruncate(open(path, O_WRONLY | O_CREAT, 0600), INT64_C(1) << 40) == 0);
}
