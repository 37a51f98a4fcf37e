"""main.py - the smallest node: it sends back what it is sent."""

from kit.node import Node

node = Node()


@node.on("echo")
def echo(m):
    node.reply(m, "echo_ok", {"echo": m.body["echo"]})


node.run()
