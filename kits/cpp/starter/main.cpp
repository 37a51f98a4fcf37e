// main.cpp - the smallest node: it sends back what it is sent.
#include "kit/node.hpp"

int main() {
    Node node;
    node.on("echo", [&](const Message &m) {
        node.reply(m, "echo_ok", {{"echo", m.body["echo"]}});
    });
    return node.run();
}
