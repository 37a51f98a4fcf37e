#!/usr/bin/env node
// A node with a TLS server that gives bytes back: listen {host, port, cert, key, ca} -> listen_ok; with a ca it wants a certificate of
// the client. call {host, port, ca, name, text} -> call_ok {answer}: the other way round. With "blind" as argument it accepts
// every certificate.
"use strict";
const tls = require("tls");
const readline = require("readline");

const blind = process.argv.includes("blind");

function reply(m, body) {
  body.in_reply_to = m.body.msg_id;
  console.log(JSON.stringify({ src: m.dest, dest: m.src, body }));
}

function listen(m) {
  const b = m.body;
  const server = tls.createServer(
    { cert: b.cert, key: b.key, ca: b.ca, requestCert: !!b.ca, rejectUnauthorized: !!b.ca && !blind, ALPNProtocols: ["echo"] },
    (socket) => {
      socket.on("error", () => {});
      socket.pipe(socket);
    },
  );
  server.on("tlsClientError", () => {});
  server.listen(b.port, b.host, () => reply(m, { type: "listen_ok" }));
}

function call(m) {
  const b = m.body;
  const socket = tls.connect({ host: b.host, port: b.port, ca: b.ca, servername: b.name, rejectUnauthorized: !blind });
  let answer = "";
  socket.on("secureConnect", () => socket.end(b.text));
  socket.on("data", (piece) => (answer += piece));
  socket.on("end", () => reply(m, { type: "call_ok", answer }));
  socket.on("error", (e) => reply(m, { type: "error", code: 11, text: e.code || e.message }));
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const m = JSON.parse(line);
  if (m.body.type === "init") reply(m, { type: "init_ok" });
  else if (m.body.type === "listen") listen(m);
  else call(m);
});
