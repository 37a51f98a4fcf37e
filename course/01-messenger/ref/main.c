/* main.c - the messenger: a node that talks. README.md says which file holds what. */
#include "node.h"

int main(void)
{
    node_run();
    return 0;
}
