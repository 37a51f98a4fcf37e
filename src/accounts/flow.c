#include "flow.h"

#include "../base/mem.h"

#include <string.h>

struct entry {
    struct flow flow;
    int64_t due_ms; /* 0: free */
};

/* A ring: the next to be written is the oldest. */
struct flows {
    struct entry entries[FLOWS_MAX];
    uint32_t next;
};

struct flows *flows_new(void)
{
    return mem_zalloc(sizeof(struct flows));
}

void flows_free(struct flows *f)
{
    if (f != NULL)
        secret_forget(f, sizeof(*f));
    mem_free(f);
}

void flows_add(struct flows *f, const struct flow *flow, int64_t now_ms)
{
    f->entries[f->next] = (struct entry){*flow, now_ms + FLOW_MS};
    f->next = (f->next + 1) % FLOWS_MAX;
}

bool flows_take(struct flows *f, struct str state, struct str browser, int64_t now_ms,
                struct flow *ret_flow)
{
    uint32_t i;

    for (i = 0; i < FLOWS_MAX; i++) {
        struct entry *e = &f->entries[i];
        if (e->due_ms <= now_ms || !secret_equal(str_of(e->flow.secrets.state), state) ||
            !secret_equal(str_of(e->flow.browser), browser))
            continue;
        *ret_flow = e->flow;
        secret_forget(e, sizeof(*e));
        return true;
    }
    return false;
}
