import json
import sys

for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    answer = {"type": body["type"] + "_ok", "in_reply_to": body["msg_id"], "echo": body.get("echo")}
    print(json.dumps({"src": message["dest"], "dest": message["src"], "body": answer}))
