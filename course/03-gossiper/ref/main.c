/* main.c - a node of a cluster through which values spread. The file README.md says where to begin.
 */
#include "client.h"
#include "node.h"
#include "spread.h"

int main(void)
{
    client_requests();
    node_on_start(spread_start);
    return node_run();
}
