// lin-kv.js - passes every request on to the service lin-kv, and its answer back.
"use strict";

const { Node } = require("./kit/node.js");

const node = new Node();

async function forward(m) {
  const { key, value, from, to } = m.body;
  const answer = await node.call("lin-kv", m.type, { key, value, from, to }, 1000);
  node.reply(m, m.type + "_ok", m.type === "read" ? { value: answer.body.value } : {});
}

for (const type of ["read", "write", "cas"]) node.on(type, forward);

node.run();
