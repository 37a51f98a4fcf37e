// broadcast.ts - gossip: whatever a neighbour has not confirmed is told to it again.
import { Node } from "./kit/node";

const node = new Node();
const seen = new Set<number>();
const missing = new Map<string, Set<number>>(); // of each other node: what it has not confirmed

function learn(values: number[], source: string): void {
  for (const value of values) {
    if (seen.has(value)) continue;
    seen.add(value);
    for (const [peer, lacks] of missing) if (peer !== source) lacks.add(value);
  }
}

async function tell(peer: string, lacks: Set<number>): Promise<void> {
  const values = [...lacks];
  if (values.length === 0) return;
  try {
    await node.call(peer, "gossip", { values }, 500);
    for (const value of values) lacks.delete(value);
  } catch {
    // The next round says it again.
  }
}

node.onStart(() => {
  for (const peer of node.peers) {
    const lacks = new Set<number>();
    missing.set(peer, lacks);
    node.every(100, () => tell(peer, lacks));
  }
});

node.on("topology", (m) => node.reply(m, "topology_ok"));

node.on("broadcast", (m) => {
  learn([m.body.message as number], m.src);
  node.reply(m, "broadcast_ok");
});

node.on("gossip", (m) => {
  learn(m.body.values as number[], m.src);
  node.reply(m, "gossip_ok");
});

node.on("read", (m) => node.reply(m, "read_ok", { messages: [...seen] }));

node.run();
