/* guard.h - what every call passes on its way in and out: log, authentication, rate.
 *
 *     call ──▶ who is it? ──▶ has it tokens left? ──▶ method ──▶ log
 *                  └────────────────┴───── no ─────────────────▶ log */
#ifndef NETWORKER_GUARD_H
#define NETWORKER_GUARD_H

#include "grpc.h"

struct guard;
struct json;
struct message;

/* From listen's tokens {token: user}, rate and burst; NULL if it has no tokens: everybody may do
 * everything. */
struct guard *guard_new(const struct json *listen);

/* GRPC_OK, or with which status the call ends before it has begun, and why. Sets its user. */
enum grpc_status guard_admit(struct guard *g, struct grpc_call *c, const char **ret_why);

void guard_log(const struct grpc_call *c, enum grpc_status status);
void on_log(const struct message *m);

#endif
