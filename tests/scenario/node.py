#!/usr/bin/env python3
"""node.py MODE... - a node for the tests of scenarios; each MODE makes it wrong in one way."""
import json
import os
import selectors
import sys
import time

MODES = set(sys.argv[1:])
me = None
members = []
next_id = 0
calls = {}  # msg_id -> what to do with the answer
timers = []  # (due, order, function)
seen = set()
total = 0


def send(dest, body):
    line = json.dumps({"src": me or "?", "dest": dest, "body": body}) + "\n"
    sys.stdout.write(line)
    if "no-flush" not in MODES:
        sys.stdout.flush()


def reply(m, body):
    if "msg_id" in m["body"]:
        body["in_reply_to"] = m["body"]["msg_id"] + (1 if "off-by-one" in MODES else 0)
    send(m["src"], body)
    if "twice" in MODES and body["type"] == "echo_ok":
        send(m["src"], body)


def call(dest, body, then):
    global next_id
    next_id += 1
    calls[next_id] = then
    send(dest, dict(body, msg_id=next_id))


def after(seconds, function):
    timers.append((time.monotonic() + seconds, len(timers), function))
    timers.sort()


def on_init(m):
    global me, members
    me, members = m["body"]["node_id"], m["body"]["node_ids"]
    if "hard-coded-id" in MODES:
        me = "n0"
    reply(m, {"type": "init_ok"})


def on_echo(m):
    value = m["body"]["echo"]
    if "changed" in MODES and value == 42:
        value = 43
    if "crash" in MODES and value == 42:
        sys.stderr.write("about to crash\n")
        sys.exit(9)
    if "stuck" in MODES and value == 42:
        while True:
            pass
    if "flood" in MODES and value == 42:
        while True:
            send(m["src"], {"type": "flood"})
    if "garbage" in MODES and value == 42:
        print("hello", flush=True)
    if "silent" in MODES and value == 42:
        return
    reply(m, {"type": "echo_ok", "echo": value})


def on_wait(m):
    if "blocking" in MODES:
        time.sleep(m["body"]["ms"] / 1000)
        reply(m, {"type": "wait_ok"})
    else:
        after(m["body"]["ms"] / 1000, lambda: reply(m, {"type": "wait_ok"}))


def on_proxy(m):
    timeout = m["body"]["timeout_ms"] / 1000
    state = {"open": True}

    def answered(body):
        if not state["open"] and "late" not in MODES:
            return
        state["open"] = False
        rest = {k: v for k, v in body.items() if k not in ("msg_id", "in_reply_to")}
        reply(m, {"type": "proxy_ok", "reply": rest})

    def expired():
        if state["open"]:
            state["open"] = False
            reply(m, {"type": "error", "code": 0})

    call(m["body"]["target"], m["body"]["inner"], answered)
    after(timeout, expired)


def on_tally(m):
    global total
    key = m["body"]["msg_id"] if "key-without-src" in MODES else (m["src"], m["body"]["msg_id"])
    if key not in seen or "no-dedupe" in MODES:
        total += m["body"]["amount"]
    seen.add(key)
    reply(m, {"type": "tally_ok", "total": total})


def on_put(m):
    path = os.path.join(os.environ["EDDY_DATA"], "value")
    with open(path, "w", encoding="utf-8") as f:
        f.write(str(m["body"]["value"]))
    reply(m, {"type": "put_ok"})


def on_get(m):
    path = os.path.join(os.environ["EDDY_DATA"], "value")
    value = None
    if os.path.exists(path) and "amnesia" not in MODES:
        with open(path, encoding="utf-8") as f:
            value = f.read()
    reply(m, {"type": "get_ok", "value": value})



HANDLERS = {"init": on_init, "echo": on_echo, "wait": on_wait, "proxy": on_proxy, "tally": on_tally,
            "put": on_put, "get": on_get}


def on_line(line):
    try:
        m = json.loads(line)
    except ValueError:
        if "dies-of-garbage" in MODES:
            raise
        return
    if not isinstance(m, dict) or not isinstance(m.get("body"), dict):
        return
    to = m["body"].get("in_reply_to")
    if to in calls:
        then = calls[to]
        if "late" not in MODES:
            del calls[to]
        then(m["body"])
        return
    handler = HANDLERS.get(m["body"].get("type"))
    if handler is not None:
        handler(m)
    elif "msg_id" in m["body"]:
        reply(m, {"type": "error", "code": 11 if "wrong-code" in MODES else 10})


def main():
    if "exit-at-once" in MODES:
        sys.exit(0)
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    pending, ended = b"", False
    while not ended or timers:
        wait = max(0, timers[0][0] - time.monotonic()) if timers else None
        if ended:
            time.sleep(wait)
        elif selector.select(wait):
            data = os.read(0, 65536)
            if not data:
                ended = True
                selector.unregister(sys.stdin)
                if "exit-at-end" in MODES:
                    sys.exit(0)
            pending += data
            *lines, pending = pending.split(b"\n")
            for line in lines:
                on_line(line)
        while timers and timers[0][0] <= time.monotonic():
            timers.pop(0)[2]()
    sys.exit(3 if "bad-status" in MODES else 0)


main()
