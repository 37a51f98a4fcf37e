"""A node of docs/protocol.md in plain Python: lines of JSON in, lines of JSON out."""

import json
import os
import select
import sys
import time


class Node:
    def __init__(self):
        self.id = None
        self.ids = []
        self.handlers = {}
        self.ticks = []  # [seconds between calls, next call, function]
        self.rest = b""

    def on(self, kind, handler):
        self.handlers[kind] = handler

    def every(self, seconds, function):
        self.ticks.append([seconds, time.monotonic() + seconds, function])

    def send(self, dest, body):
        sys.stdout.write(json.dumps({"src": self.id, "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()

    def reply(self, message, **body):
        body["in_reply_to"] = message["body"]["msg_id"]
        self.send(message["src"], body)

    def hear(self, line):
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            self.id, self.ids = body["node_id"], body["node_ids"]
            self.reply(message, type="init_ok")
        elif self.id is not None and body["type"] in self.handlers:
            self.handlers[body["type"]](message, body)

    def run(self):
        while True:
            now = time.monotonic()
            for tick in self.ticks:
                if tick[1] <= now:
                    tick[1] = now + tick[0]
                    if self.id is not None:
                        tick[2]()
            wait = min((tick[1] for tick in self.ticks), default=None)
            timeout = None if wait is None else max(0.0, wait - time.monotonic())
            if not select.select([0], [], [], timeout)[0]:
                continue
            data = os.read(0, 1 << 16)
            if not data:
                return
            lines = (self.rest + data).split(b"\n")
            self.rest = lines.pop()
            for line in lines:
                self.hear(line)
