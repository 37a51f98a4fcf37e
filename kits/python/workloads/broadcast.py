"""broadcast.py - gossip: whatever a neighbour has not confirmed is told to it again."""

from kit.node import Node, RpcError

node = Node()
seen = set()
missing = {}  # of each other node: what it has not confirmed


def learn(values, source):
    for value in set(values) - seen:
        seen.add(value)
        for peer in missing:
            if peer != source:
                missing[peer].add(value)


async def tell(peer):
    values = sorted(missing[peer])
    if not values:
        return
    try:
        await node.call(peer, "gossip", {"values": values}, 500)
        missing[peer].difference_update(values)
    except RpcError:
        pass  # the next round says it again


@node.on_start
def start():
    for peer in node.peers:
        missing[peer] = set()
        node.every(100, lambda peer=peer: tell(peer))


@node.on("topology")
def topology(m):
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
