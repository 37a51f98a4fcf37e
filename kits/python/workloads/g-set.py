"""g-set.py - every node tells all others its whole set, again and again."""

from kit.node import Node

node = Node()
elements = set()


def tell():
    for peer in node.peers:
        node.send(peer, "merge", {"elements": sorted(elements)})


@node.on_start
def start():
    node.every(200, tell)


@node.on("add")
def add(m):
    elements.add(m.body["element"])
    node.reply(m, "add_ok")


@node.on("merge")
def merge(m):
    elements.update(m.body["elements"])


@node.on("read")
def read(m):
    node.reply(m, "read_ok", {"value": sorted(elements)})


node.run()
