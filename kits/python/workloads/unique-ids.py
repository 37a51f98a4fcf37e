"""unique-ids.py - the node's name and a number that this process has not given before."""

from kit.node import Node

node = Node()
count = 0


@node.on("generate")
def generate(m):
    global count
    count += 1
    node.reply(m, "generate_ok", {"id": f"{node.id}-{count}"})


node.run()
