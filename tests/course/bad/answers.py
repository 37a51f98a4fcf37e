"""Reads and answers as a right program would; the bad programs beside it differ in one thing."""
import json
import sys

me = ""


def say(dest, body):
    print(json.dumps({"src": me, "dest": dest, "body": body}), flush=True)


def reply(message, body):
    body["in_reply_to"] = message["body"]["msg_id"]
    say(message["src"], body)


def serve(on_echo, on_init=lambda: None):
    global me
    for line in sys.stdin:
        message = json.loads(line)
        if message["body"]["type"] == "init":
            me = message["body"]["node_id"]
            on_init()
            reply(message, {"type": "init_ok"})
        else:
            on_echo(message)


def echo(message):
    reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})
