#!/usr/bin/env python3
"""An echo node that uses time, chance, threads and the order of sets: all of it the seed's."""
import json, os, random, sys, threading, time, uuid

lock = threading.Lock()


def send(src, dest, body):
    with lock:
        print(json.dumps({"src": src, "dest": dest, "body": body}), flush=True)


def later(me, message):
    time.sleep(random.random() / 100)
    body = message["body"]
    print(time.time_ns(), time.monotonic_ns(), uuid.uuid4(), os.urandom(4).hex(),
          list({"a", "b", "c", "d", "e"}), threading.active_count(), file=sys.stderr, flush=True)
    send(me, message["src"], {"type": "echo_ok", "in_reply_to": body["msg_id"], "echo": body["echo"]})


node_id = None
for line in sys.stdin:
    m = json.loads(line)
    if m["body"]["type"] == "init":
        node_id = m["body"]["node_id"]
        send(node_id, m["src"], {"type": "init_ok", "in_reply_to": m["body"]["msg_id"]})
    else:
        threading.Thread(target=later, args=(node_id, m)).start()
