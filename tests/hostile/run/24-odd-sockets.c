#include "hostile.h"

void attack(void)
{
    TRY(socket(AF_VSOCK, SOCK_STREAM, 0) >= 0);
    TRY(socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
    TRY(socket(AF_PACKET, SOCK_RAW, 0) >= 0);
    TRY(socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0);
    TRY(socket(AF_BLUETOOTH, SOCK_RAW, 0) >= 0);
}
