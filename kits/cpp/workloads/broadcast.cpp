// broadcast.cpp - gossip: whatever a neighbour has not confirmed is told to it again.
#include "kit/node.hpp"

#include <set>

int main() {
    using Values = std::set<std::int64_t>;
    Node node;
    Values seen;
    std::map<std::string, Values> missing; // of each other node: what it has not confirmed

    auto learn = [&](const Json &value, const std::string &source) {
        if (!seen.insert(value.to_int()).second)
            return;
        for (auto &[peer, lacks] : missing)
            if (peer != source)
                lacks.insert(value.to_int());
    };
    auto tell = [&](const std::string &peer) {
        Values told = missing[peer];
        if (told.empty())
            return;
        node.call(peer, "gossip", {{"values", Json::list(told)}}, 500, [&, peer, told](const Answer &a) {
            if (!a.ok)
                return; // the next round says it again
            for (std::int64_t value : told)
                missing[peer].erase(value);
        });
    };
    node.on_start([&] {
        for (const std::string &peer : node.peers()) {
            missing[peer] = {};
            node.every(100, [&, peer] { tell(peer); });
        }
    });
    node.on("topology", [&](const Message &m) { node.reply(m, "topology_ok"); });
    node.on("broadcast", [&](const Message &m) {
        learn(m.need("message"), m.src);
        node.reply(m, "broadcast_ok");
    });
    node.on("gossip", [&](const Message &m) {
        for (const Json &value : m.need("values").items())
            learn(value, m.src);
        node.reply(m, "gossip_ok");
    });
    node.on("read", [&](const Message &m) {
        node.reply(m, "read_ok", {{"messages", Json::list(seen)}});
    });
    return node.run();
}
