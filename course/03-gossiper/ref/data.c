/* data.c - which kind of object this node keeps now: one at a time. */
#include "data.h"

#include "set.h"

#include <stddef.h>
#include <string.h>

static const struct data *const kinds[] = {
    &data_values, &data_gset, &data_twophase, &data_lww, &data_versions,
};
static const struct data *current = &data_values;

static void on_read_values(const struct message *m)
{
    struct json *all = json_array();

    for (int i = 0; i < set_count(); i++) {
        if (set_value(i) != NULL)
            json_push(all, set_value(i));
    }
    node_reply(m, "read_ok", "messages", all, NULL);
}

const struct data data_values = {.mode = "values", .record = set_add, .read = on_read_values};

void data_mode(const char *mode)
{
    current = &data_values;
    for (size_t i = 0; mode != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i]->mode, mode) == 0)
            current = kinds[i];
    }
}

int data_record(const struct json *fact)
{
    return current->record(fact);
}

static void pass(const struct message *m, node_handler handler)
{
    if (handler != NULL)
        handler(m);
    else
        node_error(m, NODE_NOT_SUPPORTED, "not in this mode");
}

static void on_read(const struct message *m)
{
    pass(m, current->read);
}

static void on_add(const struct message *m)
{
    pass(m, current->add);
}

static void on_remove(const struct message *m)
{
    pass(m, current->remove);
}

static void on_merge(const struct message *m)
{
    pass(m, current->merge);
}

static void on_write(const struct message *m)
{
    pass(m, current->write);
}

static void on_delete(const struct message *m)
{
    pass(m, current->erase);
}

void data_requests(void)
{
    node_on("read", on_read);
    node_on("add", on_add);
    node_on("remove", on_remove);
    node_on("merge", on_merge);
    node_on("write", on_write);
    node_on("delete", on_delete);
}
