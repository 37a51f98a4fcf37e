// main.cpp - tasks 1 to 5 of the track messenger: inspect, whoami, echo, errors, wait.
#include "kit/node.hpp"
#include "measure.hpp"

#include <algorithm>
#include <climits>

int main() {
    Node node;
    node.on("inspect", [&](const Message &m) {
        const Json &payload = m.need("payload");
        node.reply(m, "inspect_ok", {{"kind", kind_of(payload)}, {"length", length_of(payload)}, {"payload", payload}});
    });
    node.on("whoami", [&](const Message &m) {
        std::vector<std::string> peers = node.peers();
        std::sort(peers.begin(), peers.end()); // by bytes
        node.reply(m, "whoami_ok",
                   {{"node_id", node.id()}, {"peers", Json::list(peers)}, {"majority", node.ids().size() / 2 + 1}});
    });
    node.on("echo", [&](const Message &m) { node.reply(m, "echo_ok", {{"echo", m.need("echo")}}); });
    node.on("wait", [&](const Message &m) {
        std::int64_t ms = m.need("ms").to_int(-1);
        if (ms < 0 || ms > INT_MAX)
            throw RpcError(Code::malformed, "ms must be a whole number from 0");
        node.after(static_cast<int>(ms), [&node, m] { node.reply(m, "wait_ok", {{"ms", m.body["ms"]}}); });
    });
    return node.run();
}
