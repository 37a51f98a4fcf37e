"""main.py - tasks 1 to 5 of the track messenger: inspect, whoami, echo, errors, wait."""

import asyncio

from kit.node import MALFORMED, Node, RpcError
from measure import measure

node = Node()


def field(m, name):
    if name not in m.body:
        raise RpcError(MALFORMED, f"{m.type} needs a field {name}")
    return m.body[name]


@node.on("inspect")
def inspect(m):
    payload = field(m, "payload")
    kind, length = measure(payload)
    node.reply(m, "inspect_ok", {"kind": kind, "length": length, "payload": payload})


@node.on("whoami")
def whoami(m):
    peers = sorted(node.peers)  # by code points, which is the order of bytes in UTF-8
    majority = len(node.ids) // 2 + 1
    node.reply(m, "whoami_ok", {"node_id": node.id, "peers": peers, "majority": majority})


@node.on("echo")
def echo(m):
    node.reply(m, "echo_ok", {"echo": field(m, "echo")})


@node.on("wait")
async def wait(m):
    ms = field(m, "ms")
    if type(ms) is not int or ms < 0:
        raise RpcError(MALFORMED, "ms must be a whole number from 0")
    await asyncio.sleep(ms / 1000)
    node.reply(m, "wait_ok", {"ms": ms})


node.run()
