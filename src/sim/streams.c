#include "streams.h"

#include "../base/map.h"
#include "../base/mem.h"
#include "../base/prng.h"

struct streams {
    uint64_t seed;
    struct map *names;
    struct prng **streams; /* by number in names; each allocated alone, so that it never moves */
    size_t streams_cap;
};

struct streams *streams_new(uint64_t seed)
{
    struct streams *s = mem_zalloc(sizeof(*s));

    s->seed = seed;
    s->names = map_new();
    return s;
}

void streams_free(struct streams *s)
{
    uint32_t i;

    if (s == NULL)
        return;
    for (i = 0; i < map_len(s->names); i++)
        mem_free(s->streams[i]);
    mem_free(s->streams);
    map_free(s->names);
    mem_free(s);
}

struct prng *streams_get(struct streams *s, const char *name)
{
    bool is_new;
    uint32_t number = map_put(s->names, str_of(name), &is_new);

    if (is_new) {
        s->streams = mem_grow(s->streams, &s->streams_cap, (size_t)number + 1, sizeof(*s->streams));
        s->streams[number] = mem_alloc(sizeof(**s->streams));
        prng_init(s->streams[number], s->seed, name);
    }
    return s->streams[number];
}
