// main.ts - the smallest node: it sends back what it is sent.
import { Node } from "./kit/node";

const node = new Node();

node.on("echo", (m) => {
  node.reply(m, "echo_ok", { echo: m.body.echo });
});

node.run();
