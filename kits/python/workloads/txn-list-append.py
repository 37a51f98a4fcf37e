"""txn-list-append.py - the first node carries out every transaction; the others pass theirs on.

Knows appends to lists and writes to registers, so it does for both workloads of transactions.
"""

from kit.node import Node

node = Node()
store = {}


def carry_out(operations):
    done = []
    for kind, key, value in operations:
        if kind == "append":
            store[key] = store.get(key, []) + [value]
        elif kind == "w":
            store[key] = value
        else:
            value = store.get(key)
        done.append([kind, key, value])
    return done


@node.on("txn")
async def txn(m):
    if node.id == node.ids[0]:
        done = carry_out(m.body["txn"])
    else:
        answer = await node.call(node.ids[0], "txn", {"txn": m.body["txn"]}, 1000)
        done = answer.body["txn"]
    node.reply(m, "txn_ok", {"txn": done})


node.run()
