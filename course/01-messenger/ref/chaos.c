/* chaos.c - every message draws its fate, in the order in which messages are sent.
 *
 * Each message takes two draws, whatever becomes of it. So the fate of the n-th message depends on
 * the seed and n only, and changing `duplicate` does not change what is dropped. */
#include "chaos.h"

#include "json.h"
#include "prng.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static struct {
    bool on;
    double drop, duplicate;
    struct prng chance;
} chaos;

void chaos_begin(double drop, double duplicate, uint64_t seed)
{
    chaos.on = true;
    chaos.drop = drop;
    chaos.duplicate = duplicate;
    chaos.chance.state = seed;
}

void chaos_end(void)
{
    chaos.on = false;
}

/* What an experimenter needs to see through the storm. */
static bool spared(const struct json *body)
{
    static const char *const types[] = {"init_ok", "chaos_ok", "chaos_off_ok", "error"};
    const char *type = json_text_of(json_get(body, "type"));

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (type != NULL && strcmp(type, types[i]) == 0)
            return true;
    }
    return false;
}

int chaos_copies(const struct json *body)
{
    bool dropped, doubled;

    if (!chaos.on || spared(body))
        return 1;
    dropped = prng_unit(&chaos.chance) < chaos.drop;
    doubled = prng_unit(&chaos.chance) < chaos.duplicate;
    if (dropped)
        return 0;
    return doubled ? 2 : 1;
}
