// txn-list-append.ts - the first node carries out every transaction; the others pass theirs on.
// Knows appends to lists and writes to registers, so it does for both workloads of transactions.
import { Json } from "./kit/json";
import { Node } from "./kit/node";

type Operation = [kind: Json, key: Json, value: Json];

const node = new Node();
const store = new Map<Json, Json>();

function carryOut([kind, key, value]: Operation): Json {
  if (kind === "append") store.set(key, [...((store.get(key) as Json[] | undefined) ?? []), value]);
  if (kind === "w") store.set(key, value);
  return [kind, key, kind === "r" ? store.get(key) ?? null : value];
}

node.on("txn", async (m) => {
  if (node.id === node.ids[0]) {
    node.reply(m, "txn_ok", { txn: (m.body.txn as Operation[]).map(carryOut) });
  } else {
    const answer = await node.call(node.ids[0], "txn", { txn: m.body.txn }, 1000);
    node.reply(m, "txn_ok", { txn: answer.body.txn });
  }
});

node.run();
