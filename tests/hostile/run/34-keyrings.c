/* A message for the next submission. */
#include "hostile.h"

void attack(void)
{
    TRY(syscall(SYS_add_key, "user", "message", "x", 1, -4) >= 0);
    TRY(syscall(SYS_keyctl, 0, -3, 1) >= 0);
    TRY(syscall(SYS_request_key, "user", "message", NULL, -4) >= 0);
}
