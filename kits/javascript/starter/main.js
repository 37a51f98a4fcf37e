// main.js - the smallest node: it sends back what it is sent.
"use strict";

const { Node } = require("./kit/node.js");

const node = new Node();

node.on("echo", (m) => {
  node.reply(m, "echo_ok", { echo: m.body.echo });
});

node.run();
