// unique-ids.cpp - the node's name and a number that this process has not given before.
#include "kit/node.hpp"

int main() {
    Node node;
    int count = 0;

    node.on("generate", [&](const Message &m) {
        node.reply(m, "generate_ok", {{"id", node.id() + "-" + std::to_string(++count)}});
    });
    return node.run();
}
