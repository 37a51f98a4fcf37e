// kafka.ts - the first node keeps all logs; the others pass on what they are asked.
import { Json } from "./kit/json";
import { Node } from "./kit/node";

type Body = { readonly [key: string]: Json };
type Offsets = Record<string, number>;

const node = new Node();
const logs = new Map<string, Json[]>(); // of each key: its messages; the offset is the place
const committed = new Map<string, number>();

function logOf(key: string): Json[] {
  const log = logs.get(key) ?? [];
  logs.set(key, log);
  return log;
}

const work: Record<string, (body: Body) => Body> = {
  send: (body) => ({ offset: logOf(body.key as string).push(body.msg) - 1 }),

  poll(body) {
    const msgs: Record<string, Json[]> = {};
    for (const [key, first] of Object.entries(body.offsets as Offsets)) {
      msgs[key] = logOf(key).slice(first, first + 20).map((msg, i) => [first + i, msg]);
    }
    return { msgs };
  },

  commit_offsets(body) {
    for (const [key, offset] of Object.entries(body.offsets as Offsets)) {
      committed.set(key, Math.max(committed.get(key) ?? 0, offset));
    }
    return {};
  },

  list_committed_offsets(body) {
    const offsets: Offsets = {};
    for (const key of body.keys as string[]) {
      const offset = committed.get(key);
      if (offset !== undefined) offsets[key] = offset;
    }
    return { offsets };
  },
};

function withoutIds({ type: _type, msg_id: _id, in_reply_to: _to, ...fields }: Body): Body {
  return fields;
}

for (const type of Object.keys(work)) {
  node.on(type, async (m) => {
    if (node.id === node.ids[0]) {
      node.reply(m, type + "_ok", work[type](m.body));
    } else {
      const answer = await node.call(node.ids[0], type, withoutIds(m.body), 1000);
      node.reply(m, type + "_ok", withoutIds(answer.body));
    }
  });
}

node.run();
