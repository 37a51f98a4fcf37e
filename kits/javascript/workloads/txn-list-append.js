// txn-list-append.js - the first node carries out every transaction; the others pass theirs on.
// Knows appends to lists and writes to registers, so it does for both workloads of transactions.
"use strict";

const { Node } = require("./kit/node.js");

const node = new Node();
const store = new Map();

function carryOut([kind, key, value]) {
  if (kind === "append") store.set(key, [...(store.get(key) ?? []), value]);
  if (kind === "w") store.set(key, value);
  return [kind, key, kind === "r" ? store.get(key) ?? null : value];
}

node.on("txn", async (m) => {
  if (node.id === node.ids[0]) {
    node.reply(m, "txn_ok", { txn: m.body.txn.map(carryOut) });
  } else {
    const answer = await node.call(node.ids[0], "txn", { txn: m.body.txn }, 1000);
    node.reply(m, "txn_ok", { txn: answer.body.txn });
  }
});

node.run();
