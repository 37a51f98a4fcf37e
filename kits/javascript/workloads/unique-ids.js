// unique-ids.js - the node's name and a number that this process has not given before.
"use strict";

const { Node } = require("./kit/node.js");

const node = new Node();
let count = 0;

node.on("generate", (m) => {
  count += 1;
  node.reply(m, "generate_ok", { id: `${node.id}-${count}` });
});

node.run();
