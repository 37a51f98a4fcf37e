"""kafka.py - the first node keeps all logs; the others pass on what they are asked."""

from kit.node import Node

node = Node()
logs = {}  # of each key: its messages; the offset is the place
committed = {}


def send(body):
    log = logs.setdefault(body["key"], [])
    log.append(body["msg"])
    return {"offset": len(log) - 1}


def poll(body):
    return {"msgs": {
        key: [[offset, msg] for offset, msg in enumerate(logs.get(key, [])) if offset >= first][:20]
        for key, first in body["offsets"].items()
    }}


def commit_offsets(body):
    for key, offset in body["offsets"].items():
        committed[key] = max(committed.get(key, 0), offset)
    return {}


def list_committed_offsets(body):
    return {"offsets": {key: committed[key] for key in body["keys"] if key in committed}}


def serve(work):
    @node.on(work.__name__)
    async def handle(m):
        if node.id == node.ids[0]:
            fields = work(m.body)
        else:
            answer = await node.call(node.ids[0], m.type, without_ids(m.body), 1000)
            fields = without_ids(answer.body)
        node.reply(m, m.type + "_ok", fields)


def without_ids(body):
    return {key: value for key, value in body.items() if key not in ("type", "msg_id", "in_reply_to")}


for function in (send, poll, commit_offsets, list_committed_offsets):
    serve(function)
node.run()
