// kafka.js - the first node keeps all logs; the others pass on what they are asked.
"use strict";

const { Node } = require("./kit/node.js");

const node = new Node();
const logs = new Map(); // of each key: its messages; the offset is the place
const committed = new Map();

function logOf(key) {
  if (!logs.has(key)) logs.set(key, []);
  return logs.get(key);
}

const work = {
  send({ key, msg }) {
    return { offset: logOf(key).push(msg) - 1 };
  },

  poll({ offsets }) {
    const msgs = {};
    for (const [key, first] of Object.entries(offsets)) {
      msgs[key] = logOf(key).slice(first, first + 20).map((msg, i) => [first + i, msg]);
    }
    return { msgs };
  },

  commit_offsets({ offsets }) {
    for (const [key, offset] of Object.entries(offsets)) committed.set(key, Math.max(committed.get(key) ?? 0, offset));
    return {};
  },

  list_committed_offsets({ keys }) {
    const offsets = {};
    for (const key of keys) if (committed.has(key)) offsets[key] = committed.get(key);
    return { offsets };
  },
};

function withoutIds({ type, msg_id, in_reply_to, ...fields }) {
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
