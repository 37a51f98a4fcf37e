// g-set.js - every node tells all others its whole set, again and again.
"use strict";

const { Node } = require("./kit/node.js");

const node = new Node();
const elements = new Set();

node.onStart(() => {
  node.every(200, () => {
    for (const peer of node.peers) node.send(peer, "merge", { elements: [...elements] });
  });
});

node.on("add", (m) => {
  elements.add(m.body.element);
  node.reply(m, "add_ok");
});

node.on("merge", (m) => {
  for (const element of m.body.elements) elements.add(element);
});

node.on("read", (m) => node.reply(m, "read_ok", { value: [...elements] }));

node.run();
