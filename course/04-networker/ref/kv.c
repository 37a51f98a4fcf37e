/* kv.c - a table from keys to entries, and a list of the entries by revision. */
#include "kv.h"

#include "node.h"

#include <stdlib.h>
#include <string.h>

static struct table entries; /* the value is the address of an entry */
static struct kv_entry *newest;
static uint64_t revision;
static void (*tell)(void);

static void *must(void *memory)
{
    if (memory == NULL) {
        node_log("out of memory");
        exit(1);
    }
    return memory;
}

static struct bytes copy(struct bytes b)
{
    char *memory = must(malloc(b.len + 1));

    if (b.len > 0)
        memcpy(memory, b.at, b.len);
    return (struct bytes){memory, b.len};
}

static struct kv_entry *find(struct bytes key)
{
    struct kv_entry *e;
    struct bytes address;

    if (!table_get(&entries, key, &address))
        return NULL;
    memcpy(&e, address.at, sizeof(e));
    return e;
}

const struct kv_entry *kv_get(struct bytes key)
{
    return find(key);
}

static struct kv_entry *add(struct bytes key)
{
    struct kv_entry *e = must(calloc(1, sizeof(*e)));

    e->key = copy(key);
    table_set(&entries, key, (struct bytes){(char *)&e, sizeof(e)});
    return e;
}

static void take_out(struct kv_entry *e)
{
    if (e->older != NULL)
        e->older->newer = e->newer;
    if (e->newer != NULL)
        e->newer->older = e->older;
    else
        newest = e->older;
}

uint64_t kv_put(struct bytes key, struct bytes value)
{
    struct kv_entry *e = find(key);

    if (e == NULL) {
        e = add(key);
    } else {
        take_out(e);
        free((char *)e->value.at);
    }
    e->value = copy(value);
    e->revision = ++revision;
    e->older = newest;
    e->newer = NULL;
    if (newest != NULL)
        newest->newer = e;
    newest = e;
    if (tell != NULL)
        tell();
    return revision;
}

/* From the newest backwards: who asks has mostly seen all but the last few. */
const struct kv_entry *kv_after(uint64_t seen)
{
    const struct kv_entry *e = newest, *found = NULL;

    for (; e != NULL && e->revision > seen; e = e->older)
        found = e;
    return found;
}

void kv_on_put(void (*told)(void))
{
    tell = told;
}
