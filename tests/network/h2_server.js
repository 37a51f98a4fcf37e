#!/usr/bin/env node
// A node with an HTTP/2 server: listen {host, port} -> listen_ok. POST gives the body and all headers x-... back, GET /slow/MS
// waits, GET gives hello, POST /trailers ends in a trailer, POST /reset resets the stream. With "late" as argument it answers only when
// the whole body has come and 50 ms have passed.
"use strict";
const http2 = require("http2");
const readline = require("readline");

const late = process.argv.includes("late");

function reply(m, body) {
  body.in_reply_to = m.body.msg_id;
  console.log(JSON.stringify({ src: m.dest, dest: m.src, body }));
}

function own(headers) {
  const kept = { ":status": 200 };
  for (const name of Object.keys(headers)) if (name.startsWith("x-")) kept[name] = headers[name];
  return kept;
}

function echo(stream, headers) {
  const pieces = [];
  stream.on("error", () => {});
  if (headers[":path"] === "/reset") return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
  const trailers = headers[":path"] === "/trailers";
  stream.on("data", (piece) => pieces.push(piece));
  stream.on("end", () => {
    setTimeout(() => {
      if (stream.destroyed) return;
      stream.respond(own(headers), { waitForTrailers: trailers });
      if (trailers) stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.concat(pieces));
    }, late ? 50 : 0);
  });
}

const sessions = [];
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const m = JSON.parse(line);
  if (m.body.type === "init") return reply(m, { type: "init_ok" });
  if (m.body.type === "bye") {
    for (const session of sessions) session.close();
    return reply(m, { type: "bye_ok" });
  }
  const server = http2.createServer();
  server.on("session", (session) => sessions.push(session));
  server.on("stream", (stream, headers) => {
    const path = headers[":path"];
    if (headers[":method"] === "POST") return echo(stream, headers);
    const wait = path.startsWith("/slow/") ? Number(path.slice(6)) : 0;
    stream.on("error", () => {});
    setTimeout(() => {
      if (!stream.destroyed) {
        stream.respond(own(headers));
        stream.end("hello");
      }
    }, wait);
  });
  server.listen(m.body.port, m.body.host, () => reply(m, { type: "listen_ok" }));
});
