/* Memory as files without a name, each below the limit of a file. */
#include "hostile.h"

void attack(void)
{
    static char block[1 << 20];
    int file, piece;

    for (file = 0; file < 32; file++) {
        int fd = memfd_create("x", 0);

        for (piece = 0; piece < 8; piece++)
            if (write(fd, block, sizeof(block)) < 0)
                refused("write to a memfd");
    }
    through("256 MiB in files without a name");
}
