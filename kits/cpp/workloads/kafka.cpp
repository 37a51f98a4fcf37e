// kafka.cpp - the first node keeps all logs; the others pass on what they are asked.
#include "kit/node.hpp"

#include <algorithm>

static std::map<std::string, std::vector<Json>> logs; // of each key: its messages; the offset is the place
static std::map<std::string, std::int64_t> committed;

static Json send(const Message &m) {
    std::vector<Json> &log = logs[m.need("key").text()];
    log.push_back(m.need("msg"));
    return {{"offset", log.size() - 1}};
}

static Json poll(const Message &m) {
    Json msgs = Json::object();
    for (const auto &[key, first] : m.need("offsets").members()) {
        const std::vector<Json> &log = logs[key];
        Json list = Json::array();
        std::size_t from = static_cast<std::size_t>(first.to_int());
        for (std::size_t offset = from; offset < std::min(log.size(), from + 20); offset++)
            list.push(Json::array({offset, log[offset]}));
        msgs.set(key, list);
    }
    return {{"msgs", msgs}};
}

static Json commit(const Message &m) {
    for (const auto &[key, offset] : m.need("offsets").members())
        committed[key] = std::max(committed[key], offset.to_int());
    return Json::object();
}

static Json list_committed(const Message &m) {
    Json offsets = Json::object();
    for (const Json &key : m.need("keys").items())
        if (committed.count(key.text()) > 0)
            offsets.set(key.text(), committed[key.text()]);
    return {{"offsets", offsets}};
}

static Json without_ids(const Json &body) {
    Json fields = Json::object();
    for (const auto &[key, value] : body.members())
        if (key != "type" && key != "msg_id" && key != "in_reply_to")
            fields.set(key, value);
    return fields;
}

int main() {
    Node node;
    auto serve = [&](const std::string &type, Json (*work)(const Message &)) {
        node.on(type, [&node, work](const Message &m) {
            const std::string &first = node.ids().front();
            if (node.id() == first) {
                node.reply(m, m.type + "_ok", work(m));
                return;
            }
            node.call(first, m.type, without_ids(m.body), 1000, [&node, m](const Answer &a) {
                if (a.ok)
                    node.reply(m, m.type + "_ok", without_ids(a.m.body));
                else
                    node.error(m, a.code, a.text);
            });
        });
    };
    serve("send", send);
    serve("poll", poll);
    serve("commit_offsets", commit);
    serve("list_committed_offsets", list_committed);
    return node.run();
}
