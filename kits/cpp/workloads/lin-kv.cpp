// lin-kv.cpp - passes every request on to the service lin-kv, and its answer back.
#include "kit/node.hpp"

int main() {
    Node node;
    auto forward = [&](const Message &m) {
        Json fields = Json::object();
        for (const char *key : {"key", "value", "from", "to"})
            if (m.body.has(key))
                fields.set(key, m.body[key]);
        node.call("lin-kv", m.type, fields, 1000, [&node, m](const Answer &a) {
            if (!a.ok)
                node.error(m, a.code, a.text);
            else if (m.type == "read")
                node.reply(m, "read_ok", {{"value", a.m.body["value"]}});
            else
                node.reply(m, m.type + "_ok");
        });
    };
    for (const char *type : {"read", "write", "cas"})
        node.on(type, forward);
    return node.run();
}
