"""node.py - a node of a simulated cluster: messages in, messages out, requests, timers, logs.

    from kit.node import Node

    node = Node()

    @node.on("echo")
    def echo(m):
        node.reply(m, "echo_ok", {"echo": m.body["echo"]})

    node.run()

The messages are those of docs/protocol.md: lines of JSON on stdin and stdout. The kit answers init
itself. One thread, asyncio: handlers are plain functions, or `async def` if they wait:

    @node.on("write")
    async def write(m):
        await node.call("lin-kv", "write", {"key": m.body["key"], "value": m.body["value"]})
        node.reply(m, "write_ok")

Only at an await may others run; what stands between two awaits happens at once. Wait with
asyncio.sleep(), never with time.sleep(). An RpcError that leaves a handler is sent as its answer.
"""

import asyncio
import inspect
import json
import os
import random
import sys
import traceback

# Error codes (docs/protocol.md). After TIMEOUT, CRASH or an unknown code the request may or may not
# have been carried out; after the others it certainly was not.
TIMEOUT = 0
NODE_NOT_FOUND = 1
NOT_SUPPORTED = 10
UNAVAILABLE = 11
MALFORMED = 12
CRASH = 13
ABORT = 14
NO_KEY = 20
KEY_EXISTS = 21
PRECONDITION = 22
CONFLICT = 30


class RpcError(Exception):
    """An error as a message: raised by call() for one that came, or by a handler to send one."""

    def __init__(self, code, text=""):
        super().__init__(f"error {code}: {text}")
        self.code = code
        self.text = text


class Message:
    """A message that came in. msg_id is None if it has none: then it cannot be answered."""

    def __init__(self, src, dest, body):
        self.src = src
        self.dest = dest
        self.body = body
        self.type = _if(str, body.get("type"))
        self.msg_id = _if(int, body.get("msg_id"))


class Node:
    def __init__(self):
        self.id = None  # our name; None before init
        self.ids = []  # all names in the order of init, the same on all nodes
        self._handlers = {}
        self._start = None
        self._calls = {}  # msg_id -> (whom we asked, the future that waits)
        self._last_msg_id = random.SystemRandom().randrange(1000000) * 1000000
        self._open = set()  # tasks that are finished before the node ends
        self._rest = b""  # the beginning of a line whose end is still to come
        self._ended = None  # an event: the input has ended

    # Set-up, before run().

    def on(self, type):
        """@node.on("echo"): the function below handles messages of this type; it gets a Message."""

        def put(handler):
            self._handlers[type] = handler
            return handler

        return put

    def on_start(self, start):
        """@node.on_start: the function below runs when the names are known, before init_ok."""
        self._start = start
        return start

    def run(self):
        """Reads messages until the end of the input and of everything that is open then."""
        asyncio.run(self._main())

    @property
    def peers(self):
        return [name for name in self.ids if name != self.id]

    # Messages. fields are those of the body; type, msg_id and in_reply_to are put in.

    def reply(self, m, type, fields={}):
        if m.msg_id is not None:  # else it asked for no answer
            ids = {"msg_id": self._next_id(), "in_reply_to": m.msg_id}
            self._write(m.src, {**fields, "type": type, **ids})

    def error(self, m, code, text):
        self.reply(m, "error", {"code": code, "text": text})

    def send(self, dest, type, fields={}):
        self._write(dest, {**fields, "type": type})

    async def call(self, dest, type, fields={}, timeout_ms=1000):
        """The answer to a request, as a Message. RpcError: it was an error, or none came (code 0).
        Nothing is sent again."""
        msg_id = self._next_id()
        answer = asyncio.get_running_loop().create_future()
        self._calls[msg_id] = (dest, answer)
        try:
            self._write(dest, {**fields, "type": type, "msg_id": msg_id})
            m = await asyncio.wait_for(answer, timeout_ms / 1000)
        except asyncio.TimeoutError:
            raise RpcError(TIMEOUT, f"{dest} did not answer in time") from None
        finally:
            del self._calls[msg_id]
        if m.type == "error":
            raise RpcError(_if(int, m.body.get("code"), CRASH), m.body.get("text", ""))
        return m

    # Timers. The functions may be async; what these return is for cancel().

    def after(self, ms, function):
        async def once():
            await asyncio.sleep(ms / 1000)
            await self._guard(function)

        return self._task(once())

    def every(self, ms, function):
        async def again():
            while True:
                await asyncio.sleep(ms / 1000)
                await self._guard(function)

        return asyncio.get_running_loop().create_task(again())

    def cancel(self, timer):
        """Fine if it has fired."""
        timer.cancel()

    def log(self, *words):
        """One line on stderr, which the harness keeps per node. stdout is for messages only."""
        print(*words, file=sys.stderr, flush=True)

    # Inside: output.

    def _next_id(self):
        """Never used before, not even before a restart: each start begins at another million."""
        self._last_msg_id += 1
        return self._last_msg_id

    def _write(self, dest, body):
        sys.stdout.buffer.write(_encode({"src": self.id, "dest": dest, "body": body}) + b"\n")
        sys.stdout.buffer.flush()

    # Inside: handlers. Each is a task of its own, begun in the order in which messages came.

    def _task(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        if not self._ended.is_set():
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        return task

    async def _guard(self, function, *args):
        """Runs a function of the program's; an error in it is its m's answer, or goes to the log."""
        m = args[0] if args else None
        try:
            result = function(*args)
            if inspect.isawaitable(result):
                await result
        except RpcError as e:
            if m is None:
                traceback.print_exc()
            else:
                self.error(m, e.code, e.text)
        except Exception as e:
            traceback.print_exc()
            if m is not None:
                self.error(m, CRASH, repr(e))

    async def _init(self, m):
        if self._start is not None:
            result = self._start()
            if inspect.isawaitable(result):
                await result
        self.reply(m, "init_ok")

    def _dispatch(self, m):
        if "in_reply_to" in m.body:
            asked, answer = self._calls.get(_if(int, m.body["in_reply_to"]), (None, None))
            if asked == m.src and not answer.done():
                answer.set_result(m)
        elif m.type == "error":
            self.log("an error that answers nothing was left out")
        elif m.type == "init" and self.id is None:
            self.id, self.ids = m.body["node_id"], m.body["node_ids"]
            self._task(self._guard(self._init, m))
        elif self.id is None:
            pass  # another node was faster than our init; it will have to say it again
        elif m.dest != self.id:
            self.log(f"a message to {m.dest!r} was left out: this is {self.id}")
        elif m.type is None:
            self.error(m, MALFORMED, "the body has no type")
        elif m.type in self._handlers:
            self._task(self._guard(self._handlers[m.type], m))
        else:
            self.error(m, NOT_SUPPORTED, f"this node does not know requests of type {m.type!r}")

    # Inside: input.

    def _line(self, line):
        try:
            envelope = _decode(line)
            src, dest, body = envelope["src"], envelope["dest"], envelope["body"]
            if not (isinstance(src, str) and isinstance(dest, str) and isinstance(body, dict)):
                raise ValueError("src, dest or body is of another type")
            m = Message(src, dest, body)
        except (ValueError, TypeError, KeyError, RecursionError) as e:
            self.log(f"a line that is no message was left out: {e!r}")
            return
        self._dispatch(m)

    def _readable(self):
        data = os.read(0, 1 << 16)
        if not data:
            self._ended.set()
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)

    async def _main(self):
        loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        try:
            loop.add_reader(0, self._readable)
            await self._ended.wait()
            loop.remove_reader(0)
        except PermissionError:  # stdin is a file, and a file is always readable
            while not self._ended.is_set():
                self._readable()
        await asyncio.gather(*self._open, return_exceptions=True)


# JSON. Python's own is exact but for three things: it takes NaN, it knows half a surrogate pair that
# UTF-8 does not, and it counts True as an int.


def _if(kind, value, otherwise=None):
    return value if type(value) is kind else otherwise


def _refuse(word):
    raise ValueError(f"{word} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)
_plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_ascii = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _decode(line):
    return _decoder.decode(line.decode("utf-8"))


def _encode(value):
    try:
        return _plain.encode(value).encode("utf-8")
    except UnicodeEncodeError:  # half a pair: can be written as an escape only
        return _ascii.encode(value).encode("utf-8")
