#!/usr/bin/env python3
"""echo: says back what it is told."""

from node import Node

node = Node()
node.on("echo", lambda message, body: node.reply(message, type="echo_ok", echo=body["echo"]))
node.run()
