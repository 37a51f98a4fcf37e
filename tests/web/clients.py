"""Clients that curl cannot be: one that follows every link, slow ones, and broken ones."""
import html.parser
import random
import re
import socket
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urljoin, urlsplit

BASE = sys.argv[1]
PORT = urlsplit(BASE).port
bad = False


def say(name, why):
    global bad
    bad = bad or bool(why)
    print(f"FAIL web: {name}: {why}" if why else f"ok web: {name}")


class Page(html.parser.HTMLParser):
    VOID = {"meta", "link", "input", "br", "hr", "img"}

    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.open, self.wrong = [], set(), [], []
        self.feed(text)
        if self.open:
            self.wrong.append(f"never closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if "id" in a:
            self.ids.add(a["id"])
        for key in ("href", "src", "action"):
            if key in a:
                self.links.append(a[key])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else, line {self.getpos()[0]}")


def crawl():
    pages, todo, wanted, wrong = {}, [BASE], [], []
    while todo:
        url = todo.pop()
        if url in pages:
            continue
        try:
            with urllib.request.urlopen(url, timeout=300) as answer:
                text = answer.read().decode()
                kind = answer.headers["Content-Type"]
        except urllib.error.URLError as e:
            wrong.append(f"{url}: {e}")
            pages[url] = set()
            continue
        if not kind.startswith("text/html"):
            pages[url] = None
            continue
        page = Page(text)
        pages[url] = page.ids
        wrong += [f"{url}: {w}" for w in page.wrong]
        for link in page.links:
            target, _, anchor = urljoin(url, link).partition("#")
            if target.startswith(BASE):
                todo.append(target)
                if anchor:
                    wanted.append((url, target, anchor))
    wrong += [f"{page} links to {target}#{anchor}, and there is no such heading"
              for page, target, anchor in wanted if pages[target] is not None and anchor not in pages[target]]
    say(f"every link of {'many' if len(pages) > 50 else len(pages)} pages leads somewhere", "; ".join(wrong[:5]))
    return len(pages)


def connect():
    return socket.create_connection(("127.0.0.1", PORT), timeout=300)


def alive(name, why=""):
    try:
        with urllib.request.urlopen(BASE + "api/v1/languages", timeout=300) as answer:
            why = why or ("" if answer.status == 200 else str(answer.status))
    except OSError as e:
        why = f"the server is gone: {e}"
    say(name, why)


def slow_client():
    """--patience is 2 s here: a byte now and then does not buy more; others are answered meanwhile."""
    slow = connect()
    slow.settimeout(0.2)
    began, ended = time.monotonic(), False
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 400
    for i in range(len(request)):
        try:
            slow.sendall(request[i:i + 1])
            ended = slow.recv(1000) == b""
        except socket.timeout:
            continue
        except OSError:
            ended = True
        if ended:
            break
    why = "" if ended else f"still served after {time.monotonic() - began:.0f} s"
    alive("a slow client is let go, and others do not wait", why)


def many_slow_clients():
    crowd = [connect() for _ in range(200)]
    for c in crowd:
        c.sendall(b"GET / HT")
    alive("two hundred that say nothing hold nobody up")
    for c in crowd:
        c.close()


def ask_raw(data):
    """What comes back, at most until the server hangs up or says nothing more."""
    with connect() as c:
        try:
            c.sendall(data)
            c.shutdown(socket.SHUT_WR)
            c.settimeout(8)
            got = b""
            while piece := c.recv(65536):
                got += piece
            return got
        except OSError:
            return b""


def broken_requests():
    chance = random.Random(9)
    good = b"GET /tracks HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    why = ""
    for _ in range(300):
        data = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            what = chance.randrange(3)
            if what == 0:
                data[at] = chance.randrange(256)
            elif what == 1:
                del data[at]
            else:
                data[at:at] = bytes(chance.choice((0, 10, 13, 32, 58, 255, 37)) for _ in range(chance.randint(1, 9)))
        got = ask_raw(bytes(data))
        if got and not re.match(rb"HTTP/1\.[01] [234]\d\d ", got) and not why:
            why = f"{bytes(data)!r} gave {got[:60]!r}"
    alive("three hundred broken requests", why)


def broken_bodies():
    cases = [
        b"POST /api/v1/tracks HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/tracks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + b"fff0\r\n" + b"a" * 0xfff0 + b"\r\n" + b"fff0\r\n" + b"a" * 0xfff0,
        b"GET / HTTP/1.1\r\nContent-Length: 3\r\nHost: localhost\r\n\r\nabcGET / HTTP/1.1\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64,
    ]
    why = ""
    for case in cases:
        got = ask_raw(case)
        if got and not re.match(rb"HTTP/1\.[01] [24]\d\d ", got):
            why = f"{case[:80]!r} gave {got[:60]!r}"
    if b" 200 " in ask_raw(cases[5])[:20]:
        why = "a foreign host was answered"
    alive("broken bodies", why)


if crawl() < 50:
    say("the crawl", "too few pages were found")
slow_client()
many_slow_clients()
broken_requests()
broken_bodies()
sys.exit(bad)
