#!/usr/bin/env python3
"""Leader election by Raft, sections 5.1 and 5.2: one thread reads, another waits for timers.

README.md has the messages. The first argument "forgets" leaves out the disk.
"""
import json
import os
import random
import sys
import threading
import time

HEARTBEAT_S = int(os.environ.get("HEARTBEAT_MS", "50")) / 1000
ELECTION_S = 0.150


class Disk:
    """Term and vote, a line each time they change, on disk before anything is sent."""

    def __init__(self):
        self.file = None
        folder = os.environ.get("EDDY_DATA")
        if folder is not None and "forgets" not in sys.argv:
            self.file = open(os.path.join(folder, "votes"), "a+b")

    def load(self):
        if self.file is None:
            return 0, None
        self.file.seek(0)
        # What follows the last newline was cut off by a kill: nobody has been told of it.
        whole = self.file.read().rpartition(b"\n")
        self.file.truncate(len(whole[0]) + len(whole[1]))
        if not whole[0]:
            return 0, None
        term, vote = json.loads(whole[0].splitlines()[-1])
        return term, vote

    def save(self, term, vote):
        if self.file is not None:
            self.file.write(json.dumps([term, vote]).encode() + b"\n")
            self.file.flush()
            os.fsync(self.file.fileno())


class Node:
    def __init__(self):
        self.changed = threading.Condition()
        self.disk = Disk()
        self.name = None
        self.others = []
        self.role = "follower"
        self.term = 0
        self.vote = None
        self.leader = ""
        self.votes = set()
        self.due = 0.0  # when the timer of the present role fires

    def send(self, dest, body):
        print(json.dumps({"src": self.name, "dest": dest, "body": body}), flush=True)

    def reply(self, message, kind, **fields):
        self.send(message["src"], {"type": kind, "in_reply_to": message["body"]["msg_id"], **fields})

    def remember(self, term, vote):
        self.term, self.vote = term, vote
        self.disk.save(term, vote)

    def restart_election_timer(self):
        self.due = time.monotonic() + ELECTION_S + random.uniform(0, ELECTION_S)

    def follow(self, leader):
        self.role, self.leader = "follower", leader
        self.restart_election_timer()

    def tell_others(self, kind):
        for other in self.others:
            self.send(other, {"type": kind, "term": self.term})

    def heartbeat(self):
        self.tell_others("append")
        self.due = time.monotonic() + HEARTBEAT_S

    def stand(self):
        self.remember(self.term + 1, self.name)
        self.role, self.leader = "candidate", ""
        self.votes = {self.name}
        self.restart_election_timer()
        self.tell_others("request_vote")
        self.count_votes()

    def count_votes(self):
        if 2 * len(self.votes) > len(self.others) + 1:
            self.role, self.leader = "leader", self.name
            print("leader of term", self.term, file=sys.stderr)
            self.heartbeat()
            self.changed.notify()

    def on_init(self, message):
        body = message["body"]
        self.name = body["node_id"]
        self.others = [name for name in body["node_ids"] if name != self.name]
        self.term, self.vote = self.disk.load()
        self.restart_election_timer()
        threading.Thread(target=self.run_timers, daemon=True).start()
        self.reply(message, "init_ok")

    def on_request_vote(self, message):
        candidate = message["src"]
        granted = message["body"]["term"] == self.term and self.vote in (None, candidate)
        if granted:
            if self.vote is None:
                self.remember(self.term, candidate)
            self.restart_election_timer()
        self.send(candidate, {"type": "vote", "term": self.term, "granted": granted})

    def on_vote(self, message):
        body = message["body"]
        if self.role == "candidate" and body["term"] == self.term and body["granted"]:
            self.votes.add(message["src"])
            self.count_votes()

    def on_append(self, message):
        if message["body"]["term"] == self.term:
            self.follow(message["src"])
        self.send(message["src"], {"type": "append_ok", "term": self.term})

    def on_append_ok(self, message):
        pass

    def on_role(self, message):
        self.reply(message, "role_ok", role=self.role, term=self.term, leader=self.leader)

    def on_echo(self, message):
        self.reply(message, "echo_ok", echo=message["body"]["echo"])

    def on_work(self, message):
        x = 1
        for _ in range(message["body"]["rounds"]):
            x ^= (x << 13) & 0xFFFFFFFF
            x ^= x >> 17
            x ^= (x << 5) & 0xFFFFFFFF
        self.reply(message, "work_ok", value=x)

    def handle(self, message):
        body = message["body"]
        if self.name is None and body["type"] != "init":
            return  # the others may be faster than we are
        if body.get("term", 0) > self.term:  # 5.1
            self.remember(body["term"], None)
            self.follow("")
        getattr(self, "on_" + body["type"])(message)

    def run_timers(self):
        with self.changed:
            while True:
                wait = self.due - time.monotonic()
                if wait > 0:
                    self.changed.wait(wait)
                elif self.role == "leader":
                    self.heartbeat()
                else:
                    self.stand()


def main():
    node = Node()
    for line in sys.stdin:
        message = json.loads(line)
        with node.changed:
            node.handle(message)


main()
