// lin-kv.ts - passes every request on to the service lin-kv, and its answer back.
import { Message, Node } from "./kit/node";

const node = new Node();

function forwarded(type: string): (m: Message) => Promise<void> {
  return async (m) => {
    const { key, value, from, to } = m.body;
    const answer = await node.call("lin-kv", type, { key, value, from, to }, 1000);
    node.reply(m, type + "_ok", type === "read" ? { value: answer.body.value } : {});
  };
}

for (const type of ["read", "write", "cas"]) node.on(type, forwarded(type));

node.run();
