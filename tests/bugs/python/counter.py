"""counter.py [right|no-retry] - g-counter: one number in the service lin-kv, changed by compare-and-set.

no-retry: a compare-and-set that lost against another node's is not tried again; the add is
acknowledged all the same.
"""

import sys

from kit.node import NO_KEY, PRECONDITION, Node, RpcError

NO_RETRY = sys.argv[1:] == ["no-retry"]
KEY = "sum"

node = Node()


async def total():
    try:
        return (await node.call("lin-kv", "read", {"key": KEY}, 1000)).body["value"]
    except RpcError as e:
        if e.code != NO_KEY:
            raise
        return 0


@node.on("add")
async def add(m):
    while True:
        old = await total()
        change = {"key": KEY, "from": old, "to": old + m.body["delta"], "create_if_not_exists": True}
        try:
            await node.call("lin-kv", "cas", change, 1000)
            break
        except RpcError as e:
            if e.code != PRECONDITION:
                raise  # after a time-out nobody knows: the client hears of it
            if NO_RETRY:
                break
    node.reply(m, "add_ok")


@node.on("read")
async def read(m):
    node.reply(m, "read_ok", {"value": await total()})


node.run()
