"""Solves both tasks of the tiny track."""

from kit.node import Node

node = Node()
total = 0


@node.on("echo")
def echo(m):
    node.reply(m, "echo_ok", {"echo": m.body["echo"]})


@node.on("add")
def add(m):
    global total
    total += m.body["amount"]
    node.reply(m, "add_ok", {"total": total})


node.run()
