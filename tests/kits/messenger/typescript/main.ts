// main.ts - tasks 1 to 5 of the track messenger: inspect, whoami, echo, errors, wait.
import { Json } from "./kit/json";
import { Code, Message, Node, RpcError } from "./kit/node";
import { measure } from "./measure";

const node = new Node();

function field(m: Message, name: string): Json {
  if (!Object.hasOwn(m.body, name)) throw new RpcError(Code.MALFORMED, `${m.type} needs a field ${name}`);
  return m.body[name];
}

node.on("inspect", (m) => {
  const payload = field(m, "payload");
  node.reply(m, "inspect_ok", { ...measure(payload), payload });
});

node.on("whoami", (m) => {
  const peers = node.peers.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const majority = Math.floor(node.ids.length / 2) + 1;
  node.reply(m, "whoami_ok", { node_id: node.id, peers, majority });
});

node.on("echo", (m) => node.reply(m, "echo_ok", { echo: field(m, "echo") }));

node.on("wait", async (m) => {
  const ms = field(m, "ms");
  if (typeof ms !== "number" || !Number.isInteger(ms) || ms < 0) {
    throw new RpcError(Code.MALFORMED, "ms must be a whole number from 0");
  }
  await node.sleep(ms);
  node.reply(m, "wait_ok", { ms });
});

node.run();
