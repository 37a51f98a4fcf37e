/* What moves a cursor, runs in a browser or is no text at all, on every channel there is. */
#include "hostile.h"

void attack(void)
{
    fprintf(stderr, "\033[2J\033]0;owned\007<script>alert(1)</script>\xff\xfe\xe2\x80\xae evil\n");
    exit(3);
}
