// broadcast.js - gossip: whatever a neighbour has not confirmed is told to it again.
"use strict";

const { Node } = require("./kit/node.js");

const node = new Node();
const seen = new Set();
const missing = new Map(); // of each other node: what it has not confirmed

function learn(values, source) {
  for (const value of values) {
    if (seen.has(value)) continue;
    seen.add(value);
    for (const [peer, lacks] of missing) if (peer !== source) lacks.add(value);
  }
}

async function tell(peer) {
  const values = [...missing.get(peer)];
  if (values.length === 0) return;
  try {
    await node.call(peer, "gossip", { values }, 500);
    for (const value of values) missing.get(peer).delete(value);
  } catch {
    // The next round says it again.
  }
}

node.onStart(() => {
  for (const peer of node.peers) {
    missing.set(peer, new Set());
    node.every(100, () => tell(peer));
  }
});

node.on("topology", (m) => node.reply(m, "topology_ok"));

node.on("broadcast", (m) => {
  learn([m.body.message], m.src);
  node.reply(m, "broadcast_ok");
});

node.on("gossip", (m) => {
  learn(m.body.values, m.src);
  node.reply(m, "gossip_ok");
});

node.on("read", (m) => node.reply(m, "read_ok", { messages: [...seen] }));

node.run();
