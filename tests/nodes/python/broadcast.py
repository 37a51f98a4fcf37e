#!/usr/bin/env python3
"""broadcast: every 100 ms each neighbour is told what it has not confirmed yet."""

from node import Node

node = Node()
known = set()
confirmed = {}  # neighbour: the values it has confirmed


def topology(message, body):
    for name in body["topology"].get(node.id, []):
        confirmed.setdefault(name, set())
    node.reply(message, type="topology_ok")


def broadcast(message, body):
    known.add(body["message"])
    node.reply(message, type="broadcast_ok")


def read(message, body):
    node.reply(message, type="read_ok", messages=sorted(known))


def gossip(message, body):
    known.update(body["values"])
    confirmed.setdefault(message["src"], set()).update(body["values"])
    node.send(message["src"], {"type": "gossip_ok", "values": body["values"]})


def gossip_ok(message, body):
    confirmed[message["src"]].update(body["values"])


def tell():
    for name, values in confirmed.items():
        missing = sorted(known - values)
        if missing:
            node.send(name, {"type": "gossip", "values": missing})


for kind in (topology, broadcast, read, gossip, gossip_ok):
    node.on(kind.__name__, kind)
node.every(0.1, tell)
node.run()
