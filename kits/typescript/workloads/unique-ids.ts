// unique-ids.ts - the node's name and a number that this process has not given before.
import { Node } from "./kit/node";

const node = new Node();
let count = 0;

node.on("generate", (m) => {
  count += 1;
  node.reply(m, "generate_ok", { id: `${node.id}-${count}` });
});

node.run();
