#!/usr/bin/env python3
"""drive.py PROGRAM [TASK...] - tasks 1 to 5 of the track messenger, asked of a program over its pipes.

What is asked and what must come stands in this file, one function a task. Nothing depends on speed, except that an
echo must overtake a wait of two seconds. Prints "ok NAME" or "FAIL NAME: why" for each task."""

import json
import os
import queue
import random
import subprocess
import sys
import threading

PATIENCE_S = int(os.environ.get("PATIENCE_S", 600))  # for an answer that never comes; nothing waits so long otherwise


class Failure(Exception):
    pass


class Program:
    """One process; every line that it prints is held against the protocol."""

    def __init__(self, path, name="n0", names=("n0",)):
        self.name = name
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.lines = queue.Queue()
        self.ids = set()
        self.msg_id = 0
        threading.Thread(target=self._read, daemon=True).start()
        self.line({"src": "c0", "dest": name, "body": {"type": "init", "msg_id": 1, "node_id": name, "node_ids": names}})
        first = self.next()
        if first["body"]["type"] != "init_ok" or first["body"]["in_reply_to"] != 1:
            raise Failure(f"the first line is {first}")

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def line(self, value, **how):
        self.write(json.dumps(value, **how).encode() + b"\n")

    def ask(self, body, src="c1", **how):
        self.msg_id += 1
        self.line({"src": src, "dest": self.name, "body": {**body, "msg_id": self.msg_id}}, **how)
        return self.msg_id

    def next(self):
        try:
            line = self.lines.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise Failure("no answer came") from None
        if line is None:
            raise Failure(f"it ended, exit status {self.process.wait()}")
        if len(line) > (1 << 20) + 1:
            raise Failure(f"a line of {len(line)} bytes")
        m = json.loads(line.decode("utf-8"))
        if m["src"] != self.name:
            raise Failure(f"a message from {m['src']}")
        own = m["body"].get("msg_id")
        if own is None and m["body"]["type"] != "init_ok" or own in self.ids:
            raise Failure(f"msg_id {own} is missing or not new")
        self.ids.add(own)
        return m

    def answer(self, msg_id, dest="c1"):
        m = self.next()
        body = m["body"]
        if m["dest"] != dest or body.get("in_reply_to") != msg_id:
            raise Failure(f"wanted the answer to {msg_id} of {dest}, got {str(m)[:300]}")
        del body["in_reply_to"]
        body.pop("msg_id", None)
        return body

    def close(self):
        self.process.stdin.close()

    def end(self):
        """After close(): nothing more may come, and the exit status must be 0."""
        extra = self.lines.get(timeout=PATIENCE_S)
        if extra is not None:
            raise Failure(f"a line too many: {extra[:300]}")
        if self.process.wait(PATIENCE_S) != 0:
            raise Failure(f"exit status {self.process.returncode}")


def want(seen, wanted, what):
    if seen != wanted or type(seen) is not type(wanted):
        raise Failure(f"{what}: wanted {str(wanted)[:200]}, got {str(seen)[:200]}")


# Task 1

KINDS = {type(None): "null", bool: "bool", int: "number", float: "number", str: "string", list: "list", dict: "object"}


def random_value(r, depth):
    kind = r.randrange(9 if depth > 0 else 7)
    if kind < 3:
        return (None, True, False)[kind]
    if kind == 3:
        return r.choice([0, -1, 2**53 - 1, 1 - 2**53, r.randrange(-(2**31), 2**31)])
    if kind == 4:
        return r.choice([0.5, -2.25e-7, 1e300, 3.0, 123456.789, r.random()])
    if kind in (5, 6):
        return "".join(r.choice('aé€😀\u0000\n\t"\\/\u007f\u2028 ') for _ in range(r.randrange(12)))
    size = r.randrange(5)
    if kind == 7:
        return [random_value(r, depth - 1) for _ in range(size)]
    return {f"k\u0000é{i}"[r.randrange(2):]: random_value(r, depth - 1) for i in range(size)}


def nested(depth):
    value = "inmost"
    for i in range(depth):
        value = [value] if i % 2 else {"in": value}
    return value


def texts():
    """Payloads as texts, where the form matters."""
    yield from ("0", "-0", "1e3", "1E+3", "1.0", "-1.5e-3", "9007199254740991", "-9007199254740991", "12345678.25")
    yield from (r'"\u0000"', r'"\ud83d\ude00"', r'"\uD83D\uDE00x\u00e9"', r'"\/\b\f\n\r\t\"\\"', '"\u2028\u2029\x7f"')
    yield from ('""', "[]", "{}", "[ 1 , 2 ]", '{"b":1,"a":2}', r'{"\u0000":1,"\u0000a":2,"":3}', " true ")
    yield from ('"' + "x" * 1000000 + '"', '"' + "€" * 340000 + '"', '"' + "\\n" * 500000 + '"', '"' + "😀" * 250000 + '"')


def task_1(path):
    program = Program(path)
    r = random.Random(1)

    def check(msg_id, payload):
        body = program.answer(msg_id)
        length = len(payload) if isinstance(payload, (str, list, dict)) else 0
        want(body.get("kind"), KINDS[type(payload)], f"kind of {str(payload)[:80]}")
        want(body.get("length"), length, f"length of {str(payload)[:80]}")
        want(body.get("payload") == payload, True, f"{str(body.get('payload'))[:80]} is {str(payload)[:80]}")
        want(sorted(body), ["kind", "length", "payload", "type"], "fields")

    for i in range(200):
        payload = random_value(r, 4)
        check(program.ask({"type": "inspect", "payload": payload}, ensure_ascii=r.random() < 0.5), payload)
    payload = nested(60)
    check(program.ask({"payload": payload, "type": "inspect"}), payload)
    for text in texts():
        program.msg_id += 1
        line = '{"body":{"payload":%s,"msg_id":%d,"type":"inspect"},"dest":"n0","src":"c1","id":7}\n' % (text, program.msg_id)
        program.write(line.encode())
        check(program.msg_id, json.loads(text))
    # In pieces, cut in the middle of a character; then many in one write.
    program.msg_id += 1
    data = json.dumps({"src": "c1", "dest": "n0", "body": {"type": "inspect", "msg_id": program.msg_id, "payload": "é😀"}},
                      ensure_ascii=False).encode() + b"\n"
    for i in range(len(data)):
        program.write(data[i:i + 1])
    check(program.msg_id, "é😀")
    first = program.msg_id + 1
    data = b""
    for i in range(20):
        program.msg_id += 1
        data += json.dumps({"src": "c1", "dest": "n0", "body": {"type": "inspect", "msg_id": program.msg_id, "payload": i}}).encode() + b"\n"
    program.write(data)
    for i in range(20):
        check(first + i, i)
    program.close()
    program.end()


# Task 2

def task_2(path):
    for names in (["n0"], ["n2", "n10"], ["b", "a", "eu-west-3", "n10", "n9"], [f"n{i}" for i in range(40)]):
        names = list(names)
        random.Random(2).shuffle(names)
        program = Program(path, names[0], names)
        peers = sorted((name for name in names if name != names[0]), key=str.encode)
        for src in ("c1", "c2"):
            body = program.answer(program.ask({"type": "whoami"}, src), src)
            want(body, {"type": "whoami_ok", "node_id": names[0], "peers": peers, "majority": len(names) // 2 + 1}, "whoami")
        program.close()
        program.end()


# Task 3

def task_3(path):
    program = Program(path, "n1", ["n0", "n1"])
    owed = []
    for msg_id in range(1, 51):
        for src in ("c1", "c2", "n0"):
            owed.append((src, msg_id, [src, msg_id]))
            program.line({"src": src, "dest": "n1", "body": {"type": "echo", "msg_id": msg_id, "echo": [src, msg_id]}})
    got = []
    for _ in owed:
        m = program.next()
        want(m["body"]["type"], "echo_ok", "type")
        got.append((m["dest"], m["body"]["in_reply_to"], m["body"]["echo"]))
    want(sorted(got), sorted(owed), "answers")
    program.close()
    program.end()


# Task 4: (line, error code or None)

BAD = [
    (b"", None), (b" ", None), (b"hello", None), (b"{", None), (b"[]", None), (b"null", None), (b"7", None), (b"\xff\xfe", None),
    (b'{"src":"c1","dest":"n0"}', None),
    (b'{"src":"c1","dest":"n0","body":null}', None),
    (b'{"src":"c1","dest":"n0","body":[{"type":"echo","msg_id":9}]}', None),
    (b'{"src":"c1","dest":"n0","body":"echo"}', None),
    (b'{"dest":"n0","body":{"type":"echo","msg_id":9,"echo":1}}', None),
    (b'{"src":1,"dest":"n0","body":{"type":"echo","msg_id":9,"echo":1}}', None),
    (b'{"src":"c1","dest":5,"body":{"type":"echo","msg_id":9,"echo":1}}', None),
    (b'{"src":"c1","body":{"type":"echo","msg_id":9,"echo":1}}', None),
    (b'{"src":"c1","dest":"n5","body":{"type":"echo","msg_id":9,"echo":1}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":1}} trailing', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":"\xff"}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":"\xed\xa0\x80"}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":"\xc0\x80"}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":NaN}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":-Infinity}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":01}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":1.}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":.5}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":1,}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":\'x\'}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":"\\x"}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":"\\u12g4"}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":"a\tb"}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":"a\x00b"}}', None),
    (b'\xef\xbb\xbf{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":1}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":' + b"[" * 300000 + b"}}", None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9,"echo":' + b'{"a":' * 60000 + b"}}", None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","echo":1}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":null,"echo":1}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":"9","echo":1}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":9.5,"echo":1}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":true,"echo":1}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":1e400,"echo":1}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"nonsense"}}', None),
    (b'{"src":"c1","dest":"n0","body":{}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"error","code":10}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"error","code":10,"msg_id":9}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"error","code":10,"msg_id":9,"in_reply_to":4}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo_ok","msg_id":9,"in_reply_to":4}}', None),
    (b'{"src":"c1","dest":"n0","body":{"msg_id":9,"in_reply_to":null}}', None),
    (b'{"src":"c1","dest":"n0","body":{"type":"nonsense","msg_id":9}}', 10),
    (b'{"src":"c1","dest":"n0","body":{"type":"","msg_id":9}}', 10),
    (b'{"src":"c1","dest":"n0","body":{"type":"__proto__","msg_id":9}}', 10),
    (b'{"src":"c1","dest":"n0","body":{"type":"constructor","msg_id":9}}', 10),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo\\u0000","msg_id":9}}', 10),
    (b'{"src":"c1","dest":"n0","body":{"msg_id":9}}', 12),
    (b'{"src":"c1","dest":"n0","body":{"type":7,"msg_id":9}}', 12),
    (b'{"src":"c1","dest":"n0","body":{"type":null,"msg_id":9}}', 12),
    (b'{"src":"c1","dest":"n0","body":{"type":["echo"],"msg_id":9}}', 12),
    (b'{"src":"c1","dest":"n0","body":{"type":"echo","type":{},"msg_id":9}}', 12),
    (b'{"src":"c1","dest":"n0","body":{"Type":"echo","msg_id":9}}', 12),
]


def task_4(path):
    program = Program(path)
    program.msg_id = 1000
    whole = json.dumps({"src": "c1", "dest": "n0", "body": {"type": "echo", "msg_id": 9, "echo": "é\u0000"}}, ensure_ascii=False).encode()
    cuts = [(whole[:i], None) for i in range(len(whole))]
    for line, code in BAD + cuts:
        program.write(line + b"\n")
        if code is not None:
            body = program.answer(9)
            want((body["type"], body.get("code")), ("error", code), f"answer to {line}")
        try:
            want(program.answer(program.ask({"type": "echo", "echo": 1})), {"type": "echo_ok", "echo": 1}, "echo")
        except Failure as e:
            raise Failure(f"after {line[:120]}: {e}") from None
    program.write(b"an end without a newline")
    program.close()
    program.end()


# Task 5

def task_5(path):
    program = Program(path)
    slow = program.ask({"type": "wait", "ms": 2000})
    for i in range(100):
        want(program.answer(program.ask({"type": "echo", "echo": i})), {"type": "echo_ok", "echo": i}, "echo while a wait is open")
    want(program.answer(slow), {"type": "wait_ok", "ms": 2000}, "the slow one")
    owed = {}
    for i in range(500):
        owed[program.ask({"type": "wait", "ms": i * 7 % 500 + 1})] = i * 7 % 500 + 1
    program.close()
    while owed:
        body = program.next()["body"]
        want((body["type"], body["ms"]), ("wait_ok", owed.pop(body["in_reply_to"])), "a wait that was open at the end of input")
    program.end()


def main():
    bad = False
    for name, task in (("lines", task_1), ("init", task_2), ("echo", task_3), ("errors", task_4), ("loop", task_5)):
        if sys.argv[2:] and name not in sys.argv[2:]:
            continue
        try:
            task(sys.argv[1])
            print(f"ok {name}")
        except (Failure, OSError, ValueError, KeyError, TypeError, queue.Empty, subprocess.TimeoutExpired) as e:
            print(f"FAIL {name}: {e}")
            bad = True
    sys.exit(bad)


main()
