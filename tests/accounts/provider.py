#!/usr/bin/env python3
"""provider.py - a provider of OpenID Connect for tests, on a free port of this machine.

Says "ready PORT" and serves until its input ends. What it does wrong is the first word of the path: the issuer is
http://127.0.0.1:PORT/WORD, and "good" does nothing wrong. Who asks the authorization endpoint for JSON gets
{"code", "state"} instead of a redirect, so that a test needs no browser; ?as=NAME says who signs in.
"""
import base64
import hashlib
import json
import os
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A key for tests only.
P = int(
    "c47937e6fbd1b276c879c5ecacd74101000912f0d1d392a85bb5578d969afe01252aa4c79e1d0697dbdbde72070429c9e560"
    "4df7f9175575546d415feaf39334438ef1947c50e9b77a293af576ef47dd2fffaccd85b08bbca2182cf7f8a853c54c4df8c4"
    "a55a3570aee1e8c2c64db7c8d01cbf4b16154d039c9f1cee64f4623b",
    16,
)
Q = int(
    "c1dad9d48ea0736bcc9f7972e97ce164eb1c90e9fa6e41769fa6502d202636568881bb72f581922c569638810a776defa61f"
    "a0d275efde16342e757003ba611550937f859f9a1d85f6ddae8897ad119f1043dab0398a71486843c00597fcf630c061ae37"
    "b2dda9a2827ec924e63f4c8d05ac382fb210beef765b6d897a6fc41f",
    16,
)
N, E = P * Q, 65537
D = pow(E, -1, (P - 1) * (Q - 1))

CLIENT, SECRET = "eddy", "s3cr&t of=eddy"
codes = {}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(header, claims, key=None):
    """A token; RS256 by PKCS #1 v1.5, as RFC 8017 says it."""
    text = b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())
    if header["alg"] == "none":
        return text + "."
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    digest = prefix + hashlib.sha256(text.encode()).digest()
    padded = b"\0\1" + b"\xff" * (256 - 3 - len(digest)) + b"\0" + digest
    number = pow(int.from_bytes(padded, "big"), key or D, N)
    return text + "." + b64(number.to_bytes(256, "big"))


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def send(self, value, status=200, headers=()):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def split(self):
        url = urllib.parse.urlsplit(self.path)
        self.word, _, self.rest = url.path[1:].partition("/")
        self.query = dict(urllib.parse.parse_qsl(url.query))
        self.issuer = "http://127.0.0.1:%d/%s" % (self.server.server_port, self.word)

    def do_GET(self):
        self.split()
        if self.rest == ".well-known/openid-configuration":
            self.discovery()
        elif self.rest == "authorize":
            self.authorize()
        elif self.rest == "keys":
            self.keys()
        else:
            self.send({"error": "not found"}, 404)

    def do_POST(self):
        self.split()
        form = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        if self.rest == "token":
            self.token(dict(urllib.parse.parse_qsl(form)))
        else:
            self.send({"error": "not found"}, 404)

    def discovery(self):
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/keys",
        }
        if self.word == "other-issuer":
            document["issuer"] = "https://issuer.example"
        if self.word == "post-only":
            document["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
        if self.word == "elsewhere":
            document["token_endpoint"] = "http://192.0.2.1/token"
        if self.word == "no-endpoint":
            del document["authorization_endpoint"]
        if self.word == "script":
            document["authorization_endpoint"] = "javascript:alert(1)"
        if self.word == "huge":
            self.send(b'{"a": "' + b"x" * 1000000 + b'"}')
        elif self.word == "redirect":
            self.send({}, 302, [("Location", "/good/.well-known/openid-configuration")])
        elif self.word == "broken":
            self.send({"error": "out of order"}, 500)
        elif self.word == "no-json":
            self.send(b"<html>")
        elif self.word == "list":
            self.send([document])
        elif self.word == "slow":
            self.drip()
        else:
            self.send(document)

    def drip(self):
        """A byte now and then, for ever."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" ")
                time.sleep(0.05)
        except OSError:
            pass

    def authorize(self):
        q = self.query
        if q.get("response_type") != "code" or q.get("client_id") != CLIENT or q.get("code_challenge_method") != "S256":
            self.send({"error": "invalid_request"}, 400)
            return
        code = b64(os.urandom(12))
        codes[code] = dict(q)
        if "application/json" in self.headers.get("Accept", ""):
            self.send({"code": code, "state": q["state"]})
            return
        back = q["redirect_uri"] + "?" + urllib.parse.urlencode({"code": code, "state": q["state"]})
        self.send({}, 302, [("Location", back)])

    def authorized(self, form):
        """Whether the client showed its secret, in the way that this provider wants."""
        if self.word == "public":
            return form.get("client_id") == CLIENT and "Authorization" not in self.headers
        if self.word == "post-only":
            return form.get("client_id") == CLIENT and form.get("client_secret") == SECRET
        wanted = urllib.parse.quote(CLIENT, safe="") + ":" + urllib.parse.quote(SECRET, safe="")
        return self.headers.get("Authorization") == "Basic " + base64.b64encode(wanted.encode()).decode()

    def token(self, form):
        asked = codes.pop(form.get("code"), None)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if not self.authorized(form):
            self.send({"error": "invalid_client"}, 401)
        elif (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
            or form.get("grant_type") != "authorization_code"
        ):
            self.send({"error": "invalid_grant"}, 400)
        elif self.word == "no-token":
            self.send({"access_token": "x"})
        else:
            self.send({"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(asked)})

    def id_token(self, asked):
        now = int(time.time())
        name = asked.get("as", "Ada Lovelace")
        header = {"alg": "RS256", "kid": "k1"}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "sub-" + name,
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            "name": name,
            "preferred_username": name.lower().replace(" ", "."),
        }
        key = None
        if self.word == "wrong-nonce":
            claims["nonce"] = "x" * len(claims["nonce"])
        if self.word == "wrong-audience":
            claims["aud"] = "somebody-else"
        if self.word == "wrong-issuer":
            claims["iss"] = "https://issuer.example"
        if self.word == "expired":
            claims["exp"] = now - 3600
        if self.word == "alg-none":
            header["alg"] = "none"
        if self.word == "key-missing":
            header["kid"] = "k2"
        if self.word == "wrong-key":
            key = D + 2
        if self.word == "odd-names":
            claims["preferred_username"] = "../../<b>"
            claims["name"] = "Ada\u202eecalevoL"
        return sign(header, claims, key)

    def keys(self):
        size = (N.bit_length() + 7) // 8
        n = b64(N.to_bytes(size, "big"))
        self.send({"keys": [{"kty": "RSA", "use": "sig", "kid": "k1", "alg": "RS256", "n": n, "e": "AQAB"}]})


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # who asks may hang up


def main():
    server = Server(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready %d" % server.server_port, flush=True)
    sys.stdin.read()


main()
