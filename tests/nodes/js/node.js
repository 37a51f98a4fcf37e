'use strict';
// A node of docs/protocol.md in plain JavaScript: lines of JSON in, lines of JSON out.

const readline = require('readline');

const handlers = {};
const node = { id: null, ids: [] };

node.on = (type, handler) => { handlers[type] = handler; };

node.send = (dest, body) => {
  process.stdout.write(JSON.stringify({ src: node.id, dest, body }) + '\n');
};

node.reply = (message, body) => {
  node.send(message.src, { ...body, in_reply_to: message.body.msg_id });
};

node.every = (ms, f) => setInterval(() => { if (node.id !== null) f(); }, ms);

node.run = () => {
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const message = JSON.parse(line);
    const body = message.body;
    if (body.type === 'init') {
      node.id = body.node_id;
      node.ids = body.node_ids;
      node.reply(message, { type: 'init_ok' });
    } else if (node.id !== null && handlers[body.type]) {
      handlers[body.type](message, body);
    }
  });
  lines.on('close', () => process.exit(0));
};

module.exports = node;
