"""g-counter.py - a total for each node, which only that node changes; the counter is their sum."""

from kit.node import Node

node = Node()
totals = {}  # of each node: how many additions, and their sum


def tell():
    for peer in node.peers:
        node.send(peer, "merge", {"totals": totals})


@node.on_start
def start():
    totals[node.id] = [0, 0]
    node.every(200, tell)


@node.on("add")
def add(m):
    count, total = totals[node.id]
    totals[node.id] = [count + 1, total + m.body["delta"]]
    node.reply(m, "add_ok")


@node.on("merge")
def merge(m):
    for name, theirs in m.body["totals"].items():
        totals[name] = max(totals.get(name, theirs), theirs)  # the one after more additions


@node.on("read")
def read(m):
    node.reply(m, "read_ok", {"value": sum(total for _, total in totals.values())})


node.run()
