// g-counter.cpp - a total for each node, which only that node changes; the counter is their sum.
#include "kit/node.hpp"

int main() {
    struct Total { // of a node's additions
        std::int64_t count = 0, sum = 0;
    };
    Node node;
    std::map<std::string, Total> totals;

    node.on_start([&] {
        node.every(200, [&] {
            Json all = Json::object();
            for (const auto &[name, total] : totals)
                all.set(name, Json::array({total.count, total.sum}));
            for (const std::string &peer : node.peers())
                node.send(peer, "merge", {{"totals", all}});
        });
    });
    node.on("add", [&](const Message &m) {
        Total &own = totals[node.id()];
        own.count++;
        own.sum += m.need("delta").to_int();
        node.reply(m, "add_ok");
    });
    node.on("merge", [&](const Message &m) {
        for (const auto &[name, theirs] : m.need("totals").members())
            if (theirs[0].to_int() > totals[name].count)
                totals[name] = {theirs[0].to_int(), theirs[1].to_int()};
    });
    node.on("read", [&](const Message &m) {
        std::int64_t sum = 0;
        for (const auto &[name, total] : totals)
            sum += total.sum;
        node.reply(m, "read_ok", {{"value", sum}});
    });
    return node.run();
}
