#include "hostile.h"

#include <arpa/inet.h>

void attack(void)
{
    TRY(socket(AF_INET, SOCK_STREAM, 0) >= 0);
    TRY(socket(AF_INET, SOCK_DGRAM, 0) >= 0);
    TRY(socket(AF_INET6, SOCK_STREAM, 0) >= 0);
    TRY(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0);
}
