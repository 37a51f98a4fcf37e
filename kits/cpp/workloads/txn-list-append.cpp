// txn-list-append.cpp - the first node carries out every transaction; the others pass theirs on. Knows
// appends to lists and writes to registers, so it does for both workloads of transactions.
#include "kit/node.hpp"

static Json carry_out(const Json &operations) {
    static std::map<std::int64_t, Json> store;
    Json done = Json::array();

    for (const Json &o : operations.items()) {
        Json &kept = store[o[1].to_int()];
        if (o[0].text() == "append")
            kept.push(o[2]);
        else if (o[0].text() == "w")
            kept = o[2];
        done.push(Json::array({o[0], o[1], o[0].text() == "r" ? kept : o[2]}));
    }
    return done;
}

int main() {
    Node node;

    node.on("txn", [&](const Message &m) {
        const std::string &first = node.ids().front();
        if (node.id() == first) {
            node.reply(m, "txn_ok", {{"txn", carry_out(m.need("txn"))}});
            return;
        }
        node.call(first, "txn", {{"txn", m.need("txn")}}, 1000, [&node, m](const Answer &a) {
            if (a.ok)
                node.reply(m, "txn_ok", {{"txn", a.m.body["txn"]}});
            else
                node.error(m, a.code, a.text);
        });
    });
    return node.run();
}
