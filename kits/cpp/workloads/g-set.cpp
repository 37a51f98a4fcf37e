// g-set.cpp - every node tells all others its whole set, again and again.
#include "kit/node.hpp"

#include <set>

int main() {
    Node node;
    std::set<std::int64_t> elements;

    node.on_start([&] {
        node.every(200, [&] {
            for (const std::string &peer : node.peers())
                node.send(peer, "merge", {{"elements", Json::list(elements)}});
        });
    });
    node.on("add", [&](const Message &m) {
        elements.insert(m.need("element").to_int());
        node.reply(m, "add_ok");
    });
    node.on("merge", [&](const Message &m) {
        for (const Json &element : m.need("elements").items())
            elements.insert(element.to_int());
    });
    node.on("read", [&](const Message &m) {
        node.reply(m, "read_ok", {{"value", Json::list(elements)}});
    });
    return node.run();
}
