"""lin-kv.py - passes every request on to the service lin-kv, and its answer back."""

from kit.node import Node

node = Node()


async def forward(m):
    fields = {key: m.body[key] for key in ("key", "value", "from", "to") if key in m.body}
    answer = await node.call("lin-kv", m.type, fields, 1000)
    fields = {"value": answer.body["value"]} if m.type == "read" else {}
    node.reply(m, m.type + "_ok", fields)


for kind in ("read", "write", "cas"):
    node.on(kind)(forward)

node.run()
