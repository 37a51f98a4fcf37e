// g-counter.js - a total for each node, which only that node changes; the counter is their sum.
"use strict";

const { Node } = require("./kit/node.js");

const node = new Node();
const totals = {}; // of each node: { count, sum } of its additions

node.onStart(() => {
  totals[node.id] = { count: 0, sum: 0 };
  node.every(200, () => {
    for (const peer of node.peers) node.send(peer, "merge", { totals });
  });
});

node.on("add", (m) => {
  const own = totals[node.id];
  own.count += 1;
  own.sum += m.body.delta;
  node.reply(m, "add_ok");
});

node.on("merge", (m) => {
  for (const [name, theirs] of Object.entries(m.body.totals)) {
    if (totals[name] === undefined || theirs.count > totals[name].count) totals[name] = theirs;
  }
});

node.on("read", (m) => {
  let value = 0;
  for (const total of Object.values(totals)) value += total.sum;
  node.reply(m, "read_ok", { value });
});

node.run();
