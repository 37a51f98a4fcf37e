"""broadcast.py [right|gives-up] - gossip: what a neighbour has not confirmed is told to it again.

gives-up: after five tries without an answer a neighbour is taken for dead and told nothing more.
"""

import sys

from kit.node import Node, RpcError

GIVES_UP = sys.argv[1:] == ["gives-up"]
TRIES = 5

node = Node()
seen = set()
missing = {}  # of each neighbour: what it has not confirmed
failures = {}  # of each neighbour: tries in a row that got no answer


def learn(values, source):
    for value in set(values) - seen:
        seen.add(value)
        for peer in missing:
            if peer != source:
                missing[peer].add(value)


async def tell(peer):
    values = sorted(missing[peer])
    if not values or (GIVES_UP and failures[peer] >= TRIES):
        return
    try:
        await node.call(peer, "gossip", {"values": values}, 300)
        missing[peer].difference_update(values)
        failures[peer] = 0
    except RpcError:
        failures[peer] += 1


@node.on("topology")
def topology(m):
    for peer in m.body["topology"][node.id]:
        if peer not in missing:
            missing[peer] = set(seen)
            failures[peer] = 0
            node.every(400, lambda peer=peer: tell(peer))
    node.reply(m, "topology_ok")


@node.on("broadcast")
def broadcast(m):
    learn([m.body["message"]], m.src)
    node.reply(m, "broadcast_ok")


@node.on("gossip")
def gossip(m):
    learn(m.body["values"], m.src)
    node.reply(m, "gossip_ok")


@node.on("read")
def read(m):
    node.reply(m, "read_ok", {"messages": sorted(seen)})


node.run()
