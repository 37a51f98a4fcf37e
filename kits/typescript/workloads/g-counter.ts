// g-counter.ts - a total for each node, which only that node changes; the counter is their sum.
import { Node } from "./kit/node";

type Total = { count: number; sum: number }; // of a node's additions

const node = new Node();
const totals: Record<string, Total> = {};

node.onStart(() => {
  totals[node.id] = { count: 0, sum: 0 };
  node.every(200, () => {
    for (const peer of node.peers) node.send(peer, "merge", { totals });
  });
});

node.on("add", (m) => {
  const own = totals[node.id];
  own.count += 1;
  own.sum += m.body.delta as number;
  node.reply(m, "add_ok");
});

node.on("merge", (m) => {
  for (const [name, theirs] of Object.entries(m.body.totals as Record<string, Total>)) {
    if (totals[name] === undefined || theirs.count > totals[name].count) totals[name] = theirs;
  }
});

node.on("read", (m) => {
  let value = 0;
  for (const total of Object.values(totals)) value += total.sum;
  node.reply(m, "read_ok", { value });
});

node.run();
