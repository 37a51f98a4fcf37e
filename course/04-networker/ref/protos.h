/* protos.h - the protocols, by name. */
#ifndef NETWORKER_PROTOS_H
#define NETWORKER_PROTOS_H

struct proto;

const struct proto *proto_find(const char *name); /* NULL: none is called so */

extern const struct proto echo_proto, work_proto, alive_proto, frame_proto, resp_proto, pack_proto,
    lz_proto, ver_proto, pb_proto, h2_proto, grpc_proto, http_proto;

#endif
