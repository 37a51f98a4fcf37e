/* main.c - the networker: TCP servers of several protocols in one event loop. */
#include "conn.h"
#include "drain.h"
#include "guard.h"
#include "listener.h"
#include "node.h"
#include "protos.h"

#include <string.h>
#include <sys/resource.h>

const struct proto *proto_find(const char *name)
{
    static const struct proto *const all[] = {&echo_proto, &work_proto, &alive_proto, &frame_proto,
                                              &resp_proto, &pack_proto, &lz_proto,    &ver_proto,
                                              &pb_proto,   &h2_proto,   &grpc_proto,  &http_proto};

    for (size_t i = 0; name != NULL && i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    }
    return NULL;
}

/* A connection is a descriptor, and the usual limit is 1024 of them. */
static void allow_many_connections(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(void)
{
    allow_many_connections();
    node_on("listen", on_listen);
    node_on("shutdown", on_shutdown);
    node_on("log", on_log);
    return node_run();
}
